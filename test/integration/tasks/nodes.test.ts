import { join } from "node:path";

import { expect } from "chai";
import { type ErrorFragment, type EventFragment, MaxUint256, parseEther, ZeroAddress } from "ethers";
import hre from "hardhat";

import { openDeployment } from "../../../src/deployment/open.js";
import * as delegators from "../../../tasks/nodes/flows/delegators.js";
import * as income from "../../../tasks/nodes/flows/income.js";
import * as operators from "../../../tasks/nodes/flows/operators.js";
import * as views from "../../../tasks/nodes/flows/views.js";
import { nodeTasks } from "../../../tasks/nodes/index.js";
import { MONTH, NODE_WORDS } from "../../../tasks/nodes/words.js";
import { saleTasks } from "../../../tasks/sale/index.js";
import { describeOutcome } from "../../../tasks/support/outcome.js";
import { mined, rpc } from "../../support/anvil.js";
import { onNarrow } from "../../support/narrow.js";
import { act, deployed, expectAnnouncedFirst, type Recorded, recorded, refusal } from "../../support/tasks.js";
import { asTreasury, buyXme, giveXmex } from "../../support/xmeTasks.js";

const ONE = { node: "1" };
const DAY = 86_400;
const NOTHING = { amount: "", shares: "", all: false };
const ALL = { ...NOTHING, all: true };

/** Errors that only a deployment or governance can meet, and those that tokens explain. */
const NOT_OF_USERS =
  /HasNoCode$|^NodeStaking_(TokensAreTheSame|VaultTokenMismatch|LevelTooHigh|UnbondingPeriodOutOfRange)$|^AccessManaged|^SafeERC20FailedOperation$|^(Checkpoint|StringsInsufficient)/;
/** Events of OpenZeppelin's parts, and the pool's own record of prices. */
const NOT_TOLD = /^AuthorityUpdated$|^MonthBegan$/;

