import { expect } from "chai";
import { type Log, MaxUint256, parseEther, ZeroAddress } from "ethers";

import type { Address, Hash } from "../../../src/deployment/folder.js";
import { encodeAsset } from "../../../src/xe/asset.js";
import { checkChain, type CheckedChain, describeChain, verdict } from "../../../tasks/xe/chain.js";
import * as xe from "../../../tasks/xe/flows.js";
import { xeTasks } from "../../../tasks/xe/index.js";
import {
  describeLeases,
  describeLedger,
  describeVotes,
  listLeases,
  readLedger,
  readVotes,
} from "../../../tasks/xe/views.js";
import { LEDGER_WORDS } from "../../../tasks/xe/words.js";
import { type Session, sessionOf } from "../../../tasks/support/session.js";
import { act, deployed, expectAnnouncedFirst, type Recorded, recorded, refusal } from "../../support/tasks.js";
import { rpc } from "../../support/anvil.js";
import { expectWordsForAll } from "../../support/words.js";

/** Accounts that `ignition/parameters/default.json` names. */
const ARBITER = "9";
const RECIPIENT = "1";

/** Thrown at construction, only by other callers than users, or to governance. */
const NOT_OF_USERS =
  /HasNoCode|NotAFace|ERC20|SafeCast|Checkpoint|ECDSA|InvalidShortString|StringTooLong|InvalidAccountNonce|ERC5805|ERC6372|FailedCall|AddressEmptyCode|AccessManagedInvalid|AccessManagedRequired|Failed|NameTooLong/;
const NOT_TOLD = /AuthorityUpdated|EIP712DomainChanged/;

const TERMS = { vcpus: "4", memory: "8192", disk: "100", duration: "3d", provider: "", maxCost: "" };

