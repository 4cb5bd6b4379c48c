import type { HardhatEthersSigner } from "@nomicfoundation/hardhat-ethers/types";
import { type ContractTransaction, id as keccak, type Interface, MaxUint256, toQuantity, ZeroAddress } from "ethers";

import type { XeContracts } from "../../src/deployment/contracts.js";
import { revertDataOf } from "../../src/deployment/revert.js";
import { formatCount } from "../../src/format.js";
import { type Asset, XE, XUSD } from "../../src/xe/asset.js";
import type { Address, Hash } from "../../src/xe/block.js";
import { type LeaseTerms, UNIT } from "../../src/xe/lease.js";
import { LEASE_STATES, LedgerModel, LedgerRefusal, type LeaseState, type Sender } from "../../src/xe/ledger.js";
import { readLedgerLog } from "../../src/xe/replay.js";
import { Refusals } from "./government.js";
import { sendFrom } from "./send.js";
import { type Cell, figure, type Figure, type Story } from "./story.js";
import { bornAt, type Connection, type Person } from "./world.js";

const HOUR = 3_600n;
const DAY = 24n * HOUR;
/** Seconds between two transactions that follow each other. */
const BLOCK = 12n;
/** More than any call here takes. */
const GAS = 1_000_000n;
const NOBODY = ZeroAddress as Address;
/** What rates become by vote: twice the source's. */
const DOUBLED = { perVCpu: 40n, perMemoryGB: 20n, perDiskGB: 2n };
const FOR = 1;

/** What Cleo wants to lease; who alone may accept it is named where she minds. */
interface Wish {
  readonly what: string;
  readonly terms: LeaseTerms;
  readonly only?: "ruth";
}

const WISHES = {
  bot: { what: "a bot", terms: { vCpus: 1n, memoryMB: 512n, diskGB: 5n, duration: HOUR } },
  shop: {
    what: "a shop",
    terms: { vCpus: 4n, memoryMB: 8_192n, diskGB: 100n, duration: 30n * DAY },
    only: "ruth",
  },
  training: { what: "a training", terms: { vCpus: 64n, memoryMB: 262_144n, diskGB: 2_000n, duration: 7n * DAY } },
  archive: { what: "an archive", terms: { vCpus: 0n, memoryMB: 0n, diskGB: 500n, duration: 10n * DAY } },
  game: { what: "a game", terms: { vCpus: 8n, memoryMB: 16_385n, diskGB: 50n, duration: 2n * DAY + 1n } },
  whim: { what: "a whim", terms: { vCpus: 2n, memoryMB: 4_096n, diskGB: 10n, duration: DAY } },
} as const satisfies Readonly<Record<string, Wish>>;
type WishName = keyof typeof WISHES;
const WISH_NAMES = Object.keys(WISHES) as WishName[];

/** Everybody of the story. */
interface Cast {
  readonly foundation: Person;
  readonly arbiter: Person;
  readonly cleo: Person;
  readonly pit: Person;
  readonly ruth: Person;
  readonly sam: Person;
  readonly dora: Person;
}

/** The ledger on a chain, and its model beside it. */
class LedgerWorld {
  readonly cast: Cast;
  readonly refusals: Refusals;
  readonly leases = new Map<WishName, Hash>();

  private constructor(
    readonly story: Story,
    readonly xe: XeContracts,
    readonly connection: Connection,
    readonly model: LedgerModel,
    readonly place: { readonly chainId: bigint; readonly ledger: Address },
    /** Seconds, when the ledger came to be. */
    readonly bornAt: bigint,
    signers: readonly HardhatEthersSigner[],
  ) {
    const person = (index: number, name: string): Person => {
      const signer = signers[index];
      if (!signer) throw new Error(`The chain has ${signers.length} accounts, and none for ${name}.`);
      return { name, address: signer.address as Address, signer };
    };
    this.cast = {
      foundation: person(1, "the foundation"),
      arbiter: person(9, "the arbiter"),
      cleo: person(10, "Cleo"),
      pit: person(11, "Pit"),
      ruth: person(12, "Ruth"),
      sam: person(13, "Sam"),
      dora: person(14, "Dora"),
    };
    this.refusals = new Refusals(this);
  }

