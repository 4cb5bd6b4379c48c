import { expect } from "chai";
import { parseEther, ZeroAddress } from "ethers";

import { describeStake, readStake } from "../../../tasks/stake/flows.js";
import * as stakes from "../../../tasks/stake/flows.js";
import { type Session, sessionOf } from "../../../tasks/support/session.js";
import { deployed, expectAnnouncedFirst, refusal } from "../../support/tasks.js";
import { asTreasury } from "../../support/xmeTasks.js";

const MONTH = 30n * 86_400n;

describe("hardhat stake", () => {
  const local = deployed("xme", 5);

  before(async () => {
    const { deployment, session } = local();
    if (!session.signer) throw new Error("the account is one of the chain's");
    const { publicSale } = deployment.xme;
    const amount = parseEther("5000");
    await publicSale.connect(session.signer).buy(session.account, amount, amount, { value: parseEther("0.5") });
  });

  /** Gives an account XMEX that the treasury holds. */
  async function giveXmex(to: Session, amount: string): Promise<void> {
    const { connection, deployment } = local();
    const { xmex, timelock } = deployment.xme;
    const treasury = await timelock.getAddress();
    await connection.networkHelpers.impersonateAccount(treasury);
    await connection.networkHelpers.setBalance(treasury, parseEther("1"));
    await xmex.connect(await connection.ethers.getSigner(treasury)).transfer(to.account, parseEther(amount));
  }

  /** Moves on to the beginning of the next month of dividends. */
  async function nextMonth(): Promise<void> {
    const { time } = local();
    const now = BigInt(await time.latest());
    await time.increaseTo((now / MONTH + 1n) * MONTH);
  }

  describe("add", () => {
    it("should stake with a signature in place of an allowance, and tell whose votes it makes", async () => {
      const { session, deployment } = local();
      const done = await stakes.stake(session, { amount: "1000" });
      expect(done.expected[0]).to.equal(
        `1,000 XME for as much vXME. ${session.account} has 1,000 vXME of votes then, instead of 0 vXME.`,
      );
      expect(done.allowances).to.deep.equal([]);
      expect(done).to.include({ token: "vXME", balance: parseEther("1000") });
      expect(done.transaction.events).to.deep.equal([
        `${session.account} staked 1,000 XME.`,
        `${session.account} votes for itself now.`,
        `${session.account} has 1,000 vXME of votes now, after 0 vXME.`,
      ]);
      const { votes } = deployment.xme;
      expect(await votes.getVotes(session.account)).to.equal(parseEther("1000"));
    });

    it("should add to the votes of whom the account delegates to", async () => {
      const { session, other } = local();
      await stakes.stake(session, { amount: "1" });
      await stakes.delegate(session, { to: other.account });
      const more = await stakes.stake(session, { amount: "2" });
      expect(more.expected[0]).to.contain(`${other.account} has 3 vXME of votes then, instead of 1 vXME.`);
      await stakes.delegate(session, { to: "nobody" });
      expect((await stakes.stake(session, { amount: "2" })).expected[0]).to.contain(
        "Nobody votes with it: `hardhat stake delegate` says who does. The stake becomes 5 vXME.",
      );
    });

    it("should say so when amount or balance do not allow it, and send nothing", async () => {
      const { session } = local();
      const nonce = await session.signer?.getNonce();
      expect(await refusal(stakes.stake(session, { amount: "" }))).to.match(/^--amount is missing/);
      expect(await refusal(stakes.stake(session, { amount: "0" }))).to.match(/^An amount of zero does nothing/);
      expect(await refusal(stakes.stake(session, { amount: "5001" }))).to.match(
        /holds 5,000 XME, and 5,001 XME are needed/,
      );
      expect(await refusal(stakes.stake(session, { amount: "99999999999999999999" }))).to.match(
        /is more than the contract can keep \(104 bits\)/,
      );
      expect(await session.signer?.getNonce()).to.equal(nonce);
    });
  });

  describe("request, restake, withdraw", () => {
    it("should end votes at once, tell the wait, and give the XME back after it", async () => {
      const { session, other, deployment, later } = local();
      await stakes.stake(session, { amount: "1000" });
      const asked = await stakes.requestUnstake(session, { amount: "400" });
      expect(asked.expected[0]).to.equal(
        `400 XME stop voting and earning. ${session.account} has 600 vXME of votes then, instead of 1,000 vXME.`,
      );
      expect(asked.expected[1]).to.match(
        /^400 XME can be taken with `hardhat stake withdraw` from about \d{4}-.* UTC on\.$/,
      );
      expect(await deployment.xme.votes.getVotes(session.account)).to.equal(parseEther("600"));
      await later(7);
      const taken = await stakes.withdraw(session, { to: other.account });
      expect(taken.expected).to.deep.equal([`400 XME that waited, to ${other.account}.`]);
      expect(taken.balance).to.equal(parseEther("400"));
      expect(taken.transaction.events).to.deep.equal([
        `400 XME that ${session.account} had waiting went to ${other.account}.`,
      ]);
    });

    it("should say what a further request does to the wait, and stake again what waits", async () => {
      const { session, later } = local();
      await stakes.stake(session, { amount: "1000" });
      await stakes.requestUnstake(session, { amount: "100" });
      await later(6);
      const again = await stakes.requestUnstake(session, { amount: "50" });
      expect(again.expected[1]).to.match(
        /^150 XME can be taken .*: the wait of the 100 XME that wait already starts anew\.$/,
      );
      const part = await stakes.restake(session, { amount: "30" });
      expect(part.expected[1]).to.match(/^120 XME go on waiting, until \d{4}-/);
      expect(part.transaction.events[0]).to.equal(`${session.account} staked 30 XME again.`);
      const whole = await stakes.restake(session, { amount: "120" });
      expect(whole.expected[1]).to.equal("Nothing is left waiting.");
      expect(whole.balance).to.equal(parseEther("1000"));
    });

    it("should say what does not allow it, and send nothing", async () => {
      const { session, deployment } = local();
      const { votes } = deployment.xme;
      await stakes.stake(session, { amount: "10" });
      expect(await refusal(stakes.requestUnstake(session, { amount: "11" }))).to.match(
        /has 10 XME staked, less than 11 XME/,
      );
      expect(await refusal(stakes.withdraw(session, { to: "" }))).to.match(/has no XME waiting: ask for it/);
      await stakes.requestUnstake(session, { amount: "5" });
      const nonce = await session.signer?.getNonce();
      expect(await refusal(stakes.restake(session, { amount: "6" }))).to.match(/has 5 XME waiting, less than 6 XME/);
      expect(await refusal(stakes.withdraw(session, { to: "" }))).to.match(/^The XME can be taken from \d{4}-.*: wait/);
      expect(await refusal(stakes.withdraw(session, { to: await votes.getAddress() }))).to.match(
        /^--to is 0x\w{40}, which is this deployment's contract VotingXME and nobody's account/,
      );
      expect(await session.signer?.getNonce()).to.equal(nonce);
    });
  });

  describe("delegate", () => {
    it("should hand the votes to another, to nobody, and back", async () => {
      const { session, other, deployment } = local();
      const { votes } = deployment.xme;
      await stakes.stake(session, { amount: "7" });
      const given = await stakes.delegate(session, { to: other.account });
      expect(given.expected[0]).to.equal(
        `The votes of 7 vXME go from ${session.account} to ${other.account}, also those of what is staked later.`,
      );
      expect(given.transaction.events[0]).to.equal(`${other.account} votes for ${session.account} now.`);
      expect(await votes.getVotes(other.account)).to.equal(parseEther("7"));
      const none = await stakes.delegate(session, { to: "nobody" });
      expect(none.expected[0]).to.contain("to nobody: they count for no proposal and no quorum");
      expect(none.transaction.events[0]).to.equal(`Nobody votes for ${session.account} now.`);
      expect(await votes.delegates(session.account)).to.equal(ZeroAddress);
      expect((await stakes.delegate(session, { to: "" })).expected[0]).to.match(/^The votes of 7 vXME go to 0x/);
      expect(await votes.getVotes(session.account)).to.equal(parseEther("7"));
    });

    it("should say so when nothing would change, or the delegate is none", async () => {
      const { session } = local();
      expect(await refusal(stakes.delegate(session, { to: "nobody" }))).to.match(/^Nobody votes for 0x\w{40} already/);
      await stakes.stake(session, { amount: "7" });
      expect(await refusal(stakes.delegate(session, { to: "" }))).to.match(/votes for 0x\w{40} already/);
      expect(await refusal(stakes.delegate(session, { to: ZeroAddress }))).to.match(/write nobody if that is meant/);
      expect(await refusal(stakes.delegate(session, { to: "bob" }))).to.match(/^--to is "bob"/);
    });
  });

  describe("income, claim", () => {
    it("should give XMEX to all holders by allowance, and pay it out as it streams", async () => {
      const { session, other, time } = local();
      await giveXmex(other, "3000");
      await stakes.stake(session, { amount: "1000" });
      const given = await stakes.addIncome(other, { amount: "3000" });
      expect(given.expected[0]).to.match(/^3,000 XMEX for all holders of vXME: it streams to them from \d{4}-/);
      expect(given.allowances).to.have.length(1);
      expect(given.balance).to.equal(0n);
      expect(given.transaction.events.at(-1)).to.contain(`${other.account} gave 3,000 XMEX`);
      await nextMonth();
      await time.increase(MONTH / 3n);
      const claimed = await stakes.claim(session, { to: other.account });
      expect(claimed.account).to.equal(other.account);
      // A third of the month, and the seconds of the blocks since.
      expect(claimed.balance).to.be.within(parseEther("1000"), parseEther("1001") - 1n);
      expect(claimed.transaction.events.at(-1)).to.match(
        /^1,000(\.\d+)? XMEX that 0x\w{40} had earned went to 0x\w{40}\.$/,
      );
    });

    it("should say so when nothing was earned, or there is nothing to give", async () => {
      const { session } = local();
      expect(await refusal(stakes.claim(session, { to: "" }))).to.match(/has earned no XMEX that was not claimed/);
      expect(await refusal(stakes.addIncome(session, { amount: "0" }))).to.match(/^An amount of zero gives nothing/);
      expect(await refusal(stakes.addIncome(session, { amount: "1" }))).to.match(
        /holds 0 XMEX, and 1 XMEX are needed|holds 0 XMEX, which is less than the 1 XMEX needed/,
      );
    });
  });

  describe("advance", () => {
    it("should draw a month's emission for all holders, once a month", async () => {
      const { session, other, deployment } = local();
      await stakes.stake(session, { amount: "3000" });
      await nextMonth();
      const { emissionVault: vault, votes } = deployment.xme;
      expect((await vault.available(3n)) > parseEther("1000")).to.equal(true);
      const drawn = await stakes.advance(other);
      expect(drawn.expected.join(" ")).to.match(
        /given income in this month yet, [\d,.]+ XMEX of emission are drawn for all holders/,
      );
      expect(drawn.transaction.events.join(" ")).to.match(
        /gave [\d,.]+ XMEX, which streams to all holders in the month after this one/,
      );
      expect((await vault.available(3n)) < parseEther("1000")).to.equal(true);
      expect((await stakes.advance(other)).transaction.events).to.deep.equal([]);
      await asTreasury(local(), async (treasury) => {
        await vault.connect(treasury).setDrawer(3n, ZeroAddress);
      });
      await nextMonth();
      const idle = await stakes.advance(other);
      expect(idle.expected).to.deep.equal([
        "The dividends are brought up to now.",
        "No emission is drawn: governance has named no drawer of its stream, or another one.",
      ]);
      expect((await votes.distribution()).next).to.equal(0n);
    });
  });

  describe("status", () => {
    it("should tell stake, votes, delegate, what waits, what was earned, and what streams", async () => {
      const { session, other, time } = local();
      expect(describeStake(await readStake(session)))
        .to.contain("waiting  nothing")
        .and.contain("nobody votes with them");
      await giveXmex(other, "6000");
      await stakes.stake(session, { amount: "3000" });
      await stakes.addIncome(other, { amount: "6000" });
      await stakes.requestUnstake(session, { amount: "1000" });
      const before = await readStake(session);
      expect(before).to.include({
        xme: parseEther("2000"),
        staked: parseEther("2000"),
        votes: parseEther("2000"),
        delegate: session.account,
        pending: parseEther("1000"),
        earned: 0n,
        supply: parseEther("2000"),
        proposalThreshold: parseEther("1000000"),
      });
      expect(before.distribution.next >= parseEther("6000")).to.equal(true);
      expect(describeStake(before))
        .to.contain("staked   2,000 vXME, 100 % of 2,000 vXME; it votes with them itself")
        .and.contain("votes    2,000 vXME; a proposal takes 1,000,000 vXME")
        .and.match(/waiting {2}1,000 XME, to be taken from \d{4}-/);
      await nextMonth();
      const during = await readStake(session);
      expect(during.distribution.active).to.equal(before.distribution.next);
      expect(during.estimate).to.equal(during.distribution.active);
      await time.increase(MONTH / 2n);
      const half = await readStake(session);
      expect(half.earned >= parseEther("2999")).to.equal(true);
      await stakes.delegate(session, { to: other.account });
      expect(describeStake(await readStake(session)))
        .to.contain(`${other.account} votes with them`)
        .and.contain("XMEX, which `hardhat stake claim` takes")
        .and.contain("1,000 XME, which `hardhat stake withdraw` takes");
    });
  });

  it("should send nothing for an account whose key is not here", async () => {
    const { connection, deployment } = local();
    const away = await sessionOf(connection, deployment, "0x000000000000000000000000000000000000dEaD");
    for (const flow of [
      () => stakes.stake(away, { amount: "1" }),
      () => stakes.requestUnstake(away, { amount: "1" }),
      () => stakes.restake(away, { amount: "1" }),
      () => stakes.withdraw(away, { to: "" }),
      () => stakes.claim(away, { to: "" }),
      () => stakes.delegate(away, { to: "" }),
      () => stakes.addIncome(away, { amount: "1" }),
      () => stakes.advance(away),
    ]) {
      expect(await refusal(flow())).to.match(/has no key of 0x0+dEaD/);
    }
  });

  it("should announce each step before it sends it", async () => {
    const { session, other, later } = local();
    await expectAnnouncedFirst(session, (s) => stakes.stake(s, { amount: "100" }));
    await stakes.stake(session, { amount: "100" });
    await expectAnnouncedFirst(session, (s) => stakes.delegate(s, { to: other.account }));
    await expectAnnouncedFirst(session, (s) => stakes.requestUnstake(s, { amount: "50" }));
    await stakes.requestUnstake(session, { amount: "50" });
    await expectAnnouncedFirst(session, (s) => stakes.restake(s, { amount: "10" }));
    await later(7);
    await expectAnnouncedFirst(session, (s) => stakes.withdraw(s, { to: "" }));
    await giveXmex(other, "100");
    await expectAnnouncedFirst(other, (s) => stakes.addIncome(s, { amount: "100" }));
    await stakes.addIncome(other, { amount: "100" });
    await nextMonth();
    await later(1);
    await expectAnnouncedFirst(session, stakes.advance);
    await expectAnnouncedFirst(session, (s) => stakes.claim(s, { to: "" }));
  });
});
