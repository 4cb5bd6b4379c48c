import type { HardhatEthers, HardhatEthersSigner } from "@nomicfoundation/hardhat-ethers/types";
import type { NetworkHelpers } from "@nomicfoundation/hardhat-network-helpers/types";

import { Contract } from "ethers";

import type { XmeContracts } from "../../src/deployment/contracts.js";
import type { XmeParameters } from "../../src/deployment/parameters.js";
import { formatAmount, formatCount } from "../../src/format.js";
import { EMISSION_DURATION, EmissionModel, emissionLine } from "../../src/xme/emission.js";
import {
  allocationOf,
  ALLOCATIONS,
  openingPool,
  VESTING_SCHEDULES,
  vestedAmount,
  YEAR,
  type AllocationRecipient,
} from "../../src/xme/genesis.js";
import { SaleModel } from "../../src/xme/sale.js";
import type { AirdropRow } from "../../src/xme/airdrop.js";
import type { Airdrop } from "./airdrop.js";
import { figure, type Cell, type Story } from "./story.js";

type Address = `0x${string}`;

interface Connection {
  ethers: HardhatEthers;
  networkHelpers: NetworkHelpers<string>;
}

const MONTH = YEAR / 12n;
const ONE = 10n ** 18n;
const SHARE_NAMES: Record<AllocationRecipient, string> = {
  treasury: "treasury (timelock)",
  publicSale: "public sale",
  airdrop: "airdrop",
  teamVesting: "team and advisers, vesting",
  privateSaleVesting: "private sale, vesting",
  liquiditySeeder: "Uniswap V3 pool",
  emissionVault: "emission vault",
};
/** Spares the many equal calls an estimate each. */
const ENOUGH = { gasLimit: 300_000n };
/** Rows of the airdrop that nobody claims, so that there is something to sweep. */
const UNCLAIMED = 25;
/** Index of the first of the accounts that buy XME in the sale to govern with it, and how many they are. */
const CITIZENS = { first: 60, count: 15 };
/** States of a proposal as OpenZeppelin's Governor counts them. */
const STATE = { pending: 0n, active: 1n, succeeded: 4n, queued: 5n, executed: 7n } as const;
/** The governor's delay before the vote and its length, in seconds; and what a quorum takes. */
const VOTING_DELAY = 86_400n;
const VOTING_PERIOD = 7n * 86_400n;
const QUORUM = 10_000_000n * ONE;

/** X.me: genesis, pool, sale, airdrop, vesting and emission, in the order of the calendar. */
export async function tellXme(
  story: Story,
  xme: XmeContracts,
  parameters: XmeParameters,
  airdrop: Airdrop,
  connection: Connection,
): Promise<void> {
  await tellGenesis(story, xme, parameters);
  await tellSale(story, xme, parameters, connection);
  const government = await tellGovernment(story, xme, parameters, connection);
  await tellAirdrop(story, xme, parameters, airdrop, connection);
  await tellVestingAndEmission(story, xme, parameters, connection, government);
}