  static async begin(story: Story, xe: XeContracts, connection: Connection): Promise<LedgerWorld> {
    const ledger = (await xe.ledger.getAddress()) as Address;
    const { chainId } = await connection.ethers.provider.getNetwork();
    const signers = await connection.ethers.getSigners();
    const at = await bornAt(connection, ledger);
    const minted = await xe.ledger.queryFilter(xe.ledger.filters.BlockAdded());
    const [first] = minted;
    if (!first) throw new Error("The ledger has no initial amount.");
    const recipient = first.args.account as Address;
    const faucet = await xe.ledger.faucet();
    const model = new LedgerModel({ chainId, ledger, faucet, at, recipient, amount: first.args.balance });
    return new LedgerWorld(story, xe, connection, model, { chainId, ledger }, at, signers);
  }

  get everybody(): readonly Person[] {
    return Object.values(this.cast) as Person[];
  }

  async now(): Promise<bigint> {
    return BigInt(await this.connection.networkHelpers.time.latest());
  }

  async goTo(at: bigint): Promise<void> {
    if ((await this.now()) < at) await this.connection.networkHelpers.time.increaseTo(at);
  }

  /** Sends a call a block after the last, and lets the model do the same in that second. */
  async do<T>(by: Person, call: Promise<ContractTransaction>, onModel: (sender: Sender) => T): Promise<T> {
    const populated = await call;
    const at = (await this.now()) + BLOCK;
    await this.connection.networkHelpers.time.setNextBlockTimestamp(at);
    await sendFrom(this.connection, by.address, populated, GAS);
    return onModel({ from: by.address, at });
  }

  async refusal(
    from: Person,
    contract: { readonly interface: Interface },
    call: Promise<ContractTransaction>,
  ): Promise<string | undefined> {
    const { to, data } = await call;
    try {
      const tried = { from: from.address, to, data, gas: toQuantity(GAS) };
      await this.connection.ethers.provider.send("eth_call", [tried, "latest"]);
      return undefined;
    } catch (error) {
      return contract.interface.parseError(revertDataOf(error) ?? "0x")?.name ?? "something else";
    }
  }

  /** Somebody tries what contract and model refuse, with the same error. */
  async refuse(
    by: Person,
    what: string,
    call: Promise<ContractTransaction>,
    onModel: (sender: Sender) => unknown,
  ): Promise<void> {
    // A call without effect runs in the second of the latest block.
    const at = await this.now();
    let expected = "nothing";
    try {
      onModel({ from: by.address, at });
    } catch (error) {
      if (!(error instanceof LedgerRefusal)) throw error;
      expected = `DualAssetLedger_${error.error}`;
    }
    await this.refusals.add(by, what, this.xe.ledger, call, expected);
  }

  lease(name: WishName): Hash {
    const id = this.leases.get(name);
    if (!id) throw new Error(`${WISHES[name].what} was not leased.`);
    return id;
  }
}

/** Compute is leased: a faucet, six leases to their different ends, a vote, and every chain rebuilt from logs. */
export async function tellXe(story: Story, xe: XeContracts, connection: Connection): Promise<void> {
  const world = await LedgerWorld.begin(story, xe, connection);
  story.chapter(
    "XE: compute for XUSD",
    "The day of the deployment once more. Cleo leases compute in six sizes from three providers: she pays XUSD, they stake XUSD and earn XE. One lease is",
    "cancelled, three are objected to, and the arbiter upholds, rejects and is silent. Holders of XUSD vote on the rates, and in the end every",
    "account's chain of blocks is rebuilt from logs alone.",
  );
  await fund(world);
  await openLeases(world);
  await tellVotes(world);
  await runLeases(world);
  await tellLeases(world);
  await useFaces(world);
  world.refusals.tell("Who was refused");
  await tellSupply(world);
  await rebuild(world);
}

