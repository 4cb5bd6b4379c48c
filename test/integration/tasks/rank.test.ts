import { setTimeout as wait } from "node:timers/promises";

import { expect } from "chai";
import { type ErrorFragment, formatEther } from "ethers";

import * as model from "../../../src/rank/index.js";
import { claim, describeStatus, mint, readStatus, share, stake, withdraw } from "../../../tasks/rank/flows.js";
import { RANK_REFUSALS } from "../../../tasks/rank/words.js";
import { describeOutcome } from "../../../tasks/support/outcome.js";
import { sessionOf } from "../../../tasks/support/session.js";
import { rpc } from "../../support/anvil.js";
import { deployed, expectAnnouncedFirst, type Recorded, recorded, refusal } from "../../support/tasks.js";

const DAY = 86_400;
const NO_STAKE = { stakePercent: "", stakeTerm: "" };

describe("hardhat rank", () => {
  const local = deployed("rank", 0);

  describe("claim", () => {
    it("should take the rank that it announced, and tell hash, gas and event", async () => {
      const { session, deployment } = local();
      const { xrank } = deployment.rank;
      const done = await claim(session, { term: "100" });
      expect(done.expected[0]).to.equal("Rank 1 with an amplifier of 3,000 and 100 ‰ for early adopters.");
      expect(done.expected[2]).to.contain(
        `${model.grossReward(1_000n, 3_000n, 100n, 1_100n).toLocaleString("en")} XRANK once 1,000`,
      );
      expect((await xrank.userMints(session.account)).rank).to.equal(1n);
      expect(done.transaction.events).to.deep.equal([`${session.account} took rank 1 and may mint after 100 days.`]);
      const receipt = await local().connection.ethers.provider.getTransactionReceipt(done.transaction.hash);
      expect(done.transaction.gasUsed).to.equal(receipt?.gasUsed);
      expect(describeOutcome(done)).to.contain(done.transaction.hash).and.contain("now holds 0 XRANK");
    });

    it("should say what to write when the term is missing or no number", async () => {
      const { session } = local();
      expect(await refusal(claim(session, { term: "" }))).to.equal(
        "--term is missing: write a whole number of days, such as 100.",
      );
      expect(await refusal(claim(session, { term: "1.5" }))).to.contain(
        '--term is "1.5": write a whole number of days',
      );
    });

    it("should say what is allowed when the term is too long or too short, and send nothing", async () => {
      const { session, connection } = local();
      const nonce = await connection.ethers.provider.getTransactionCount(session.account);
      expect(await refusal(claim(session, { term: "101" }))).to.match(
        /^A mint takes at most 100 days at the current global rank, not 101/,
      );
      expect(await refusal(claim(session, { term: "0" }))).to.match(/^A mint takes at least 1 day, not 0/);
      expect(await connection.ethers.provider.getTransactionCount(session.account)).to.equal(nonce);
    });

    it("should name a mint that is under way", async () => {
      const { session } = local();
      await claim(session, { term: "1" });
      expect(await refusal(claim(session, { term: "1" }))).to.match(
        /has a mint under way already, with rank 1, mature after \d{4}-/,
      );
    });
  });

  describe("mint", () => {
    it("should say how to start a mint where there is none", async () => {
      expect(await refusal(mint(local().session, NO_STAKE))).to.match(
        /has no mint under way: start one with `hardhat rank claim/,
      );
    });

    it("should say when a mint can be ended that is not mature", async () => {
      const { session } = local();
      await claim(session, { term: "10" });
      expect(await refusal(mint(session, NO_STAKE))).to.match(
        /^The mint can be ended after \d{4}-.* UTC, and the chain's time is .*: wait\.$/,
      );
    });

    it("should give what was announced, late penalties included", async () => {
      const { session, other, later } = local();
      await claim(session, { term: "10" });
      await claim(other, { term: "12" });
      await later(12);
      const reward = (model.grossReward(2n, 3_000n, 10n, 1_100n) * (100n - model.penaltyPct(2n))) / 100n;
      const late = await mint(session, NO_STAKE);
      expect(late.expected).to.deep.equal([
        `A reward of ${reward.toLocaleString("en")} XRANK, after a penalty of 3 % for 2 days of delay.`,
      ]);
      expect(late.balance).to.equal(reward * model.TOKEN);
      const onTime = await mint(other, NO_STAKE);
      expect(onTime.expected[0]).to.match(/, without penalty\.$/);
      expect(onTime.transaction.events.join()).to.contain("were minted to").and.contain("ended a mint worth");
    });

    it("should stake the part that it is asked to", async () => {
      const { session, later, deployment } = local();
      const { xrank } = deployment.rank;
      await claim(session, { term: "10" });
      await later(10);
      const both = { stakePercent: "40", stakeTerm: "300" };
      expect(await refusal(mint(session, { ...both, stakeTerm: "" }))).to.match(/^--stake-term is missing/);
      expect(await refusal(mint(session, { ...both, stakePercent: "0" }))).to.match(/^A stake must be above 0 XRANK/);
      expect(await refusal(mint(session, { ...both, stakePercent: "101" }))).to.match(
        /^At most 100 percent can be staked, not 101/,
      );
      expect(await refusal(mint(session, { ...both, stakeTerm: "1001" }))).to.match(
        /^A stake takes at most 1,000 days, not 1001/,
      );
      expect(await refusal(mint(session, { ...both, stakeTerm: "0" }))).to.match(
        /^A stake takes at least 1 day, not 0/,
      );
      const done = await mint(session, both);
      const total = model.grossReward(2n, 3_000n, 10n, 1_100n) * model.TOKEN;
      expect((await xrank.userStakes(session.account)).amount).to.equal((total * 40n) / 100n);
      expect(done.balance).to.equal(total - (total * 40n) / 100n);
    });
  });

  describe("share", () => {
    it("should give each side what was announced", async () => {
      const { session, other, later, deployment } = local();
      const { xrank } = deployment.rank;
      await claim(session, { term: "10" });
      await later(10);
      const done = await share(session, { to: other.account, percent: "25" });
      const total = model.grossReward(2n, 3_000n, 10n, 1_100n) * model.TOKEN;
      expect(await xrank.balanceOf(other.account)).to.equal((total * 25n) / 100n);
      expect(done.balance).to.equal(total - (total * 25n) / 100n);
      expect(done.expected[1]).to.contain(`of it to ${other.account}`);
    });

    it("should say so when address or percent are wrong", async () => {
      const { session, other, later } = local();
      await claim(session, { term: "1" });
      await later(1);
      expect(await refusal(share(session, { to: "", percent: "25" }))).to.match(/^--to is missing/);
      expect(await refusal(share(session, { to: "0x12", percent: "25" }))).to.match(
        /^--to is "0x12": write an address/,
      );
      expect(await refusal(share(session, { to: other.account, percent: "half" }))).to.match(/^--percent is "half"/);
      expect(await refusal(share(session, { to: other.account, percent: "0" }))).to.match(
        /^A share of zero percent is none/,
      );
      expect(await refusal(share(session, { to: other.account, percent: "101" }))).to.match(
        /^At most 100 percent can be shared/,
      );
      expect(await refusal(share(session, { to: `0x${"0".repeat(40)}`, percent: "1" }))).to.match(/zero address/);
    });
  });

  describe("stake and withdraw", () => {
    beforeEach(async () => {
      const { session, later } = local();
      await claim(session, { term: "10" });
      await later(10);
      await mint(session, NO_STAKE);
    });

    it("should lock the amount and pay the yield that was announced, after the term", async () => {
      const { session, later } = local();
      const before = (await readStatus(session)).balance;
      const locked = await stake(session, { amount: "1000.5", term: "200" });
      expect(locked.balance).to.equal(before - 1_000_500_000_000_000_000_000n);
      await later(200);
      const paid = await withdraw(session, { early: false });
      const reward = (paid.balance ?? 0n) - before;
      expect(reward).to.equal((1_000_500_000_000_000_000_000n * ((20n * 200n * 1_000_000n) / 365n)) / 100_000_000n);
      expect(locked.expected[1]).to.match(/^Withdrawn after that it brings 109\.6\d+ XRANK/);
      expect(paid.expected[0]).to.equal(
        `1,000.500000 XRANK back and ${/brings (.*);/.exec(locked.expected[1] ?? "")?.[1] ?? ""} of yield.`,
      );
    });

    it("should ask for --early where the yield would be lost, and obey it", async () => {
      const { session } = local();
      const before = (await readStatus(session)).balance;
      await stake(session, { amount: "10", term: "200" });
      expect(await refusal(withdraw(session, { early: false }))).to.match(
        /withdrawn now it brings no yield; wait, or add --early/,
      );
      expect((await withdraw(session, { early: true })).balance).to.equal(before);
    });

    it("should say so when the amount is more than the balance, or none", async () => {
      const { session } = local();
      expect(await refusal(stake(session, { amount: "1000000", term: "1" }))).to.match(
        /holds [\d,]+ XRANK, which is less than 1,000,000 XRANK/,
      );
      expect(await refusal(stake(session, { amount: "", term: "1" }))).to.match(/^--amount is missing/);
      expect(await refusal(stake(session, { amount: "-1", term: "1" }))).to.match(
        /^--amount is "-1": write how many XRANK/,
      );
      expect(await refusal(stake(session, { amount: "0", term: "1" }))).to.match(/^A stake must be above 0 XRANK/);
    });

    it("should name a stake that is there, and say how to start one where there is none", async () => {
      const { session } = local();
      expect(await refusal(withdraw(session, { early: true }))).to.match(/has no stake: start one with/);
      await stake(session, { amount: "10", term: "200" });
      expect(await refusal(stake(session, { amount: "1", term: "1" }))).to.match(
        /has a stake of 10 XRANK already, mature after/,
      );
    });
  });

  describe("status", () => {
    it("should tell balance, mint, stake and economy", async () => {
      const { session, later } = local();
      expect(describeStatus(await readStatus(session)))
        .to.contain("mint     none")
        .and.contain("stake    none");
      await claim(session, { term: "10" });
      expect((await readStatus(session)).mint).to.include({
        rank: 1n,
        term: 10n,
        reward: undefined,
        penaltyPercent: 0n,
      });
      await later(11);
      const mature = await readStatus(session);
      expect(mature.mint).to.include({
        reward: ((model.grossReward(2n, 3_000n, 10n, 1_100n) * 99n) / 100n) * model.TOKEN,
        penaltyPercent: 1n,
      });
      expect(mature.economy).to.include({
        globalRank: 2n,
        activeMinters: 1n,
        amplifier: 2_989n,
        apy: 20n,
        maxTerm: 100n,
      });
      await mint(session, { stakePercent: "50", stakeTerm: "30" });
      expect((await readStatus(session)).stake).to.include({ term: 30n, apy: 20n, reward: 0n });
      expect(describeStatus(await readStatus(session))).to.match(/stake {4}[\d,.]+ XRANK for 30 days at 20 % a year/);
    });
  });

  describe("given an account", () => {
    it("should say how many there are when the network does not have it", async () => {
      const { connection, deployment } = local();
      expect(await refusal(sessionOf(connection, deployment, "20"))).to.equal(
        '--account is 20, but network "default" has 20 accounts, counted from 0.',
      );
    });

    it("should say so when it is no address", async () => {
      const { connection, deployment } = local();
      expect(await refusal(sessionOf(connection, deployment, "alice"))).to.match(
        /^--account is "alice": write an index such as 0/,
      );
    });

    it("should show the status of an account whose key is not here, and refuse to send for it", async () => {
      const { connection, deployment } = local();
      const foreign = await sessionOf(connection, deployment, "0x000000000000000000000000000000000000dEaD");
      expect((await readStatus(foreign)).balance).to.equal(0n);
      expect(await refusal(claim(foreign, { term: "1" }))).to.match(
        /has no key of 0x000000000000000000000000000000000000dEaD/,
      );
    });
  });

  it("should have a sentence for every refusal in XRANK's ABI that is its own", () => {
    const own: string[] = [];
    local().deployment.rank.xrank.interface.fragments.forEach((fragment) => {
      const { type, name } = fragment as ErrorFragment;
      if (type === "error" && name.startsWith("XRank_")) own.push(name);
    });
    expect(own).to.have.length.above(10);
    expect(Object.keys(RANK_REFUSALS)).to.include.members(own);
  });

  it("should announce each step before it sends it", async () => {
    const { session, other, later } = local();
    await expectAnnouncedFirst(session, (listening) => claim(listening, { term: "10" }));
    await claim(session, { term: "10" });
    await later(10);
    await expectAnnouncedFirst(session, (listening) => mint(listening, NO_STAKE));
    await expectAnnouncedFirst(session, (listening) => mint(listening, { stakePercent: "50", stakeTerm: "30" }));
    await expectAnnouncedFirst(session, (listening) => share(listening, { to: other.account, percent: "25" }));
    await mint(session, NO_STAKE);
    await expectAnnouncedFirst(session, (listening) => stake(listening, { amount: "10", term: "30" }));
    await stake(session, { amount: "10", term: "30" });
    await expectAnnouncedFirst(session, (listening) => withdraw(listening, { early: true }));
  });

  it("should say so when a number is above what the chain can count", async () => {
    const { session } = local();
    const huge = "9".repeat(83);
    expect(await refusal(stake(session, { amount: huge, term: "1" }))).to.equal(
      "--amount is above 2^256 − 1 base units of XRANK, the largest number of the chain: write a smaller amount.",
    );
    expect(await refusal(stake(session, { amount: formatEther(2n ** 256n), term: "1" }))).to.match(/above 2\^256 − 1/);
    expect(await refusal(stake(session, { amount: formatEther(2n ** 256n - 1n), term: "1" }))).to.match(
      /holds 0 XRANK, which is less than 115,792/,
    );
    expect(await refusal(claim(session, { term: huge }))).to.match(/^--term is above 2\^256 − 1, the largest number/);
    expect(await refusal(claim(session, { term: String(2n ** 256n - 1n) }))).to.match(/^A mint takes at most 100 days/);
  });

  context("given a recorded deployment", () => {
    const ends =
      /Transaction 0x[0-9a-f]{64} in block \d+ on network "localhost", [\d,]+ gas\.\n0x\w{40} now holds [\d,.]+ XRANK\.\n$/;
    let chain: Recorded;

    before(async () => {
      chain = await recorded("rank");
    });
    after(() => chain.remove());

    const run = (...command: string[]) => chain.run(["rank", ...command]);
    const mine = (...[method, ...parameters]: [string, ...unknown[]]) => rpc(chain.anvil.url, method, ...parameters);

    it("should print what to expect while nothing is mined, then what happened", async () => {
      await mine("evm_setAutomine", false);
      const printed: string[] = [];
      let first: Promise<string> | undefined;
      const running = chain.run(["rank", "claim", "--term", "1", "--account", "7"], (output) => {
        printed.push(output);
        first ??= Promise.resolve(output);
      });
      while (!first) await wait(20);
      expect(printed.join(""))
        .to.match(/^Rank 1 with an amplifier of 3,000/)
        .and.not.contain("Transaction");
      await mine("evm_setAutomine", true);
      await mine("evm_mine");
      const { output } = await running;
      expect(output).to.match(ends).and.contain("took rank 1");
      expect(output.match(/Rank 1 with/g)).to.have.length(1);
    });

    it("should name a transaction on standard error that is not mined for two seconds, beside what it answers", async () => {
      await mine("evm_setAutomine", false);
      let [without, told]: (number | undefined)[] = [];
      const running = chain.run(["rank", "claim", "--term", "1", "--account", "8", "--json"], undefined, () => {
        told ??= performance.now();
      });
      while (told === undefined) {
        const asked = performance.now();
        if ((await mine("eth_getBlockTransactionCountByNumber", "pending")) === "0x0") without = asked;
        await wait(20);
      }
      expect(told - (without ?? Infinity), "milliseconds since the node had no transaction").to.be.at.least(2_000);
      await mine("evm_setAutomine", true);
      await mine("evm_mine");
      const { output, complaint, waiting } = await running;
      const { transaction } = JSON.parse(output) as { transaction: { hash: string } };
      expect(waiting).to.equal(`Transaction ${transaction.hash} was sent; waiting until it is mined …\n`);
      expect(complaint).to.equal("");
    });

    it("should work from the command line through every command, with --json for machines", async function () {
      this.timeout(240_000);
      const claim = (who: string) => ["claim", "--term", "1", "--account", who];
      const fromShell = await chain.shell(["rank", ...claim("3")]);
      expect(fromShell.expected).to.have.length(3);
      for (const who of ["4", "5"]) {
        const { output } = await run(...claim(who), "--json");
        const { transaction, expected } = JSON.parse(output) as { transaction: { hash: string }; expected: string[] };
        expect(transaction.hash).to.match(/^0x[0-9a-f]{64}$/);
        expect(expected).to.have.length(3);
      }
      await mine("evm_increaseTime", DAY + 60);
      await mine("evm_mine");
      const to = "0x000000000000000000000000000000000000bEEF";
      const [minted, shared, staked, status, refused, huge] = await Promise.all([
        run("mint", "--account", "3"),
        run("share", "--to", to, "--percent", "25", "--account", "4"),
        run("mint", "--stake-percent", "40", "--stake-term", "300", "--account", "5"),
        run("status", "--account", "6"),
        run("mint", "--account", "6", "--json"),
        run("stake", "--amount", "9".repeat(83), "--term", "1", "--json"),
      ]);
      expect(minted.output)
        .to.match(ends)
        .and.match(/^A reward of [\d,]+ XRANK, without penalty\./)
        .and.contain("ended a mint worth");
      expect(shared.output)
        .to.match(ends)
        .and.match(/[\d,]+ XRANK were minted to 0x0{36}bEEF/i);
      expect(staked.output)
        .to.match(ends)
        .and.match(/staked [\d,.]+ XRANK for 300 days/);
      expect(status.output).to.contain("mint     none");
      expect(refused.code).to.equal(1);
      expect((JSON.parse(refused.output) as { error: string }).error).to.match(/has no mint under way/);
      expect(huge.code).to.equal(1);
      expect((JSON.parse(huge.output) as { error: string }).error).to.match(/above 2\^256 − 1/);
      const [locked, withdrawn] = await Promise.all([
        run("stake", "--amount", "12.5", "--term", "300", "--account", "3"),
        run("withdraw", "--early", "--account", "5"),
      ]);
      expect(locked.output).to.match(ends).and.contain("staked 12.500000 XRANK for 300 days");
      expect(withdrawn.output)
        .to.match(ends)
        .and.match(/got back [\d,.]+ XRANK and 0 XRANK of yield/);
    });
  });
});