async function tellGenesis(story: Story, xme: XmeContracts, parameters: XmeParameters): Promise<void> {
  story.chapter(
    "X.me: genesis",
    "One call hands out every XME and XMEX there will ever be, by a table that is part of the code,",
    "and opens the Uniswap V3 pool before anybody else holds a token.",
  );
  const [addressOfXme, addressOfXmex, treasury] = await Promise.all([
    xme.xme.getAddress(),
    xme.xmex.getAddress(),
    xme.timelock.getAddress(),
  ]);
  const opening = openingPool({
    xme: addressOfXme as Address,
    xmex: addressOfXmex as Address,
    priceWad: parameters.pool.openingPriceWad,
    fee: parameters.pool.fee,
    xmeAmount: allocationOf("XME", "liquiditySeeder"),
    xmexAmount: allocationOf("XMEX", "liquiditySeeder"),
  });
  const holders: Record<AllocationRecipient, { address: string; rest: { XME: bigint; XMEX: bigint } }> = {
    treasury: { address: treasury, rest: { XME: opening.xmeLeft, XMEX: opening.xmexLeft } },
    publicSale: { address: await xme.publicSale.getAddress(), rest: { XME: 0n, XMEX: 0n } },
    airdrop: { address: await xme.airdrop.getAddress(), rest: { XME: 0n, XMEX: 0n } },
    teamVesting: { address: await xme.teamVesting.getAddress(), rest: { XME: 0n, XMEX: 0n } },
    privateSaleVesting: { address: await xme.privateSaleVesting.getAddress(), rest: { XME: 0n, XMEX: 0n } },
    emissionVault: { address: await xme.emissionVault.getAddress(), rest: { XME: 0n, XMEX: 0n } },
    // The seeder keeps nothing: what it got is in the pool, its rest with the treasury.
    liquiditySeeder: {
      address: await xme.pool.getAddress(),
      rest: { XME: -opening.xmeLeft, XMEX: -opening.xmexLeft },
    },
  };
  const rows = await Promise.all(
    ALLOCATIONS.map(async ({ token, recipient, percent, amount }): Promise<Cell[]> => {
      const { address, rest } = holders[recipient];
      const contract = token === "XME" ? xme.xme : xme.xmex;
      return [
        token,
        SHARE_NAMES[recipient],
        `${percent} %`,
        figure(await contract.balanceOf(address), amount + rest[token]),
      ];
    }),
  );
  story.table(
    "Who holds what after genesis (the pool's rest has gone to the treasury)",
    ["token", "for", "share", "holds"],
    rows,
  );

  const { sqrtPriceX96, tick } = await xme.pool.slot0();
  story.table(
    `The pool opens at ${formatAmount(parameters.pool.openingPriceWad)} XMEX for 1 XME, full range, owned by the timelock`,
    ["what", "value"],
    [
      ["√price × 2^96", figure(sqrtPriceX96, opening.sqrtPriceX96, "count")],
      ["tick", figure(tick, opening.tick, "count")],
      ["liquidity", figure(await liquidityOf(xme), opening.liquidity, "count")],
    ],
  );
}

/** Our interface of the pool has only what our contracts call; the story reads one thing more. */
async function liquidityOf({ pool }: XmeContracts): Promise<bigint> {
  const whole = new Contract(await pool.getAddress(), ["function liquidity() view returns (uint128)"], pool.runner);
  return whole.getFunction("liquidity").staticCall() as Promise<bigint>;
}