/** The faucet, and what the foundation sends; Dora carries out what others receive. */
async function fund(world: LedgerWorld): Promise<void> {
  const { ledger } = world.xe;
  const { foundation, cleo, pit, ruth, sam, dora } = world.cast;
  const { model } = world;
  for (const who of [cleo, pit, ruth, sam, dora]) {
    await world.do(who, ledger.claim.populateTransaction(), (sender) => model.claim(sender));
  }
  await world.refuse(cleo, "claim twice a day", ledger.claim.populateTransaction(), (sender) => model.claim(sender));
  const sources: { readonly to: Person; readonly source: Hash }[] = [];
  for (const [to, whole] of [
    [cleo, 3_000n],
    [pit, 400n],
    [ruth, 400n],
    [sam, 400n],
  ] as const) {
    const amount = whole * UNIT;
    const source = await world.do(foundation, ledger.send.populateTransaction(XUSD, to.address, amount), (sender) =>
      model.send(sender, XUSD, to.address, amount),
    );
    sources.push({ to, source });
  }
  const held = figure(await ledger.balanceOf(world.place.ledger, XUSD), model.heldOf(XUSD));
  // Out of order, and by somebody else.
  for (const { to, source } of [...sources].reverse()) {
    await world.do(dora, ledger.receivePending.populateTransaction(to.address, source), (sender) =>
      model.receivePending(sender, to.address, source),
    );
  }
  const [first] = sources;
  if (first) {
    const again = ledger.receivePending.populateTransaction(first.to.address, first.source);
    await world.refuse(dora, "receive for Cleo what she has received", again, (sender) =>
      model.receivePending(sender, first.to.address, first.source),
    );
  }
  const padded = "0x5845000000000020" as Asset;
  await world.refuse(
    cleo,
    'send "XE" with a space behind it',
    ledger.send.populateTransaction(padded, pit.address, 1n),
    (sender) => model.send(sender, padded, pit.address, 1n),
  );
  world.story.table(
    "A hundred XUSD from the faucet for everybody, and what the foundation sent: pending until somebody receives it",
    ["who", "XUSD"],
    [["pending, before anybody received", held], ...(await balances(world, XUSD))],
  );
}

async function balances({ xe, model, everybody }: LedgerWorld, asset: Asset): Promise<Cell[][]> {
  return Promise.all(
    everybody.map(async ({ name, address }): Promise<Cell[]> => [
      name,
      figure(await xe.ledger.balanceOf(address, asset), model.balanceOf(address, asset)),
    ]),
  );
}

/** Six leases, paid for. */
async function openLeases(world: LedgerWorld): Promise<void> {
  const { ledger } = world.xe;
  const { model, cast } = world;
  const { cleo } = cast;
  const rows: Cell[][] = [];
  for (const name of WISH_NAMES) {
    const wish: Wish = WISHES[name];
    const { terms } = wish;
    const [onChain, inModel] = [await ledger.quoteLease(terms), model.quote(terms)];
    const only = wish.only === undefined ? NOBODY : cast[wish.only].address;
    const before = await ledger.balanceOf(cleo.address, XUSD);
    const { id } = await world.do(cleo, ledger.lease.populateTransaction(terms, only, onChain.cost), (sender) =>
      model.lease(sender, terms, only, onChain.cost),
    );
    world.leases.set(name, id);
    const charged = before - (await ledger.balanceOf(cleo.address, XUSD));
    rows.push([
      wish.what,
      formatCount(terms.vCpus),
      formatCount(terms.memoryMB),
      formatCount(terms.diskGB),
      `${formatCount(terms.duration / HOUR)} h${terms.duration % HOUR === 0n ? "" : " 1 s"}`,
      figure(onChain.cost, inModel.cost),
      figure(charged, inModel.cost),
      figure(onChain.stake, inModel.stake),
    ]);
  }
  const extreme = { vCpus: MaxUint256, memoryMB: 1n, diskGB: 1n, duration: HOUR };
  await world.refuse(
    cleo,
    "lease 2^256 − 1 vCPUs",
    ledger.lease.populateTransaction(extreme, NOBODY, MaxUint256),
    (sender) => model.lease(sender, extreme, NOBODY, MaxUint256),
  );
  const cheap = WISHES.shop.terms;
  await world.refuse(
    cleo,
    "lease a shop for less than it costs",
    ledger.lease.populateTransaction(cheap, NOBODY, UNIT),
    (sender) => model.lease(sender, cheap, NOBODY, UNIT),
  );
  world.story.table(
    "Leases: 20 milli-XUSD an hour for a vCPU, 10 for a GB of memory, 1 for a GB of disk; rounded up",
    ["what", "vCPUs", "MB", "GB", "term", "quoted", "charged", "stake"],
    rows,
  );
}