describe("hardhat nodes", () => {
  const local = deployed("xme", 5);

  // `session` operates, `other` delegates.
  before(async () => {
    const { session, other } = local();
    await buyXme(session, "100000");
    await buyXme(other, "100000");
    await giveXmex(local(), session.account, "1000000");
    await giveXmex(local(), other.account, "1000000");
  });

  const open = () => operators.open(local().session, { bond: "1000", commission: "10", uri: "ipfs://node" });
  const delegate = (amount = "50000") => delegators.delegate(local().other, { ...ONE, amount });
  /** Moves to the first minute of the next month, and one transaction into it. */
  async function nextMonth(): Promise<void> {
    const { time } = local();
    const month = BigInt(await time.latest()) / MONTH + 1n;
    await time.increaseTo(month * MONTH + 60n);
  }
  const nonce = async (account: string): Promise<number> =>
    local().connection.ethers.provider.getTransactionCount(account);

  describe("open, bond, unbond, withdraw-bond", () => {
    it("should open a node with its bond in one transaction, and tell what the bond carries", async () => {
      const { session, deployment } = local();
      const opened = await open();
      expect(opened.allowances).to.deep.equal([]);
      expect(opened.expected).to.deep.equal([
        `Node 1 or a later number, operated by ${session.account} for good, with a commission of 10 % of what delegations earn in XMEX.`,
        "A bond of 1,000 XME, which carries delegations worth up to 100,000 XMEX; what is asked back of it can be taken 7 days later.",
      ]);
      expect(opened.transaction.events).to.deep.equal([
        `Node 1 was opened by ${session.account} with a bond of 1,000 XME and a commission of 10 %, described at "ipfs://node".`,
      ]);
      expect(opened.balance).to.equal(parseEther("99000"));
      expect(describeOutcome(opened)).to.contain("now holds 99,000 XME.");
      expect((await deployment.xme.nodes.nodeOf(1n)).cap).to.equal(parseEther("100000"));
    });

    it("should add to the bond, and give back what has waited", async () => {
      const { session, other, deployment, later } = local();
      await open();
      const added = await operators.addBond(session, { ...ONE, amount: "500.5" });
      expect(added.expected).to.deep.equal([
        "500.500000 XME more for the bond of node 1, which is 1,500.500000 XME then.",
        "It carries delegations worth up to 150,000 XMEX, in place of 100,000 XMEX.",
      ]);
      const { nodes } = deployment.xme;
      expect((await nodes.nodeOf(1n)).cap).to.equal(parseEther("150000"));
      const removed = await operators.removeBond(session, { ...ONE, amount: "300" });
      expect(removed.expected[0]).to.equal(
        "300 XME leave the bond of node 1, which keeps 1,200.500000 XME and carries delegations worth up to 120,000 XMEX, in place of 150,000 " +
          "XMEX; nobody is forced out.",
      );
      expect(removed.expected[1]).to.match(
        /^They can be taken from about \d{4}-.* on with `hardhat nodes withdraw-bond`\.$/,
      );
      expect((await nodes.nodeOf(1n)).cap).to.equal(parseEther("120000"));
      const again = await operators.removeBond(session, { ...ONE, amount: "200.5" });
      expect(again.expected[1]).to.match(
        /^With the 300 XME that are leaving already, whose wait starts anew, they can be taken/,
      );
      await later(7);
      const taken = await operators.withdrawBond(session, { ...ONE, to: other.account });
      expect(taken.expected).to.deep.equal([
        `500.500000 XME, all that has left the bond of node 1, to ${other.account}.`,
      ]);
      expect(taken.balance).to.equal(parseEther("100500.5"));
    });

    it("should say so, and send nothing", async () => {
      const { session, other } = local();
      await open();
      const sent = [await nonce(session.account), await nonce(other.account)];
      const opening = { bond: "1000", commission: "10", uri: "" };
      expect(await refusal(operators.open(session, { ...opening, bond: "" }))).to.match(/^--bond is missing/);
      expect(await refusal(operators.open(session, { ...opening, commission: "a lot" }))).to.match(
        /^--commission is "a lot"/,
      );
      expect(await refusal(operators.open(session, { ...opening, commission: "20.01" }))).to.equal(
        "A commission is at most 20 %, not 20.01 %: give a lower one.",
      );
      expect(await refusal(operators.open(session, { ...opening, bond: "999.5" }))).to.match(
        /^An open node keeps a bond of at least 1,000 XME, and this would be 999\.500000 XME/,
      );
      expect(await refusal(operators.open(session, { ...opening, bond: "100000" }))).to.equal(
        `${session.account} holds 99,000 XME, and 100,000 XME are needed.`,
      );
      expect(await refusal(operators.addBond(session, { node: "2", amount: "1" }))).to.equal(
        "There is no node 2: `hardhat nodes list` shows those there are.",
      );
      expect(await refusal(operators.addBond(session, { ...ONE, amount: "0" }))).to.match(/^An amount of zero/);
      expect(await refusal(operators.addBond(other, { ...ONE, amount: "1" }))).to.equal(
        `${other.account} is not the operator of node 1, who is ${session.account}: choose the operator with --account.`,
      );
      expect(await refusal(operators.removeBond(session, { ...ONE, amount: "1001" }))).to.equal(
        "The bond of node 1 is 1,000 XME, less than 1,001 XME: give a lower --amount.",
      );
      expect(await refusal(operators.removeBond(session, { ...ONE, amount: "1" }))).to.match(
        /and this would be 999 XME/,
      );
      expect(await refusal(operators.withdrawBond(session, { ...ONE, to: "" }))).to.match(/^There is nothing here/);
      expect(await refusal(operators.withdrawBond(session, { ...ONE, to: "bob" }))).to.match(/^--to is "bob"/);
      expect([await nonce(session.account), await nonce(other.account)]).to.deep.equal(sent);
      await operators.addBond(session, { ...ONE, amount: "5" });
      await operators.removeBond(session, { ...ONE, amount: "5" });
      expect(await refusal(operators.withdrawBond(session, { ...ONE, to: "" }))).to.match(
        /^It can be taken from \d{4}-.* on, and the chain's time is \d{4}-.*: wait\.$/,
      );
    });
  });

  describe("commission and describe", () => {
    it("should announce the commission of next month, and tell what it takes the place of", async () => {
      const { session } = local();
      await open();
      const announced = await operators.setCommission(session, { ...ONE, percent: "5" });
      expect(announced.expected).to.have.length(1);
      expect(announced.expected[0]).to.match(
        /^The commission of node 1 is 5 % from \d{4}-\d\d-\d\d 00:00:00 UTC on, and 10 % until then\.$/,
      );
      const other = await operators.setCommission(session, { ...ONE, percent: "7.5" });
      expect(other.expected[1]).to.equal("This takes the place of the 5 % that were announced.");
      expect(views.describeShown(await views.readShown(session, ONE))).to.match(
        /commission {2}10 %, and 7\.5 % from \d{4}-/,
      );
      expect(views.describeNodes(await views.readNodes(session, { last: "5", all: false }))).to.contain(
        "10 %, soon 7.5 %",
      );
      expect((await delegate("10")).expected[0]).to.match(
        /less a commission of 10 %, and of 7\.5 % from \d{4}-.* on, of what/,
      );
      await nextMonth();
      expect(await views.readShown(session, ONE)).to.include({ commissionBps: 750n, nextCommission: undefined });
      expect(await refusal(operators.setCommission(session, { ...ONE, percent: "21" }))).to.match(
        /^A commission is at/,
      );
      expect(await refusal(operators.setCommission(session, { ...ONE, percent: "" }))).to.match(
        /^--percent is missing/,
      );
    });

    it("should tell where the node is described so that no terminal obeys it", async () => {
      const { session, other } = local();
      await open();
      const said = await operators.describe(session, { ...ONE, uri: "\u001b[2Jipfs://other" });
      expect(said.expected).to.deep.equal(['Node 1 is described at "\\u001b[2Jipfs://other" from now on.']);
      expect(said.transaction.events).to.deep.equal(['Node 1 is described at "\\u001b[2Jipfs://other" now.']);
      expect(views.describeShown(await views.readShown(session, ONE))).to.contain('at "\\u001b[2Jipfs://other"');
      expect(await refusal(operators.describe(session, { ...ONE, uri: "" }))).to.match(/^--uri is missing/);
      expect(await refusal(operators.describe(other, { ...ONE, uri: "x" }))).to.match(/is not the operator of node 1/);
    });
  });

  describe("delegate, undelegate, withdraw", () => {
    it("should delegate in one transaction for the shares that were announced", async () => {
      const { other, deployment } = local();
      await open();
      const done = await delegate();
      expect(done.allowances).to.deep.equal([]);
      expect(done.expected).to.deep.equal([
        "50,000 XMEX to node 1 for 50,000 shares of it; they earn from then on, less a commission of 10 %, of what they earn in XMEX.",
        "Asked back with `hardhat nodes undelegate`, at any time, they can be taken 7 days later.",
      ]);
      expect(done.transaction.events).to.deep.equal([
        `${other.account} delegated 50,000 XMEX to node 1 for 50,000 shares of it.`,
      ]);
      expect(done).to.deep.include({ token: "XMEX", balance: parseEther("950000") });
      expect(await deployment.xme.nodes.sharesOf(1n, other.account)).to.equal(parseEther("50000"));
    });

    it("should give back what was asked for: XMEX, shares, or all", async () => {
      const { other, deployment, later } = local();
      const { nodes } = deployment.xme;
      await open();
      await delegate();
      await income.giveIncome(local().session, { token: "XMEX", amount: "777" });
      await nextMonth();
      await later(10);
      // A price that no division is exact with.
      const part = await delegators.undelegate(other, { ...ONE, ...NOTHING, amount: "1234.5" });
      expect(part.expected[0]).to.match(/^1,234\.500000 XMEX for 1,2\d\d\.\d+ shares of node 1, which stop earning; /);
      const [unbonding] = await nodes.unbondingOf(other.account);
      expect(unbonding >= parseEther("1234.5") && unbonding < parseEther("1234.51")).to.equal(true);
      const more = await delegators.undelegate(other, { ...ONE, ...NOTHING, shares: "100" });
      expect(more.expected[0]).to.match(/ for 100 shares of node 1, which stop earning; /);
      expect(more.expected[1]).to.match(
        /^With the 1,234\.\d+ XMEX that are unbonding already, whose wait starts anew, 1,33\d\.\d+ XMEX can be taken/,
      );
      const rest = await delegators.undelegate(other, { ...ONE, ...ALL });
      expect(rest.expected[0]).to.match(/; 0 shares of it stay\.$/);
      expect(await nodes.sharesOf(1n, other.account)).to.equal(0n);
      await later(7);
      const [all] = await nodes.unbondingOf(other.account);
      const taken = await delegators.withdraw(other, { to: "" });
      expect(taken.expected[0]).to.match(/^50,\d{3}\.\d+ XMEX, all that has waited, to 0x\w{40}\.$/);
      expect(taken.balance).to.equal(parseEther("950000") + all);
    });

    it("should give back all that is worth nothing, and say that there is nothing to wait for", async () => {
      const { session, deployment, later } = local();
      const { nodes } = deployment.xme;
      await open();
      await delegate();
      await income.giveIncome(session, { token: "XMEX", amount: "777" });
      await nextMonth();
      await later(10);
      const dust = { ...ONE, amount: "0.000000000000000004" };
      await delegators.delegate(session, dust);
      const held = await nodes.sharesOf(1n, session.account);
      expect(held).to.equal(3n);
      expect(
        await refusal(delegators.undelegate(session, { ...ONE, ...NOTHING, shares: "0.000000000000000001" })),
      ).to.equal(
        "1 of the smallest units are so little that they round down to nothing: give a higher --amount, or give a delegation back with --all.",
      );
      await delegators.undelegate(session, { ...ONE, ...NOTHING, shares: "0.000000000000000002" });
      const done = await delegators.undelegate(session, { ...ONE, ...ALL });
      expect(done.expected.slice(0, 2)).to.deep.equal([
        "0 XMEX for 0.000000 shares of node 1, which stop earning; 0 shares of it stay.",
        "They are worth less than can be paid, so there is nothing to wait for.",
      ]);
      expect(await nodes.sharesOf(1n, session.account)).to.equal(0n);
    });

    it("should say so, and send nothing", async () => {
      const { other, later } = local();
      await open();
      const before = await nonce(other.account);
      expect(await refusal(delegate("0"))).to.match(/^An amount of zero/);
      expect(await refusal(delegate("100000.5"))).to.match(
        /^Delegations to node 1 would be worth 100,000\.500000 XMEX, above its cap of 100,000 XMEX: give a lower --amount/,
      );
      expect(await refusal(delegators.delegate(other, { node: "9", amount: "1" }))).to.match(/^There is no node 9/);
      expect(await refusal(delegators.delegate(other, { node: "x", amount: "1" }))).to.match(/^--node is "x"/);
      expect(await refusal(delegators.undelegate(other, { ...ONE, ...NOTHING }))).to.match(/^--amount is missing/);
      expect(await refusal(delegators.undelegate(other, { ...ONE, ...ALL, amount: "1" }))).to.equal(
        "--amount and --all say different things: give one of them alone.",
      );
      expect(await refusal(delegators.undelegate(other, { ...ONE, ...ALL }))).to.match(/^An amount of zero/);
      expect(await refusal(delegators.undelegate(other, { ...ONE, ...NOTHING, amount: "1" }))).to.equal(
        `The delegation of ${other.account} to node 1 is worth 0 XMEX, less than 1 XMEX: give a lower --amount.`,
      );
      expect(await refusal(delegators.undelegate(other, { node: "9", ...NOTHING, amount: "1" }))).to.match(
        /^There is no node 9/,
      );
      expect(await refusal(delegators.withdraw(other, { to: "" }))).to.match(
        /^There is nothing here for 0x\w{40} to take/,
      );
      expect(await nonce(other.account)).to.equal(before);
      await delegate("10");
      expect(await refusal(delegators.undelegate(other, { ...ONE, ...NOTHING, shares: "11" }))).to.equal(
        "There are 10 shares of node 1 to give back, less than 11 shares: give a lower --shares, or --all.",
      );
      expect(await refusal(delegators.undelegate(other, { ...ONE, ...NOTHING, amount: "0" }))).to.match(
        /^An amount of/,
      );
      await delegators.undelegate(other, { ...ONE, ...ALL });
      expect(await refusal(delegators.withdraw(other, { to: "" }))).to.match(/^It can be taken from \d{4}-/);
      await later(7);
      const { nodes } = local().deployment.xme;
      expect(await refusal(delegators.withdraw(other, { to: await nodes.getAddress() }))).to.match(
        /^--to is 0x\w{40}, which is this deployment's contract NodeStaking and nobody's account/,
      );
      expect(await refusal(delegators.withdraw(other, { to: ZeroAddress }))).to.match(/cannot receive XMEX/);
    });
  });

  describe("income, status, claim", () => {
    it("should stream XMEX into the value of delegations and XME to whoever claims", async () => {
      const { session, other, later } = local();
      await open();
      await delegate();
      const given = await income.giveIncome(session, { token: "XMEX", amount: "1000" });
      // The vault has accrued XMEX too, but nobody has collected them.
      expect(given.expected[0]).to.match(
        /^1,000 XMEX from 0x\w{40} to all delegators, second by second from \d{4}-\S+ 00:00:00 UTC to \d{4}-\S+ 00:00:00 UTC: 1,000 XMEX with /,
      );
      await income.giveIncome(session, { token: "XME", amount: "30" });
      const status = await views.readPoolStatus(session);
      expect(status).to.include({
        nodes: 1n,
        delegated: parseEther("50000"),
        xmexNext: parseEther("1000"),
        xmeNext: parseEther("30"),
        xmexActive: 0n,
      });
      expect(views.describePoolStatus(status))
        .to.contain("next month  1,000 XMEX and 30 XME so far")
        .and.contain("each worth 1 XMEX");
      await nextMonth();
      await later(31);
      const { positions, xmeOwed } = await views.readPositions(other);
      const [at] = positions;
      // 1,000 XMEX less a tenth, the first month of which is over; XME without commission.
      expect((at?.earned ?? 0n) >= parseEther("899.99") && (at?.earned ?? 0n) <= parseEther("900")).to.equal(true);
      expect(xmeOwed > parseEther("29.999999") && xmeOwed <= parseEther("30")).to.equal(true);
      expect(at?.xme).to.equal(xmeOwed);
      // What a delegation that changes had earned is kept apart from what it earns from then on.
      const undelegated = await delegators.undelegate(other, { ...ONE, ...NOTHING, amount: "1" });
      expect(undelegated.expected[2]).to.match(/^(30|29\.9\d+) XME that were earned stay to be claimed with/);
      const settled = await views.readPositions(other);
      expect(settled.xmeOwed).to.equal(xmeOwed);
      expect(settled.positions[0]?.xme).to.equal(0n);
      expect(await refusal(delegators.claim(other, { nodes: "", to: ZeroAddress }))).to.match(
        /cannot receive XME: give/,
      );
      const claimed = await delegators.claim(other, { nodes: "", to: "" });
      expect(claimed.expected[0]).to.match(
        /^(30|29\.9\d+) XME to 0x\w{40}: what the account is owed, with what it earned at node 1 until now\.$/,
      );
      expect(claimed.transaction.events.at(-1)).to.match(/was paid (30|29\.9\d+) XME, to 0x/);
      expect(claimed.balance).to.equal(parseEther("100000") + xmeOwed);
    });

    it("should allow exactly the amount, in a transaction that was announced", async () => {
      const { session, deployment } = local();
      const heard: string[] = [];
      const listening = { ...session, announce: (lines: readonly string[]) => void heard.push(...lines) };
      const given = await income.giveIncome(listening, { token: "XME", amount: "30" });
      expect(given.allowances.flatMap(({ events }) => events)).to.have.length(1);
      expect(heard[0]).to.match(/^This call takes no signatures in place of allowances, so two transactions follow/);
      expect(heard).to.include("Nobody delegates now: income waits for a month in which somebody does.");
      const { nodes, xme } = deployment.xme;
      expect(await xme.allowance(session.account, nodes)).to.equal(0n);
      expect(given.transaction.events).to.deep.equal([
        `${session.account} gave 30 XME, which stream to delegators in the next month.`,
      ]);
    });

    it("should say so, and send nothing", async () => {
      const { session, other } = local();
      await open();
      const before = await nonce(session.account);
      const give = (token: string, amount: string) => refusal(income.giveIncome(session, { token, amount }));
      expect(await give("", "1")).to.equal("--token is missing: choose XME or XMEX.");
      expect(await give("XRANK", "1")).to.equal('--token is "XRANK": choose XME or XMEX.');
      expect(await give("XME", "0")).to.match(/^An amount of zero/);
      expect(await give("XMEX", "1000001")).to.match(/holds 1,000,000 XMEX, and 1,000,001 XMEX are needed\.$/);
      const claim = (nodes: string, to = "") => refusal(delegators.claim(session, { nodes, to }));
      expect(await claim("1,two")).to.match(/^--nodes is "two": write the nodes' numbers/);
      expect(await claim("1,7")).to.match(/^There is no node 7/);
      expect(await claim("1")).to.match(/^There is nothing here/);
      expect(await refusal(delegators.claim(other, { nodes: "", to: "" }))).to.match(/^There is nothing here/);
      expect(await nonce(session.account)).to.equal(before);
    });
  });

  describe("collect", () => {
    it("should draw what the vault has for delegators, also where it is the first call of a month", async () => {
      const { session, deployment } = local();
      await open();
      await delegate();
      const { nodes } = deployment.xme;
      const first = await income.collect(session);
      expect(first.expected[0]).to.match(
        /^At least [\d,.]+ XMEX from the emission vault to all delegators, second by second/,
      );
      expect(first.transaction.events).to.have.length(1);
      expect(first.transaction.events[0]).to.match(/^The emission vault gave [\d,.]+ XMEX, which stream/);
      await nextMonth();
      await nextMonth();
      const second = await income.collect(session);
      expect(second.expected[0]).to.match(/^At least [\d,]{9,}/);
      expect(second.transaction.events[0]).to.match(/^The emission vault gave [\d,]{9,}/);
      expect((await nodes.poolState()).xmexNext > parseEther("1000000")).to.equal(true);
    });

    it("should say so", async () => {
      const { session, deployment } = local();
      const { accessManager, emissionVault } = deployment.xme;
      const stream = await deployment.xme.nodes.emissionStream();
      const name = async (drawer: string): Promise<void> =>
        asTreasury(local(), async (treasury) => {
          const data = emissionVault.interface.encodeFunctionData("setDrawer", [stream, drawer]);
          await accessManager.connect(treasury).execute(emissionVault, data);
        });
      await name(session.account);
      expect(await refusal(income.collect(session))).to.equal(
        `Stream 2 of the emission vault is drawn by ${session.account}, not by node staking: governance names the drawer.`,
      );
      await name(ZeroAddress);
      expect(await refusal(income.collect(session))).to.match(/^Stream 2 of the emission vault is drawn by nobody/);
    });
  });

  describe("commission-take and close", () => {
    /** A node that has earned commission, and XME on it since it was last touched. */
    async function earn(): Promise<void> {
      const { session, later } = local();
      await open();
      await delegate();
      await income.giveIncome(session, { token: "XMEX", amount: "1000" });
      await nextMonth();
      await later(15);
      await operators.setCommission(session, { ...ONE, percent: "10" });
      await income.giveIncome(session, { token: "XME", amount: "30" });
      await nextMonth();
      await later(29);
    }

    it("should turn commission into XMEX that wait", async () => {
      const { session, other, deployment, later } = local();
      await earn();
      const taken = await operators.takeCommission(session, { ...ONE, ...NOTHING, amount: "10" });
      expect(taken.expected[0]).to.equal("10.000000 XMEX of commission of node 1 stop earning.");
      expect(taken.expected[1]).to.match(/^They can be taken from about \d{4}-.* on with `hardhat nodes withdraw`\.$/);
      await operators.takeCommission(session, { ...ONE, ...NOTHING, shares: "5" });
      const rest = await operators.takeCommission(session, { ...ONE, ...ALL });
      expect(rest.transaction.events[0]).to.match(
        / of commission of node 1 are unbonding; all that is can be taken from/,
      );
      expect((await deployment.xme.nodes.nodeOf(1n)).commissionShares < 10n ** 18n).to.equal(true);
      await later(7);
      const out = await delegators.withdraw(session, { to: "" });
      expect(out.expected[0]).to.match(/XMEX, all that has waited/);
      const claimed = await delegators.claim(session, { nodes: "1, 1", to: other.account });
      expect(claimed.expected[0]).to.match(/^0\.\d+ XME to 0x\w{40}: .* at node 1 until now\.$/);
      expect(await refusal(operators.takeCommission(session, { ...ONE, ...NOTHING, amount: "1000000000" }))).to.match(
        /^The commission of node 1 is worth [\d,.]+ XMEX, less than 1,000,000,000 XMEX: give a lower --amount\.$/,
      );
      expect(await refusal(operators.takeCommission(session, { ...ONE, ...NOTHING, shares: "1000000" }))).to.match(
        /^There are [\d,.]+ shares of node 1 to give back, less than 1,000,000 shares/,
      );
    });

    it("should close a node, which who has been there for long enough leaves at once", async () => {
      const { session, other, later } = local();
      await earn();
      await operators.takeCommission(session, { ...ONE, ...NOTHING, amount: "1" });
      await operators.addBond(session, { ...ONE, amount: "5" });
      await operators.removeBond(session, { ...ONE, amount: "5" });
      const closed = await operators.close(session, ONE);
      expect(closed.expected).to.have.length(4);
      expect(closed.expected[0]).to.match(
        /^Node 1 is closed for good: its delegations, worth at least [\d,.]+ XMEX, stop earning and can be taken with `hardhat nodes leave`, by each delegator from 7 days after the day of its last delegation on\.$/,
      );
      expect(closed.expected[1]).to.match(
        /^The bond, 1,005 XME with what is leaving already, whose wait starts anew, can be taken from about \d{4}-/,
      );
      expect(closed.expected[2]).to.match(
        /^The commission, at least [\d,.]+ XMEX, can be taken from .*, with the 1\.0{6} XMEX that are unbonding already, whose wait starts anew\.$/,
      );
      expect(closed.expected[3]).to.match(/^What the commission earned, at least 0\.\d+ XME, can be claimed/);
      const shown = views.describeShown(await views.readShown(session, ONE));
      expect(shown).to.contain("is closed at").and.contain("which their owners take with `hardhat nodes leave`");
      expect(await views.readNodes(session, { last: "10", all: false })).to.deep.include({ nodes: [], count: 1n });
      const { positions } = await views.readPositions(other);
      const left = await delegators.leave(other, { ...ONE, to: "" });
      expect(left.expected[0]).to.match(/XMEX, all that the account has in the closed node 1, to 0x\w{40} at once\.$/);
      expect(left.balance).to.equal(parseEther("950000") + (positions[0]?.value ?? 0n));
      await later(7);
      expect((await operators.withdrawBond(session, { ...ONE, to: "" })).expected[0]).to.match(/^1,005 XME, all/);
      expect(((await delegators.withdraw(session, { to: "" })).balance ?? 0n) > 0n).to.equal(true);
    });

    it("should say so", async () => {
      const { session, other, later } = local();
      await open();
      await delegate();
      expect(await refusal(operators.close(other, ONE))).to.match(/is not the operator of node 1/);
      expect(await refusal(operators.close(session, { node: "3" }))).to.match(/^There is no node 3/);
      expect(await refusal(delegators.leave(other, { ...ONE, to: "" }))).to.equal(
        "Node 1 is open: ask for your XMEX with `hardhat nodes undelegate --node 1`.",
      );
      expect(await refusal(operators.takeCommission(session, { ...ONE, ...ALL }))).to.match(/^An amount of zero/);
      expect(await refusal(operators.takeCommission(other, { ...ONE, ...ALL }))).to.match(/is not the operator/);
      const closed = await operators.close(session, ONE);
      expect(closed.expected).to.have.length(2);
      const gone = "Node 1 is closed for good: its delegators take theirs with `hardhat nodes leave --node 1`.";
      expect(await refusal(operators.close(session, ONE))).to.equal(gone);
      expect(await refusal(delegate("1"))).to.equal(gone);
      expect(await refusal(delegators.undelegate(other, { ...ONE, ...ALL }))).to.equal(gone);
      expect(await refusal(operators.setCommission(session, { ...ONE, percent: "1" }))).to.equal(gone);
      expect(await refusal(delegators.leave(other, { ...ONE, to: "" }))).to.match(
        /^It can be taken from \d{4}-\d\d-\d\d 00:00.* on, and the chain's time is .*: wait\.$/,
      );
      await later(8);
      await delegators.leave(other, { ...ONE, to: "" });
      expect(await refusal(delegators.leave(other, { ...ONE, to: "" }))).to.match(/^There is nothing here/);
    });
  });

  describe("list, show, position", () => {
    it("should tell of every node, and of those that are closed if asked to", async () => {
      const { session } = local();
      const looking = { last: "200", all: false };
      expect(views.describeNodes(await views.readNodes(session, looking))).to.equal(
        "None of the latest 0 of 0 nodes is open.",
      );
      await open();
      await operators.open(session, { bond: "2000.5", commission: "0", uri: "" });
      await operators.close(session, ONE);
      const list = await views.readNodes(session, looking);
      expect(list.nodes.map(({ node }) => node)).to.deep.equal([2n]);
      expect(views.describeNodes(list)).to.match(
        /2 {2}0x\w{40} {6}0 {2}2,000\.500000 XME {9}0 % +0 XMEX {2}200,000 XMEX\n1 of the latest 2 of 2 nodes\.$/,
      );
      const all = views.describeNodes(await views.readNodes(session, { last: "200", all: true }));
      expect(all).to.contain("closed").and.contain("2 of the latest 2 of 2 nodes.");
      expect((await views.readNodes(session, { last: "1", all: true })).nodes).to.have.length(1);
      expect(await refusal(views.readNodes(session, { last: "few", all: true }))).to.match(/^--last is "few"/);
      expect(await refusal(views.readShown(session, { node: "3" }))).to.match(/^There is no node 3/);
      const shown = await views.readShown(session, { node: "2" });
      expect(shown).to.deep.include({ node: 2n, operator: session.account, open: true, uri: "" });
      expect(views.describeShown(shown))
        .to.contain("delegated   0 XMEX for 0 shares, with a cap of 200,000 XMEX: room for 200,000 XMEX")
        .and.contain("bond        2,000.500000 XME\n");
      await operators.removeBond(session, { node: "2", amount: "0.5" });
      expect(views.describeShown(await views.readShown(session, { node: "2" }))).to.match(
        /bond {8}2,000 XME, and 0\.500000 XME that can be taken from \d{4}-/,
      );
    });

    it("should tell what an account has at each node", async () => {
      const { session, other, later } = local();
      expect(views.describePositions(await views.readPositions(other)))
        .to.contain("holds      100,000 XME and 1,000,000 XMEX")
        .and.match(/unbonding {2}nothing\nowed {7}0 XME$/);
      await open();
      await operators.open(session, { bond: "1000", commission: "0", uri: "" });
      await delegate();
      await delegators.delegate(other, { node: "2", amount: "20" });
      await delegators.undelegate(other, { node: "2", ...NOTHING, shares: "5" });
      const found = await views.readPositions(other);
      expect(found.positions).to.deep.equal([
        {
          node: 1n,
          open: true,
          shares: parseEther("50000"),
          value: parseEther("50000"),
          principal: parseEther("50000"),
          earned: 0n,
          xme: 0n,
          commission: undefined,
        },
        {
          node: 2n,
          open: true,
          shares: parseEther("15"),
          value: parseEther("15"),
          principal: parseEther("15"),
          earned: 0n,
          xme: 0n,
          commission: undefined,
        },
      ]);
      expect(found).to.include({ principal: parseEther("50015"), unbonding: parseEther("5") });
      expect(views.describePositions(found)).to.match(/5 XMEX, which `hardhat nodes withdraw` takes from \d{4}-/);
      await later(7);
      expect(views.describePositions(await views.readPositions(other))).to.contain(
        "`hardhat nodes withdraw` takes now",
      );
      await operators.close(session, ONE);
      expect(views.describePositions(await views.readPositions(other))).to.contain("1, closed");
      const own = await views.readPositions(session);
      expect(own.positions.map(({ node, commission }) => [node, commission])).to.deep.equal([
        [1n, 0n],
        [2n, 0n],
      ]);
    });
  });

  it("should have a sentence for every refusal and event that users meet", () => {
    const unworded: string[] = [];
    let sentences = 0;
    local().deployment.xme.nodes.interface.fragments.forEach((fragment) => {
      const { type, name, inputs } = fragment as ErrorFragment | EventFragment;
      if (type !== "error" && type !== "event") return;
      if ((type === "error" ? NOT_OF_USERS : NOT_TOLD).test(name)) return;
      const sentence = (type === "error" ? NODE_WORDS.refusals : NODE_WORDS.events)[name];
      if (!sentence) return void unworded.push(name);
      for (const number of [0n, 1n, 2n ** 40n, MaxUint256]) {
        const values = inputs.map(({ baseType }) =>
          baseType === "address" ? `0x${"12".repeat(20)}` : baseType.startsWith("uint") ? number : "text",
        );
        expect(sentence(values as never), name)
          .to.match(/^\S.*\.$/)
          .and.not.match(/undefined|NaN|\[object/);
        sentences++;
      }
    });
    expect(unworded).to.deep.equal([]);
    expect(sentences).to.be.above(120);
  });

  it("should announce each step before it sends it", async () => {
    const { session, other, later } = local();
    await expectAnnouncedFirst(session, (s) => operators.open(s, { bond: "1000", commission: "10", uri: "" }));
    await open();
    await expectAnnouncedFirst(session, (s) => operators.addBond(s, { ...ONE, amount: "5" }));
    await operators.addBond(session, { ...ONE, amount: "5" });
    await expectAnnouncedFirst(session, (s) => operators.removeBond(s, { ...ONE, amount: "5" }));
    await operators.removeBond(session, { ...ONE, amount: "5" });
    await expectAnnouncedFirst(session, (s) => operators.setCommission(s, { ...ONE, percent: "5" }));
    await expectAnnouncedFirst(session, (s) => operators.describe(s, { ...ONE, uri: "x" }));
    await expectAnnouncedFirst(other, (s) => delegators.delegate(s, { ...ONE, amount: "5" }));
    await delegate();
    await expectAnnouncedFirst(session, (s) => income.giveIncome(s, { token: "XMEX", amount: "5" }));
    await income.giveIncome(session, { token: "XMEX", amount: "1000" });
    await income.giveIncome(session, { token: "XME", amount: "10" });
    await expectAnnouncedFirst(session, (s) => income.collect(s));
    await expectAnnouncedFirst(other, (s) => delegators.undelegate(s, { ...ONE, ...NOTHING, amount: "5" }));
    await delegators.undelegate(other, { ...ONE, ...NOTHING, amount: "5" });
    await nextMonth();
    await later(8);
    await expectAnnouncedFirst(session, (s) => operators.withdrawBond(s, { ...ONE, to: "" }));
    await expectAnnouncedFirst(other, (s) => delegators.withdraw(s, { to: "" }));
    await expectAnnouncedFirst(other, (s) => delegators.claim(s, { nodes: "", to: "" }));
    await expectAnnouncedFirst(session, (s) => operators.takeCommission(s, { ...ONE, ...ALL }));
    await expectAnnouncedFirst(session, (s) => operators.close(s, ONE));
    await operators.close(session, ONE);
    await expectAnnouncedFirst(other, (s) => delegators.leave(s, { ...ONE, to: "" }));
  });

  it("should tell where a node is described on a node of the network that limits the blocks of an answer", async () => {
    const { session } = local();
    await open();
    await open();
    await operators.describe(session, { node: "2", uri: "ipfs://moved" });
    await onNarrow(local(), async (narrow) => {
      const poor = await narrow.session(session.account);
      expect(views.describeShown(await views.readShown(poor, ONE))).to.contain('described   at "ipfs://node"');
      expect((await views.readShown(poor, { node: "2" })).uri).to.equal("ipfs://moved");
    });
  });

  context("given a recorded deployment", () => {
    let chain: Recorded;

    before(async () => {
      chain = await recorded("xme");
    });
    after(() => chain.remove());

    it("should work from the command line, with --json for machines", async function () {
      this.timeout(240_000);
      const [status, refused] = await Promise.all([
        chain.run(["nodes", "status"]),
        chain.run(["nodes", "undelegate", "--node", "1", "--all", "--amount", "5", "--json"]),
      ]);
      expect(status.output).to.contain("unbonding   takes 7 days");
      expect(status.code).to.equal(0);
      expect(refused.code).to.equal(1);
      expect((JSON.parse(refused.output) as { error: string }).error).to.equal(
        "--amount and --all say different things: give one of them alone.",
      );
    });

    it("should have in every command the options that it reads", async function () {
      this.timeout(120_000);
      const done: string[] = [];
      const run = async (name: string, given: Readonly<Record<string, string | boolean>> = {}): Promise<string> => {
        done.push(`nodes ${name}`);
        return act(chain, nodeTasks, `nodes ${name}`, given);
      };
      const { url } = chain.anvil;
      const later = async (days: number): Promise<void> => {
        await rpc(url, "evm_increaseTime", days * DAY + 60);
        await rpc(url, "evm_mine");
      };
      const [operator, delegator] = [{ account: "7" }, { account: "8" }];
      await act(chain, saleTasks, "sale buy", { ...operator, amount: "10000" });
      await treasuryGives(chain, "1000000", [7, 8]);
      await run("open", { ...operator, bond: "1000", commission: "10", uri: "ipfs://node" });
      await run("bond", { ...operator, ...ONE, amount: "500" });
      await run("unbond", { ...operator, ...ONE, amount: "200" });
      await run("commission", { ...operator, ...ONE, percent: "5" });
      await run("describe", { ...operator, ...ONE, uri: "ipfs://moved" });
      await run("delegate", { ...delegator, ...ONE, amount: "50000" });
      await run("income", { ...operator, token: "XMEX", amount: "1000" });
      await run("income", { ...operator, token: "XME", amount: "30" });
      await run("collect", operator);
      expect(await run("status")).to.contain("and 30 XME so far");
      await later(60);
      expect(await run("list", { all: true })).to.contain("1 of the latest 1 of 1 nodes.");
      expect(JSON.parse(await run("show", { ...ONE, json: true }))).to.include({ node: "1", uri: "ipfs://moved" });
      expect(await run("withdraw-bond", { ...operator, ...ONE })).to.contain("200 XME that had left the bond");
      await run("commission-take", { ...operator, ...ONE, all: true });
      await run("undelegate", { ...delegator, ...ONE, amount: "100" });
      expect(await run("position", delegator)).to.contain("unbonding  100.000000 XMEX");
      await run("claim", { ...delegator, nodes: "1" });
      await later(8);
      await run("withdraw", delegator);
      await run("close", { ...operator, ...ONE });
      await run("leave", { ...delegator, ...ONE });
      const all = nodeTasks.map(({ id }) => id.join(" ")).filter((name) => name !== "nodes");
      expect(all).to.have.members([...new Set(done)]);
    });
  });
});

/** On an anvil: the treasury gives accounts XMEX, as only governance could. */
async function treasuryGives({ anvil, id }: Recorded, amount: string, accounts: readonly number[]): Promise<void> {
  const connection = await hre.network.create({ network: "localhost", override: { url: anvil.url } });
  const directory = join(hre.config.paths.root, "deployments", id);
  const { xme } = await openDeployment(connection, { directory });
  const treasury = await xme.timelock.getAddress();
  await rpc(anvil.url, "anvil_setBalance", treasury, "0x8ac7230489e80000");
  await rpc(anvil.url, "anvil_impersonateAccount", treasury);
  const signers = await connection.ethers.getSigners();
  for (const account of accounts) {
    const data = xme.xmex.interface.encodeFunctionData("transfer", [
      signers[account]?.address ?? "",
      parseEther(amount),
    ]);
    await mined(anvil.url, { from: treasury, to: await xme.xmex.getAddress(), data });
  }
}