async function tellSale(
  story: Story,
  xme: XmeContracts,
  { sale }: XmeParameters,
  { ethers, networkHelpers }: Connection,
): Promise<void> {
  story.chapter(
    "X.me: the public sale",
    `XME at ${formatAmount(sale.price, 18, 6)} ETH, at most ${formatAmount(sale.walletCap, 18, 0)} XME for a wallet, until it is sold out or over.`,
  );
  const contract = xme.publicSale;
  const model = new SaleModel(
    { price: sale.price, walletCap: sale.walletCap, start: sale.opens, end: sale.closes },
    allocationOf("XME", "publicSale"),
  );
  const signers = await ethers.getSigners();
  const now = async (): Promise<bigint> => BigInt(await networkHelpers.time.latest());

  const rows: Cell[][] = [];
  async function buy(name: string, buyer: HardhatEthersSigner, beneficiary: string, wanted: bigint): Promise<void> {
    const value = (wanted * sale.price) / ONE;
    const quoted = model.quote(beneficiary, wanted, await now());
    if (typeof quoted === "string") {
      const refused = await contract
        .connect(buyer)
        .buy.staticCall(beneficiary, wanted, 1n, { value })
        .then(
          () => undefined,
          (error: unknown) => String(error),
        );
      rows.push([
        name,
        formatAmount(wanted, 18, 0),
        `refused: ${quoted}`,
        figure(refused?.includes(quoted) ? 0n : 1n, 0n),
        figure(0n, 0n, "ether"),
      ]);
      return;
    }
    const limit = model.room(beneficiary) <= model.remaining ? "the cap" : "the last XME";
    const before = await xme.xme.balanceOf(beneficiary);
    const receipt = await (await contract.connect(buyer).buy(beneficiary, wanted, 1n, { value })).wait();
    const fill = model.buy(beneficiary, wanted, 1n, value, await now());
    if (typeof fill === "string" || receipt === null)
      throw new Error(`The model refuses what the chain took: ${String(fill)}.`);
    const log = receipt.logs
      .map((entry) => contract.interface.parseLog(entry))
      .find((entry) => entry?.name === "Bought");
    rows.push([
      name,
      formatAmount(wanted, 18, 0),
      fill.xmeOut < wanted ? `in part: ${limit}` : "bought",
      figure((await xme.xme.balanceOf(beneficiary)) - before, fill.xmeOut),
      figure((log?.args.cost as bigint | undefined) ?? 0n, fill.cost, "ether"),
    ]);
  }

  const [first, second] = [signers[20], signers[21]];
  if (first === undefined || second === undefined) throw new Error("The sale needs more accounts.");
  await buy("Ada", first, first.address, 1_234n * ONE);
  await buy("Ada again, up to her cap", first, first.address, sale.walletCap - 1_234n * ONE);
  await buy("Ada once more", first, first.address, ONE);
  await buy("Ben wants twice his cap, gets it once", second, second.address, 2n * sale.walletCap);

  // A crowd buys up to the cap until less than a cap is left.
  const crowd = signers.slice(20);
  let buyers = 0;
  while (model.remaining > sale.walletCap) {
    const payer = crowd[buyers % crowd.length];
    const citizen = buyers < CITIZENS.count ? signers[CITIZENS.first + buyers] : undefined;
    const wallet = citizen?.address ?? ethers.Wallet.createRandom().address;
    if (payer === undefined) throw new Error("The crowd is empty.");
    const value = (sale.walletCap * sale.price) / ONE;
    await contract.connect(payer).buy(wallet, sale.walletCap, sale.walletCap, { value, ...ENOUGH });
    const fill = model.buy(wallet, sale.walletCap, sale.walletCap, value, await now());
    if (typeof fill === "string") throw new Error(`The model refuses what the chain took: ${fill}.`);
    buyers += 1;
  }
  await buy("Eli, a small lot", crowd[4] ?? first, (crowd[4] ?? first).address, model.remaining - 5n * ONE);
  await buy("Cleo wants 100, gets the last 5", crowd[2] ?? first, (crowd[2] ?? first).address, 100n * ONE);
  await buy("Dan, too late", crowd[3] ?? first, (crowd[3] ?? first).address, ONE);
  story.table(
    `Purchases (between the fourth and the last three, ${formatCount(buyers)} wallets buy up to their cap)`,
    ["who", "wants", "gets", "XME", "ETH paid"],
    rows,
  );

  const treasury = await xme.timelock.getAddress();
  const before = await ethers.provider.getBalance(treasury);
  await contract.connect(first).withdrawProceeds();
  story.table(
    "The sale at its end",
    ["what", "value"],
    [
      ["XME sold", figure(await contract.totalSold(), model.sold)],
      ["XME left", figure(await contract.remaining(), model.remaining)],
      ["ETH paid out to the treasury", figure((await ethers.provider.getBalance(treasury)) - before, model.raised)],
    ],
  );
}

interface Government {
  /** Has the citizens decide calls on the vault, and carries them out. */
  decide(what: string, calls: readonly string[]): Promise<void>;
  /** The emission as the model has it, with what vXME drew. */
  readonly emission: EmissionModel;
}