/** Accepts, objects, rules and settles, over a month. */
async function runLeases(world: LedgerWorld): Promise<void> {
  const { ledger } = world.xe;
  const { model, cast } = world;
  const { arbiter, cleo, pit, ruth, sam, dora } = cast;
  const id = (name: WishName): Hash => world.lease(name);
  const accept = (by: Person, name: WishName) =>
    world.do(by, ledger.acceptLease.populateTransaction(id(name)), (sender) => model.acceptLease(sender, id(name)));
  const object = (name: WishName) =>
    world.do(cleo, ledger.objectToLease.populateTransaction(id(name)), (sender) =>
      model.objectToLease(sender, id(name)),
    );
  const rule = (name: WishName, upheld: boolean) =>
    world.do(arbiter, ledger.rule.populateTransaction(id(name), upheld), (sender) =>
      model.rule(sender, id(name), upheld),
    );
  const settle = (by: Person, name: WishName) =>
    world.do(by, ledger.settleLease.populateTransaction(id(name)), (sender) => model.settleLease(sender, id(name)));
  const refuseSettling = (by: Person, what: string, name: WishName) =>
    world.refuse(by, what, ledger.settleLease.populateTransaction(id(name)), (sender) =>
      model.settleLease(sender, id(name)),
    );

  await world.refuse(
    pit,
    "accept what is open to Ruth alone",
    ledger.acceptLease.populateTransaction(id("shop")),
    (sender) => model.acceptLease(sender, id("shop")),
  );
  const { endsAt: botEnds } = await accept(pit, "bot");
  await accept(ruth, "shop");
  await accept(sam, "training");
  const { endsAt: archiveEnds } = await accept(pit, "archive");
  await accept(ruth, "game");
  const began = await world.now();
  await world.refuse(sam, "accept what was accepted", ledger.acceptLease.populateTransaction(id("bot")), (sender) =>
    model.acceptLease(sender, id("bot")),
  );
  await world.refuse(cleo, "cancel what was accepted", ledger.cancelLease.populateTransaction(id("bot")), (sender) =>
    model.cancelLease(sender, id("bot")),
  );
  await world.do(cleo, ledger.cancelLease.populateTransaction(id("whim")), (sender) =>
    model.cancelLease(sender, id("whim")),
  );

  await world.goTo(botEnds - 1n);
  await refuseSettling(pit, "settle one second early", "bot");
  await world.goTo(botEnds);
  await world.refuse(
    cleo,
    "object when the term is over",
    ledger.objectToLease.populateTransaction(id("bot")),
    (sender) => model.objectToLease(sender, id("bot")),
  );
  await settle(dora, "bot");
  await refuseSettling(pit, "settle twice", "bot");

  await world.goTo(began + DAY);
  await object("training");
  await object("shop");
  const ruling = ledger.rule.populateTransaction(id("shop"), true);
  await world.refusals.add(dora, "rule in place of the arbiter", ledger, ruling, "AccessManagedUnauthorized");
  await world.goTo(began + 2n * DAY);
  await rule("training", true);
  await rule("shop", false);
  await refuseSettling(sam, "settle what an objection ended", "training");
  await world.goTo(began + 3n * DAY);
  await settle(ruth, "game");
  await world.goTo(began + 9n * DAY);
  const { rulingEndsAt } = await object("archive");
  await world.goTo(archiveEnds);
  await refuseSettling(pit, "settle while the arbiter can rule", "archive");
  await world.goTo(rulingEndsAt);
  await world.refuse(
    arbiter,
    "rule after seven days",
    ledger.rule.populateTransaction(id("archive"), true),
    (sender) => {
      model.rule(sender, id("archive"), true);
    },
  );
  await settle(pit, "archive");
  await world.goTo(began + 30n * DAY + BLOCK);
  await settle(ruth, "shop");
}