describe("hardhat xe", () => {
  const local = deployed("xe", 5);
  let rich: Session;
  let arbiter: Session;

  before(async () => {
    const { connection, deployment, session, other } = local();
    rich = await sessionOf(connection, deployment, RECIPIENT);
    arbiter = await sessionOf(connection, deployment, ARBITER);
    for (const { account } of [session, other]) {
      await xe.sendAsset(rich, { asset: "XUSD", to: account, amount: "1000" });
      await xe.receive(rich, { for: account, source: "" });
    }
  });

  /** The session with a node that answers other logs than there are. */
  function hearing(
    session: Session,
    change: (logs: readonly Log[]) => readonly object[] | Promise<readonly object[]>,
  ): Session {
    const { connection } = session;
    const { provider } = connection.ethers;
    const other = new Proxy(provider, {
      get(target, key) {
        const value = Reflect.get(target, key) as unknown;
        if (key !== "getLogs") return typeof value === "function" ? (value.bind(target) as unknown) : value;
        return async (filter: Parameters<typeof provider.getLogs>[0]) => {
          const logs = await target.getLogs(filter);
          return change(
            logs.map(
              ({ address, topics, data, blockNumber, index }) =>
                ({ address, topics, data, blockNumber, index }) as unknown as Log,
            ),
          );
        };
      },
    });
    return {
      ...session,
      connection: { ...connection, ethers: { ...connection.ethers, provider: other } },
    } as unknown as Session;
  }

  /** As the command does, which prints what it found before it fails. */
  function expectFailure(checked: CheckedChain): void {
    const { error } = console;
    console.error = () => undefined;
    try {
      expect(verdict({ success: true, value: checked }).success).to.equal(false);
    } finally {
      console.error = error;
    }
  }

  const idOf = async (session: Session): Promise<string> => {
    const { leases } = await listLeases(session, { account: "", all: true });
    return leases.at(-1)?.id ?? "none";
  };

  it("should send, and receive one send or all that is pending", async () => {
    const { session, other } = local();
    const sent = await xe.sendAsset(session, { asset: "xusd", to: other.account, amount: "12.5" });
    expect(sent.expected[0]).to.equal(
      `12.500000 XUSD leave ${session.account} for ${other.account}, and cannot be called back.`,
    );
    expect(sent).to.include({ token: "XUSD", balance: parseEther("987.5") });
    const source = await session.deployment.xe.ledger.headOf(session.account);
    expect(sent.expected[1]).to.contain(`The send is the block ${source}`);
    expect(sent.transaction.events).to.deep.equal([
      `${session.account} sent to ${other.account} by the block ${source}, and has 987.500000 XUSD.`,
    ]);
    await xe.sendAsset(session, { asset: "XUSD", to: other.account, amount: "1" });
    await xe.sendAsset(session, { asset: "XUSD", to: other.account, amount: "2" });
    const { pending } = await readLedger(other);
    expect(pending.map(({ amount }) => amount)).to.deep.equal([parseEther("12.5"), parseEther("2"), parseEther("1")]);
    expect(describeLedger(await readLedger(other))).to.contain(`pending   12.500000 XUSD of the send ${source}`);
    const one = await xe.receive(session, { for: other.account, source });
    expect(one).to.include({ account: other.account, balance: parseEther("1012.5") });
    expect(one.transaction.events[0]).to.match(
      /received what 0x\w+ had sent, by the block 0x\w+, and has 1,012\.500000 XUSD\.$/,
    );
    const rest = await xe.receive(other, { for: "", source: "" });
    expect(rest.expected).to.have.length(2);
    expect(rest.transaction.events).to.have.length(2);
    expect(rest.balance).to.equal(parseEther("1015.5"));
    expect(await refusal(xe.receive(other, { for: "", source: "" }))).to.match(/^Nothing is pending for/);
    expect(await refusal(xe.receive(other, { for: "", source }))).to.match(/was received already, or goes to another/);
  });

  it("should claim from the faucet once a day", async () => {
    const { session, later } = local();
    const claimed = await xe.claim(session);
    expect(claimed.balance).to.equal(parseEther("1100"));
    expect(claimed.transaction.events).to.deep.equal([
      `${session.account} claimed 100 XUSD from the faucet, and has 1,100 XUSD.`,
    ]);
    expect(await refusal(xe.claim(session))).to.match(/can claim again at .*, in (1 day|23 hours \d+ minutes): /);
    expect(describeLedger(await readLedger(session))).to.contain("faucet    can claim again at");
    await later(1);
    expect((await xe.claim(session)).balance).to.equal(parseEther("1200"));
  });

  it("should lease, accept and settle, with what it costs announced", async () => {
    const { session, other, later } = local();
    const opened = await xe.lease(session, { ...TERMS });
    expect(opened.expected[0]).to.equal("4 vCPUs, 8,192 MB of memory and 100 GB of disk for 3 days cost 19 XUSD now.");
    expect(opened.expected[1]).to.contain(
      "0.02 XUSD an hour for a vCPU, 0.01 XUSD for a GB of memory and 0.001 XUSD for a GB of disk",
    );
    expect(opened.balance).to.equal(parseEther("981"));
    const id = await idOf(session);
    expect(opened.transaction.events[0]).to.contain(`paid 19 XUSD for the lease ${id}, open to anybody`);
    const accepted = await xe.accept(other, { id });
    expect(accepted.expected[1]).to.contain("Settling then brings 19 XE and the stake back");
    expect(accepted.balance).to.equal(parseEther("997"));
    expect(describeLeases(await listLeases(session, { account: "", all: false }))).to.contain(
      `running with ${other.account}, for another 3 days`,
    );
    expect(await refusal(xe.settle(other, { id }))).to.match(/can be settled at .*, in (3 days|2 days 23 hours)/);
    await later(3);
    expect(describeLeases(await listLeases(session, { account: "", all: false }))).to.contain("to be settled with");
    const settled = await xe.settle(session, { id });
    expect(settled).to.include({ token: "XE", account: other.account, balance: parseEther("19") });
    expect(settled.transaction.events).to.deep.equal([
      `The lease ${id} is settled: ${other.account} earned 19 XE and got its stake of 3 XUSD back.`,
    ]);
    expect(describeLeases(await listLeases(session, { account: "", all: false }))).to.match(/^There is no such lease/);
    expect(describeLeases(await listLeases(other, { account: "1", all: true }))).to.contain(
      `settled by ${other.account}`,
    );
    expect(await refusal(xe.settle(other, { id }))).to.contain(`the lease ${id} is settled.`);
  });

  it("should take a lease back that nobody accepted", async () => {
    const { session, other } = local();
    await xe.lease(session, { ...TERMS, provider: other.account });
    const id = await idOf(session);
    expect(await refusal(xe.accept(rich, { id }))).to.contain(`is open to ${other.account} alone`);
    expect(await refusal(xe.cancel(other, { id }))).to.match(/^Only its consumer/);
    const back = await xe.cancel(session, { id });
    expect(back.expected).to.deep.equal(["19 XUSD come back, and nobody can accept the lease any more."]);
    expect(back.balance).to.equal(parseEther("1000"));
    expect(await refusal(xe.accept(other, { id }))).to.contain(`the lease ${id} was cancelled.`);
    expect(await refusal(xe.accept(other, { id: `0x${"12".repeat(32)}` }))).to.contain("was never opened");
  });

  it("should object, and rule both ways, or give the bond back after seven days", async () => {
    const { session, other, later } = local();
    const start = async (): Promise<string> => {
      await xe.lease(session, { ...TERMS, duration: "30d" });
      const id = await idOf(session);
      await xe.accept(other, { id });
      const objected = await xe.objectTo(session, { id });
      expect(objected.expected[0]).to.match(/^37 XUSD are held as your bond; the arbiter can rule until about/);
      return id;
    };
    const upheld = await start();
    expect(await refusal(xe.rule(session, { id: upheld, uphold: true, reject: false }))).to.match(
      /has no right to this/,
    );
    expect(await refusal(xe.rule(arbiter, { id: upheld, uphold: true, reject: true }))).to.match(/^Give either/);
    expect(await refusal(xe.lapse(other, { id: upheld }))).to.match(/The arbiter can rule on the lease/);
    const ruling = await xe.rule(arbiter, { id: upheld, uphold: true, reject: false });
    expect(ruling.expected[0]).to.contain("The bond of 37 XUSD goes back to the consumer");
    expect(ruling).to.include({ account: session.account, balance: parseEther("812") });
    expect(ruling.transaction.events[0]).to.contain("was upheld: the bond of 37 XUSD went back");
    expect(await refusal(xe.settle(other, { id: upheld }))).to.contain("ended with an objection that was upheld");
    const rejected = await start();
    const lost = await xe.rule(arbiter, { id: rejected, uphold: false, reject: true });
    expect(lost).to.include({ account: other.account, balance: parseEther("963") });
    const again = await xe.objectTo(session, { id: rejected });
    expect(again.balance).to.equal(parseEther("550"));
    expect(describeLeases(await listLeases(session, { account: "", all: false }))).to.contain("with an objection of");
    await later(7);
    expect(await refusal(xe.rule(arbiter, { id: rejected, uphold: false, reject: true }))).to.match(
      /`hardhat xe lapse`/,
    );
    const lapsed = await xe.lapse(other, { id: rejected });
    expect(lapsed).to.include({ account: session.account, balance: parseEther("587") });
    expect(lapsed.transaction.events[0]).to.match(/^Nobody ruled on the objection/);
  });

  it("should show votes and delegate", async () => {
    const { session, other } = local();
    expect(describeVotes(await readVotes(session))).to.contain("own       1,000 XUSD, which count for nobody");
    const itself = await xe.delegate(session, { delegate: "me" });
    expect(itself.expected[0]).to.contain(`count as votes of ${session.account}; XE never counts`);
    expect(itself.transaction.events).to.have.length(2);
    expect(describeVotes(await readVotes(session)))
      .to.contain(
        "votes     1,000 XUSD; a proposal takes 1,000 XUSD to make and 40,008 XUSD to decide".replace(
          "40,008",
          "40,000",
        ),
      )
      .and.contain("count for itself");
    await xe.delegate(session, { delegate: other.account });
    expect((await readVotes(other)).votes).to.equal(parseEther("1000"));
    const none = await xe.delegate(session, { delegate: "nobody" });
    expect(none.expected[0]).to.contain("count for nobody then");
    expect((await readVotes(session)).delegate).to.equal(ZeroAddress);
  });

  it("should rebuild an account's chain from logs and say where it ends", async () => {
    const { session, other, later } = local();
    await xe.lease(session, { ...TERMS });
    const id = await idOf(session);
    await xe.accept(other, { id });
    await later(3);
    await xe.settle(other, { id });
    const checked = await checkChain(other);
    expect(checked).to.deep.include({ equal: true, misfit: null });
    expect(checked.onChain).to.include({ xe: parseEther("19"), xusd: parseEther("1000") });
    const told = describeChain(checked);
    expect(told)
      .to.match(/\+19 XE and \+3 XUSD/)
      .and.contain("All 3 blocks fit, and the chain ends as the ledger says");
    expect(verdict({ success: true, value: checked }).success).to.equal(true);
    const stranger = await sessionOf(
      local().connection,
      local().deployment,
      "0x000000000000000000000000000000000000dEaD",
    );
    expect(describeChain(await checkChain(stranger))).to.contain("All 0 blocks fit");
    const newcomer = await sessionOf(local().connection, local().deployment, "9");
    await xe.claim(newcomer);
    expect(describeChain(await checkChain(newcomer))).to.contain(
      "The one block fits, and the chain ends as the ledger says",
    );
  });

  it("should point at the block where a node's logs were changed, and fail", async () => {
    const { session, other } = local();
    await xe.sendAsset(session, { asset: "XUSD", to: other.account, amount: "1" });
    // One wei more in the balance of the last block.
    const checked = await checkChain(
      hearing(session, (logs) =>
        logs.map((log, i) => {
          const last = (Number(`0x${log.data.slice(-2)}`) ^ 1).toString(16).padStart(2, "0");
          return i < logs.length - 1 ? log : { ...log, data: `${log.data.slice(0, -2)}${last}` };
        }),
      ),
    );
    expect(checked.equal).to.equal(false);
    expect(checked.misfit?.number).to.equal(2);
    const told = describeChain(checked);
    expect(told).to.match(/Block 2, 0x\w+, does not fit: its hash is 0x\w+ by what it says/);
    expect(told).to.contain("The logs lead to").and.contain("The ledger says");
    expectFailure(checked);
  });

  it("should say that the chain ends elsewhere on chain where a node withholds its last blocks, and fail", async () => {
    const { session, other } = local();
    await xe.sendAsset(session, { asset: "XUSD", to: other.account, amount: "1" });
    const { xusd } = session.deployment.xe;
    if (session.signer === undefined) throw new Error("The session signs nothing.");
    // To oneself: two blocks that leave both balances as they were, so that the head alone tells.
    await xusd.connect(session.signer).transfer(session.account, 1n);
    for (const [withheld, balances] of [
      [0, "the same"],
      [2, "the same"],
      [3, "another"],
    ] as const) {
      const checked = await checkChain(hearing(session, (logs) => logs.slice(0, logs.length - withheld)));
      const { rebuilt, onChain } = checked;
      expect(checked).to.deep.include({ misfit: null, equal: withheld === 0 });
      expect(rebuilt.head === onChain.head).to.equal(withheld === 0);
      expect(rebuilt.xusd === onChain.xusd ? "the same" : "another", String(withheld)).to.equal(balances);
      if (withheld === 0) continue;
      const told = describeChain(checked);
      expect(told).to.contain(`The logs lead to the block ${rebuilt.head}`);
      expect(told).to.contain(`The ledger says the block ${onChain.head}`);
      expect(told).to.not.contain("blocks fit");
      expectFailure(checked);
    }
  });

  it("should ask for the end on chain before the logs, whose reading may outlast what a node keeps", async () => {
    const { session, connection } = local();
    await xe.claim(session);
    const at = await connection.ethers.provider.getBlockNumber();
    const late: number[] = [];
    const checked = await checkChain(
      hearing(session, async (logs) => {
        late.push(logs.length);
        // What happens meanwhile is not looked at.
        await xe.sendAsset(session, { asset: "XUSD", to: session.account, amount: "1" });
        return logs.filter(({ blockNumber }) => blockNumber <= at);
      }),
    );
    expect(late).to.have.length.above(0);
    expect(checked.equal).to.equal(true);
    expect(await connection.ethers.provider.getBlockNumber()).to.be.above(at);
  });

  it("should not rebuild the ledger's own chain, which it has not", async () => {
    const { connection, deployment } = local();
    const own = await sessionOf(connection, deployment, await deployment.xe.ledger.getAddress());
    expect(await refusal(checkChain(own))).to.match(/^0x\w{40} is the ledger itself, which has no chain: /);
  });

  it("should bring a payment though dust was sent before it, and ask of what was received no more", async () => {
    const { session, other } = local();
    const { ledger } = rich.deployment.xe;
    if (rich.signer === undefined) throw new Error("The session signs nothing.");
    const dust = ledger.interface.encodeFunctionData("send", [encodeAsset("XUSD"), other.account, 1n]);
    await ledger.connect(rich.signer).multicall(Array.from({ length: 51 }, () => dust));
    await xe.sendAsset(session, { asset: "XUSD", to: other.account, amount: "500" });
    const most = await xe.receive(other, { for: "", source: "" });
    expect(most.expected[0]).to.match(/^500 XUSD arrive at/);
    expect(most.expected).to.have.length(51);
    expect(most.expected.at(-1)).to.equal("2 more sends are pending: run the same command again for them.");
    expect(most.balance).to.equal(parseEther("1500") + 49n);
    const asked: string[] = [];
    const watched = new Proxy(ledger, {
      get(target, key) {
        const value = Reflect.get(target, key) as unknown;
        if (key === "pendingOf") {
          return (to: string, source: Hash) => {
            asked.push(source);
            return target.pendingOf(to, source);
          };
        }
        return typeof value === "function" ? (value.bind(target) as unknown) : value;
      },
    });
    const { deployment } = other;
    const { pending } = await readLedger({
      ...other,
      deployment: { ...deployment, xe: { ...deployment.xe, ledger: watched } } as typeof deployment,
    });
    expect(pending).to.have.length(2);
    expect(asked).to.have.length(2);
  });

  it("should pay no more than was announced, or than --max-cost", async () => {
    const { session, connection } = local();
    const { ledger } = session.deployment.xe;
    for (const [maxCost, most] of [
      ["", "19"],
      ["20.5", "20.5"],
    ] as const) {
      const { transaction } = await xe.lease(session, { ...TERMS, maxCost });
      const sent = await connection.ethers.provider.getTransaction(transaction.hash);
      expect(ledger.interface.decodeFunctionData("lease", sent?.data ?? "0x").maxCost).to.equal(parseEther(most));
    }
  });

  it("should let no arbiter rule on a lease of its own", async () => {
    const { session, other } = local();
    for (const [consumer, provider] of [
      [arbiter, other],
      [session, arbiter],
    ] as const) {
      if ((await readLedger(arbiter)).balance.xusd === 0n) {
        await xe.sendAsset(rich, { asset: "XUSD", to: arbiter.account, amount: "100" });
        await xe.receive(arbiter, { for: "", source: "" });
      }
      await xe.lease(consumer, { ...TERMS });
      const id = await idOf(consumer);
      await xe.accept(provider, { id });
      await xe.objectTo(consumer, { id });
      for (const uphold of [true, false]) {
        expect(await refusal(xe.rule(arbiter, { id, uphold, reject: !uphold }))).to.match(
          /is a party of the lease 0x\w+, and an arbiter never rules on its own/,
        );
      }
    }
  });

  it("should say what does not allow it, and send nothing", async () => {
    const { session, other, connection, deployment } = local();
    const nonces = async () => [await session.signer?.getNonce(), await other.signer?.getNonce()];
    const before = await nonces();
    const send = async (asset: string, to: string, amount: string) =>
      refusal(xe.sendAsset(session, { asset, to, amount }));
    expect(await send("", other.account, "1")).to.match(/^--asset is missing: write XE or XUSD/);
    expect(await send("USD", other.account, "1")).to.match(/^--asset is "USD"/);
    expect(await send("XE", "bob", "1")).to.match(/^--to is "bob"/);
    expect(await send("XE", other.account, "1e3")).to.match(/^--amount is "1e3"/);
    expect(await send("XE", other.account, "0")).to.match(/^An amount of zero/);
    expect(await send("XE", other.account, "1")).to.match(/has 0 XE, and 1 XE are needed/);
    expect(await send("XUSD", other.account, "1000.000000000000000001")).to.match(
      /has 1,000 XUSD, and 1,000\.000000000000000001 XUSD are needed/,
    );
    expect(await send("XUSD", ZeroAddress, "1")).to.match(/^Nothing can be sent to 0x0\w+, where it would be nobody's/);
    for (const name of ["xusd", "ledger", "governor", "accessManager"] as const) {
      expect(await send("XUSD", String(deployment.xe[name].target), "1")).to.match(
        /^--to is 0x\w{40}, which is this deployment's contract (XUSD|DualAssetLedger|XeGovernor|XeAccessManager) and nobody's account/,
      );
    }
    const lease = async (change: Partial<typeof TERMS>) => refusal(xe.lease(session, { ...TERMS, ...change }));
    expect(await lease({ vcpus: "4.5" })).to.match(/^--vcpus is "4.5"/);
    expect(await lease({ vcpus: "5000" })).to.match(/^5,000 of virtual CPUs are more than one lease can have, 4,096/);
    expect(await lease({ memory: MaxUint256.toString() })).to.match(/MB of memory are more than one lease/);
    expect(await lease({ disk: "4194305" })).to.match(/^4,194,305 GB of disk/);
    expect(await lease({ vcpus: "0", memory: "0", disk: "0" })).to.match(/^A lease of nothing is none/);
    expect(await lease({ duration: "59m" })).to.match(/from 1 hour to 365 days/);
    expect(await lease({ duration: "soon" })).to.match(/^--duration is "soon"/);
    expect(await lease({ maxCost: "18" })).to.match(/^It costs 19 XUSD, more than 18 XUSD/);
    expect(await lease({ vcpus: "4000", duration: "100d" })).to.match(/are needed/);
    expect(await refusal(xe.accept(other, { id: "7" }))).to.match(/^--id is "7": write 0x and 64/);
    expect(await refusal(xe.delegate(session, { delegate: "" }))).to.match(/^--delegate is missing/);
    const away = await sessionOf(connection, deployment, "0x000000000000000000000000000000000000dEaD");
    expect(await refusal(xe.claim(away))).to.match(/has no key of/);
    expect(await nonces()).to.deep.equal(before);
  });

  it("should announce each step before it sends it", async () => {
    const { session, other, later } = local();
    await expectAnnouncedFirst(session, (s) => xe.sendAsset(s, { asset: "XUSD", to: other.account, amount: "1" }));
    await expectAnnouncedFirst(session, (s) => xe.claim(s));
    await expectAnnouncedFirst(session, (s) => xe.lease(s, { ...TERMS }));
    await expectAnnouncedFirst(session, (s) => xe.delegate(s, { delegate: "me" }));
    await xe.lease(session, { ...TERMS });
    const id = await idOf(session);
    await expectAnnouncedFirst(session, (s) => xe.cancel(s, { id }));
    await expectAnnouncedFirst(other, (s) => xe.accept(s, { id }));
    await xe.accept(other, { id });
    await expectAnnouncedFirst(session, (s) => xe.objectTo(s, { id }));
    await later(3);
    await expectAnnouncedFirst(other, (s) => xe.settle(s, { id }));
  });

  it("should have a sentence for every refusal and event that users meet", () => {
    const { ledger } = local().deployment.xe;
    expectWordsForAll(ledger, LEDGER_WORDS, { refusals: NOT_OF_USERS, events: NOT_TOLD }, ["BlockAdded"]);
    expect(xeTasks.map(({ id }) => id.join(" "))).to.have.length(16);
  });
});

describe("hardhat xe on a chain that lasts", () => {
  let on: Recorded;

  before(async () => {
    on = await recorded("xe");
  });

  after(() => on.remove());

  it("should lease, settle and check the chain, each command with the options that it declares and a lease as its help prints it", async () => {
    const task = (name: string, given: Record<string, string | boolean> = {}) => act(on, xeTasks, `xe ${name}`, given);
    const fromShell = await on.shell(["xe", "claim", "--account", "2"]);
    expect(fromShell.balance).to.equal(String(parseEther("100")));
    const provider: Address = "0x3C44CdDdB6a900fa2b585dd299e03d12FA4293BC";
    await task("send", { account: RECIPIENT, asset: "XUSD", to: provider, amount: "50" });
    await task("receive", { account: "2" });
    const opened = JSON.parse(await task("lease", { account: RECIPIENT, vcpus: "1", duration: "1h", json: true })) as {
      transaction: { hash: Hash; gasUsed: number | string; logs: { event: string; args: { id: Hash } }[] };
    };
    // A fifth more than the node estimates: what a call costs may change until it is mined.
    const { hash, gasUsed } = opened.transaction;
    const { gas } = (await rpc(on.anvil.url, "eth_getTransactionByHash", hash)) as { gas: Hash };
    expect(BigInt(gas)).to.be.at.least((BigInt(gasUsed) * 119n) / 100n);
    const id = opened.transaction.logs.find(({ event }) => event === "LeaseOpened")?.args.id ?? "";
    expect(await task("leases")).to.contain(id);
    await task("accept", { account: "2", id });
    await task("object", { account: RECIPIENT, id });
    expect(await task("rule", { account: ARBITER, id, reject: true })).to.contain("was rejected");
    for (const [method, ...params] of [["evm_increaseTime", 3_600], ["evm_mine"]] as const) {
      await rpc(on.anvil.url, method, ...params);
    }
    expect(await task("settle", { account: "3", id })).to.contain("earned 1 XE");
    await task("lease", { account: RECIPIENT, vcpus: "1", duration: "1h" });
    expect(await task("votes", { account: "2" })).to.contain("own       151 XUSD");
    expect(await task("votes", { account: "2", delegate: "me" })).to.contain("has 151 XUSD of votes");
    expect(await task("status", { account: "2" })).to.contain("balance   1 XE and 151 XUSD");
    expect(await task("chain", { account: "2" })).to.match(/All \d+ blocks fit/);
    // What the help of `xe lease` prints is within what the faucet gives.
    await task("claim", { account: "4" });
    const { description } = xeTasks.find(({ id: name }) => name.join(" ") === "xe lease") ?? { description: "" };
    const example = String(description).split(" Example: hardhat ")[1]?.replace(" --network localhost", "") ?? "";
    const leased = await on.run([...example.split(" "), "--account", "4"]);
    expect({ code: leased.code, complaint: leased.complaint }).to.deep.equal({ code: 0, complaint: "" });
    const { output, code } = await on.run(["xe", "chain", RECIPIENT]);
    expect(output).to.contain("fit, and the chain ends as the ledger says");
    expect(code).to.equal(0);
  });
});