/** Citizens stake what they bought, and decide: who else tries the same is refused. */
async function tellGovernment(
  story: Story,
  { xme, xmex, votes, governor, timelock, emissionVault: vault }: XmeContracts,
  { emission, governance, timelock: { delay } }: XmeParameters,
  { ethers, networkHelpers }: Connection,
): Promise<Government> {
  story.chapter(
    "X.me: government",
    `${CITIZENS.count} of those who bought in the sale stake their XME for votes. A proposal waits a day, is voted on for seven, queued,`,
    "and carried out after the timelock's delay; nobody else, the deployer and the guardian included, can do what a proposal does.",
  );
  const signers = await ethers.getSigners();
  const citizens = signers.slice(CITIZENS.first, CITIZENS.first + CITIZENS.count);
  const [deployer] = signers;
  const [speaker] = citizens;
  const guardian = await ethers.getSigner(governance.guardian);
  const stranger = signers[19];
  if (!deployer || !speaker || !stranger) throw new Error("Governance needs more accounts.");
  const now = async (): Promise<bigint> => BigInt(await networkHelpers.time.latest());
  const vaultAddress = await vault.getAddress();
  const model = new EmissionModel(emission.start, emission.sharesBps);

  const stakes: Cell[][] = [];
  let staked = 0n;
  let drawnByVotes = 0n;
  for (const citizen of citizens) {
    const balance = await xme.connect(citizen).balanceOf(citizen.address);
    await xme.connect(citizen).approve(votes, balance);
    const receipt = await (await votes.connect(citizen).stake(balance)).wait();
    staked += balance;
    for (const log of receipt?.logs ?? []) {
      const event = votes.interface.parseLog(log);
      if (event?.name !== "EmissionDrawn") continue;
      const at = await now();
      const available = model.available(3, at);
      drawnByVotes += event.args[0] as bigint;
      stakes.push(["XMEX that vXME drew from stream 3", figure(event.args[0] as bigint, available)]);
      model.draw(3, at, available);
    }
  }
  stakes.push(["vXME in all", figure(await votes.totalSupply(), staked)]);
  stakes.push([
    "votes of the first citizen",
    figure(await votes.getVotes(speaker.address), staked / BigInt(CITIZENS.count)),
  ]);
  stakes.push(["XMEX at vXME, to stream next month", figure(await xmex.balanceOf(votes), drawnByVotes)]);
  story.table("Citizens stake", ["what", "tokens"], stakes);

  const steps: Cell[][] = [];
  async function decide(what: string, calls: readonly string[]): Promise<void> {
    const targets = calls.map(() => vaultAddress);
    const values = calls.map(() => 0n);
    const description = `${what} (${String(await now())})`;
    const digest = ethers.id(description);
    const id = await governor.hashProposal(targets, values, [...calls], digest);
    const step = async (title: string, state: bigint): Promise<void> => {
      const { forVotes } = await governor.proposalVotes(id);
      const counted = state === STATE.pending ? 0n : staked;
      steps.push([what, title, figure(await governor.state(id), state, "count"), figure(forVotes, counted)]);
    };
    await networkHelpers.time.increase(1n);
    await governor.connect(speaker).propose(targets, values, [...calls], description);
    await step("proposed", STATE.pending);
    await networkHelpers.time.increase(VOTING_DELAY);
    for (const citizen of citizens) await governor.connect(citizen).castVote(id, 1n);
    await step("voted on", STATE.active);
    await networkHelpers.time.increase(VOTING_PERIOD);
    await step("decided", STATE.succeeded);
    await governor.connect(stranger).queue(targets, values, [...calls], digest);
    await step("queued", STATE.queued);
    await networkHelpers.time.increase(delay);
    await governor.connect(stranger).execute(targets, values, [...calls], digest);
    await step("carried out", STATE.executed);
  }

  const drawer = signers[9];
  if (!drawer) throw new Error("Governance needs more accounts.");
  const call = vault.interface.encodeFunctionData("setDrawer", [0n, drawer.address]);
  await decide("stream 0 gets a drawer", [call]);
  story.table(
    "A proposal's way (states: 0 pending, 1 active, 4 succeeded, 5 queued, 7 executed)",
    ["proposal", "step", "state", "votes for it"],
    steps,
  );
  story.table(
    "What it takes",
    ["what", "value"],
    [
      ["quorum", figure(await governor.quorum((await now()) - 1n), QUORUM)],
      [
        "drawer of stream 0 is the one decided",
        figure((await vault.drawerOf(0n)) === drawer.address ? 1n : 0n, 1n, "count"),
      ],
    ],
  );

  const refused = async (attempt: Promise<unknown>, error: string): Promise<Cell> =>
    figure(
      await attempt.then(
        () => 0n,
        (reason: unknown) => (String(reason).includes(error) ? 1n : 0n),
      ),
      1n,
      "count",
    );
  const attempts: Cell[][] = [];
  for (const [who, signer] of [
    ["the deployer", deployer],
    ["the guardian", guardian],
    ["a great holder", speaker],
    ["a stranger", stranger],
  ] as const) {
    const empty = [ethers.ZeroHash, ethers.ZeroHash] as const;
    attempts.push([
      who,
      await refused(vault.connect(signer).setDrawer.staticCall(0n, signer.address), "AccessManagedUnauthorized"),
      await refused(
        timelock.connect(signer).schedule.staticCall(vaultAddress, 0n, call, ...empty, delay),
        "AccessControlUnauthorizedAccount",
      ),
      await refused(
        timelock.connect(signer).execute.staticCall(vaultAddress, 0n, call, ...empty),
        "AccessControlUnauthorizedAccount",
      ),
    ]);
  }
  story.table(
    "The same by anybody else is refused",
    ["who", "at the vault", "scheduling at the timelock", "executing there"],
    attempts,
  );
  return { decide, emission: model };
}