async function tellLeases(world: LedgerWorld): Promise<void> {
  const { xe, model, everybody } = world;
  const nameOf = (address: string): string => everybody.find((one) => one.address === address)?.name ?? "nobody";
  const ends: Readonly<Record<LeaseState, string>> = {
    none: "none",
    open: "open",
    running: "running",
    objected: "objected to",
    settled: "settled",
    cancelled: "cancelled",
    upheld: "ended by the arbiter",
  };
  const rows = await Promise.all(
    WISH_NAMES.map(async (name): Promise<Cell[]> => {
      const id = world.lease(name);
      const lease = await xe.ledger.leaseOf(id);
      const beside = model.leases.get(id);
      const state = BigInt(LEASE_STATES.indexOf(beside?.state ?? "none"));
      const earned = (of: LeaseState | undefined, cost: bigint): bigint => (of === "settled" ? cost * UNIT : 0n);
      return [
        WISHES[name].what,
        nameOf(lease.provider),
        ends[LEASE_STATES[Number(lease.state)] ?? "none"],
        figure(lease.state, state, "count"),
        figure(lease.cost * UNIT, (beside?.cost ?? 0n) * UNIT),
        figure(earned(LEASE_STATES[Number(lease.state)], lease.cost), earned(beside?.state, beside?.cost ?? 0n)),
        moment(world, lease.since, beside?.since ?? 0n),
      ];
    }),
  );
  world.story.table(
    "How the leases ended: Cleo's objection to the training was upheld, that to the shop rejected, and of the archive nobody said anything",
    ["what", "provider", "", "state", "cost in XUSD", "earned in XE", "since"],
    rows,
  );
  world.story.table("XUSD a month later", ["who", "XUSD"], await balances(world, XUSD));
  world.story.table("and XE, which only settled leases bring", ["who", "XE"], await balances(world, XE));
}

function moment({ bornAt: birth }: LedgerWorld, chain: bigint, model: bigint): Figure {
  const since = (time: bigint): bigint => (time === 0n ? 0n : time - birth);
  return figure(since(chain), since(model), "moment");
}

/** Votes are delegated, and double the rates before anything is accepted. */
async function tellVotes(world: LedgerWorld): Promise<void> {
  const { ledger, governor } = world.xe;
  const { model, cast, story } = world;
  const { foundation, cleo, pit, ruth, sam, dora } = cast;
  for (const [who, to] of [
    [foundation, foundation],
    [pit, ruth],
    [ruth, ruth],
    [sam, ruth],
    [cleo, cleo],
  ] as const) {
    await world.do(who, ledger.delegate.populateTransaction(to.address), (sender) =>
      model.delegate(sender, to.address),
    );
  }
  const votes = await Promise.all(
    world.everybody.map(async ({ name, address }): Promise<Cell[]> => [
      name,
      figure(await ledger.getVotes(address), model.votesOf(address)),
    ]),
  );
  story.table(
    "Votes: the XUSD of whoever delegates to an account; the providers all trust Ruth, and Dora never delegated",
    ["who", "votes in XUSD"],
    votes,
  );
  const target = await ledger.getAddress();
  const call = await ledger.setRates.populateTransaction(DOUBLED);
  const text = "Rates twice as high";
  const hash = keccak(text);
  const calls: [string[], bigint[], string[]] = [[target], [0n], [call.data]];
  const nothing = (): void => undefined;
  await world.do(foundation, governor.propose.populateTransaction(...calls, text), nothing);
  const number = await governor.hashProposal(...calls, hash);
  const snapshot = await governor.proposalSnapshot(number);
  await world.goTo(snapshot + 1n);
  for (const who of [foundation, ruth, cleo]) {
    await world.do(who, governor.castVote.populateTransaction(number, FOR), nothing);
  }
  const [, inFavour] = await governor.proposalVotes(number);
  const counted = [foundation, ruth, cleo].reduce((sum, { address }) => sum + model.pastVotesOf(address, snapshot), 0n);
  const supply = model.pastSupply(snapshot);
  const floor = await governor.minQuorum();
  const part = (supply * 4n + 99n) / 100n;
  const decided: Cell[][] = [
    ["votes for twice the rates", figure(inFavour, counted)],
    ["quorum: 4 % of all XUSD", figure(await governor.quorum(snapshot), part > floor ? part : floor)],
  ];
  await world.goTo((await governor.proposalDeadline(number)) + 1n);
  await world.do(dora, governor.queue.populateTransaction(...calls, hash), nothing);
  await world.goTo(await governor.proposalEta(number));
  await world.do(dora, governor.execute.populateTransaction(...calls, hash), () => {
    model.setRates(DOUBLED);
  });
  const { cost } = await ledger.quoteLease(WISHES.shop.terms);
  decided.push(["a shop costs from now on", figure(cost, model.quote(WISHES.shop.terms).cost)]);
  const paid = (await ledger.leaseOf(world.lease("shop"))).cost * UNIT;
  decided.push([
    "and cost Cleo, who leased before",
    figure(paid, (model.leases.get(world.lease("shop"))?.cost ?? 0n) * UNIT),
  ]);
  story.table("Holders of XUSD double the rates; what was leased before costs what it cost", ["what", "XUSD"], decided);
}

/** What wallets see: a transfer is a send and its receive in one step. */
async function useFaces(world: LedgerWorld): Promise<void> {
  const { ledger, xe } = world.xe;
  const { model } = world;
  const { ruth, dora } = world.cast;
  const blocks = (who: Person): bigint => BigInt(model.chainOf(who.address).length);
  const logged = async (who: Person): Promise<bigint> =>
    BigInt((await ledger.queryFilter(ledger.filters.BlockAdded(who.address))).length);
  await world.do(ruth, xe.transfer.populateTransaction(dora.address, 5n * UNIT), (sender) => {
    model.transfer(sender, XE, ruth.address, dora.address, 5n * UNIT);
  });
  world.story.table(
    "Ruth sends Dora 5 XE with any wallet: two blocks in one transfer",
    ["who", "XE as the wallet shows it", "blocks"],
    await Promise.all(
      [ruth, dora].map(async (who): Promise<Cell[]> => [
        who.name,
        figure(await xe.balanceOf(who.address), model.balanceOf(who.address, XE)),
        figure(await logged(who), blocks(who), "count"),
      ]),
    ),
  );
}

async function tellSupply({ xe: { ledger }, model, story, place }: LedgerWorld): Promise<void> {
  story.table(
    "What there is: XE is minted as XUSD is burned, but for the stake that was lost and the lease that brought nothing",
    ["what", "tokens"],
    [
      ["XUSD ever minted", figure(await ledger.xusdMinted(), model.minted)],
      ["XUSD burned", figure((await ledger.xusdMinted()) - (await ledger.totalSupply(XUSD)), model.burned)],
      ["XUSD in existence", figure(await ledger.totalSupply(XUSD), model.supplyOf(XUSD))],
      ["XE in existence", figure(await ledger.totalSupply(XE), model.emitted)],
      ["pending or in escrow", figure(await ledger.balanceOf(place.ledger, XUSD), model.heldOf(XUSD))],
    ],
  );
}

/** Rebuilds every chain from logs alone. */
async function rebuild(world: LedgerWorld): Promise<void> {
  const { xe, connection, place, model, story, everybody } = world;
  const { provider } = connection.ethers;
  const log = await readLedgerLog(provider, place.ledger, { from: 0, to: await provider.getBlockNumber() });
  const rows: Cell[][] = [];
  for (const { name, address } of everybody.filter((one) => model.chainOf(one.address).length > 0)) {
    const chain = log.replay(place, address);
    const ends = chain.misfit === undefined && chain.head === (await xe.ledger.headOf(address));
    rows.push([
      name,
      figure(BigInt(chain.blocks.length), BigInt(model.chainOf(address).length), "count"),
      figure(await xe.ledger.balanceOf(address, XUSD), chain.xusd),
      figure(await xe.ledger.balanceOf(address, XE), chain.xe),
      figure(ends ? 1n : 0n, 1n, "count"),
    ]);
  }
  story.table(
    "Every chain rebuilt from logs alone, each hash and balance computed anew",
    ["whose", "blocks", "XUSD, beside the logs'", "XE, beside the logs'", "ends at the head"],
    rows,
  );
}