async function tellAirdrop(
  story: Story,
  xme: XmeContracts,
  parameters: XmeParameters,
  { root, proofs }: Airdrop,
  { ethers, networkHelpers }: Connection,
): Promise<void> {
  story.chapter(
    "X.me: the airdrop",
    `A list of ${formatCount(proofs.length)} addresses became a Merkle root; each account is paid once, with a proof that the tools look up.`,
    `All but the last ${UNCLAIMED} are claimed; what is left at the deadline goes to the treasury.`,
  );
  const [anybody] = await ethers.getSigners();
  if (anybody === undefined) throw new Error("The airdrop needs an account that sends the claims.");
  const contract = xme.airdrop.connect(anybody);
  const claimed = proofs.slice(0, proofs.length - UNCLAIMED);
  // Some of the list's accounts bought in the sale or vest, so what counts is by how much each balance grew.
  const holdings = (): Promise<bigint[]> => Promise.all(claimed.map(({ account }) => xme.xme.balanceOf(account)));
  const held = await holdings();
  let gas = 0n;
  for (const { index, account, amount, proof } of claimed) {
    const receipt = await (await contract.claim(index, account, amount, proof, ENOUGH)).wait();
    gas += receipt?.gasUsed ?? 0n;
  }
  const paid = (await holdings()).map((balance, i) => balance - (held[i] ?? 0n));
  const wrong = claimed.filter(({ amount }, i) => paid[i] !== amount).length;
  const sum = (rows: readonly AirdropRow[]): bigint => rows.reduce((total, { amount }) => total + amount, 0n);
  const allocation = allocationOf("XME", "airdrop");
  const again = await contract.isClaimed(claimed[0]?.index ?? 0n);

  await networkHelpers.time.increaseTo(parameters.airdrop.deadline);
  const treasury = await xme.timelock.getAddress();
  const before = await xme.xme.balanceOf(treasury);
  await contract.sweepUnclaimed();
  const swept = (await xme.xme.balanceOf(treasury)) - before;
  story.table(
    "The airdrop",
    ["what", "XME"],
    [
      [
        "claimed",
        figure(
          paid.reduce((total, amount) => total + amount, 0n),
          sum(claimed),
        ),
      ],
      ["swept to the treasury at the deadline", figure(swept, allocation - sum(claimed))],
      ["left in the contract", figure(await xme.xme.balanceOf(await contract.getAddress()), 0n)],
    ],
  );
  story.table(
    "and its accounts",
    ["what", "count"],
    [
      ["accounts that got what the list says", figure(BigInt(claimed.length - wrong), BigInt(claimed.length), "count")],
      ["root in the contract is the list's", figure(root === (await contract.merkleRoot()) ? 1n : 0n, 1n, "count")],
      ["first row marked as claimed", figure(again ? 1n : 0n, 1n, "count")],
    ],
  );
  story.note(`A claim took ${formatCount(gas / BigInt(claimed.length))} gas on average.`);
}

async function tellVestingAndEmission(
  story: Story,
  xme: XmeContracts,
  { emission }: XmeParameters,
  { ethers, networkHelpers }: Connection,
  { decide, emission: model }: Government,
): Promise<void> {
  story.chapter(
    "X.me: vesting and emission",
    "Team and advisers: nothing for a year, all after four. Private sale: nothing for half a year, all after two.",
    "XMEX incentives unlock evenly over eight years; holders of vXME decide which module draws from which stream, and how much of it is whose.",
  );
  const { emissionVault: vault, genesis } = xme;
  const start = await genesis.genesisTime();
  const signers = await ethers.getSigners();
  const drawer = signers[9];
  if (drawer === undefined) throw new Error("The emission needs more accounts.");
  const anybody = drawer;
  const vaultAddress = await vault.getAddress();
  const now = async (): Promise<bigint> => BigInt(await networkHelpers.time.latest());

  const vesting: Cell[][] = [];
  const emitted: Cell[][] = [];

  async function release(month: bigint): Promise<void> {
    for (const wallet of ["teamVesting", "privateSaleVesting"] as const) {
      const contract = xme[wallet];
      const token = await xme.xme.getAddress();
      await contract.connect(anybody)["release(address)"](token);
      const vested = vestedAmount(VESTING_SCHEDULES[wallet], allocationOf("XME", wallet), (await now()) - start);
      vesting.push([SHARE_NAMES[wallet], `${month}`, figure(await contract["released(address)"](token), vested)]);
    }
  }

  async function emit(label: string): Promise<void> {
    const at = await now();
    emitted.push([
      label,
      formatAmount(emissionLine(at - emission.start), 18, 0),
      figure(await vault.unlocked(), model.unlocked(at)),
      figure(await vault.available(0n), model.available(0, at)),
      figure(await vault.available(1n), model.available(1, at)),
      figure(
        await xme.xmex.balanceOf(vaultAddress),
        allocationOf("XMEX", "emissionVault") - model.netDrawn(0) - model.netDrawn(1) - model.netDrawn(3),
      ),
    ]);
  }

  const stream = vault.connect(drawer);
  async function draw(to: string): Promise<void> {
    const amount = (await vault.available(0n)) / 2n;
    await stream.draw(0n, to, amount);
    model.draw(0, await now(), amount);
  }

  for (const month of [6n, 12n, 18n, 24n, 48n]) {
    const at = start + month * MONTH;
    if ((await now()) < at - 1n) await networkHelpers.time.increaseTo(at - 1n);
    await release(month);
    await emit(`month ${month}`);
    await draw(drawer.address);
    if (month === 12n) {
      // Stream 1 gets 40 % of what unlocks from now on, at the cost of stream 0; what the first accrued stays its own.
      const shares = [3_000n, 4_000n, 2_000n, 1_000n, 0n, 0n, 0n, 0n];
      const encoded = vault.interface.encodeFunctionData("setShares", [
        shares as [bigint, bigint, bigint, bigint, bigint, bigint, bigint, bigint],
      ]);
      await decide("stream 1 gets 40 % in place of 10 %", [encoded]);
      model.setShares(await now(), shares);
    }
  }
  await networkHelpers.time.increaseTo(emission.start + EMISSION_DURATION);
  await emit("year 8");
  await networkHelpers.time.increase(365n * 86_400n);
  await emit("year 9");
  story.table("Vesting: what the beneficiary has been paid", ["wallet", "month", "XME"], vesting);
  story.table(
    "Emission: unlocked against its line; stream 0 draws half of what it has each time, stream 1 waits and gets 40 % from month 12 on",
    ["when", "line", "unlocked", "stream 0 has", "stream 1 has", "XMEX in the vault"],
    emitted,
  );
}
