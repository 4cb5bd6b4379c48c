import { spawn } from "node:child_process";
import { rmSync } from "node:fs";
import { join } from "node:path";
import { text } from "node:stream/consumers";

import { expect } from "chai";
import type { ErrorFragment } from "ethers";
import hre from "hardhat";

import { deploy } from "../../../src/deployment/deploy.js";
import { ExplainedError } from "../../../src/deployment/explained-error.js";
import * as model from "../../../src/rank/index.js";
import {
  claim,
  describeOutcome,
  describeStatus,
  mint,
  readStatus,
  share,
  stake,
  withdraw,
} from "../../../tasks/rank/flows.js";
import { RANK_REFUSALS } from "../../../tasks/rank/words.js";
import { sessionOf } from "../../../tasks/support/session.js";
import { type Anvil, rpc, startAnvil } from "../../support/anvil.js";

const { config, network } = hre;
const DAY = 86_400;
const NO_STAKE = { stakePercent: "", stakeTerm: "" };

async function refusal(promise: Promise<unknown>): Promise<string> {
  return promise.then(
    () => "nothing was refused",
    (error: unknown) => {
      if (error instanceof ExplainedError) return error.message;
      throw error;
    },
  );
}

describe("hardhat rank", () => {
  async function fresh() {
    const connection = await network.create();
    const { deployment } = await deploy(hre, connection, { economy: "rank" });
    const session = await sessionOf(connection, deployment, "0");
    const other = await sessionOf(connection, deployment, "1");
    const later = (days: number): Promise<void> =>
      connection.networkHelpers.time.increase(days * DAY + 60).then(() => undefined);
    return { connection, deployment, session, other, later, xrank: deployment.rank.xrank };
  }
  let local: Awaited<ReturnType<typeof fresh>>;
  let restore: () => Promise<void>;

  before(async () => {
    local = await fresh();
  });
  beforeEach(async () => {
    const snapshot = await local.connection.networkHelpers.takeSnapshot();
    restore = () => snapshot.restore();
  });
  afterEach(() => restore());

  describe("claim", () => {
    it("should take the rank that it announced, and tell hash, gas and event", async () => {
      const { session, xrank } = local;
      const done = await claim(session, { term: "100" });
      expect(done.expected[0]).to.equal("Rank 1 with an amplifier of 3,000 and 100 ‰ for early adopters.");
      expect(done.expected[2]).to.contain(
        `${model.grossReward(1_000n, 3_000n, 100n, 1_100n).toLocaleString("en")} XRANK once 1,000`,
      );
      expect((await xrank.userMints(session.account)).rank).to.equal(1n);
      expect(done.transaction.events).to.deep.equal([`${session.account} took rank 1 and may mint after 100 days.`]);
      const receipt = await local.connection.ethers.provider.getTransactionReceipt(done.transaction.hash);
      expect(done.transaction.gasUsed).to.equal(receipt?.gasUsed);
      expect(describeOutcome(done)).to.contain(done.transaction.hash).and.contain("now holds 0 XRANK");
    });

    it("should say what to write when the term is missing or no number", async () => {
      const { session } = local;
      expect(await refusal(claim(session, { term: "" }))).to.equal(
        "--term is missing: write a whole number of days, such as 100.",
      );
      expect(await refusal(claim(session, { term: "1.5" }))).to.contain(
        '--term is "1.5": write a whole number of days',
      );
    });

    it("should say what is allowed when the term is too long or too short, and send nothing", async () => {
      const { session, connection } = local;
      const nonce = await connection.ethers.provider.getTransactionCount(session.account);
      expect(await refusal(claim(session, { term: "101" }))).to.match(
        /^A mint takes at most 100 days at the current global rank, not 101/,
      );
      expect(await refusal(claim(session, { term: "0" }))).to.match(/^A mint takes at least 1 day, not 0/);
      expect(await connection.ethers.provider.getTransactionCount(session.account)).to.equal(nonce);
    });

    it("should name a mint that is under way", async () => {
      const { session } = local;
      await claim(session, { term: "1" });
      expect(await refusal(claim(session, { term: "1" }))).to.match(
        /has a mint under way already, with rank 1, mature after \d{4}-/,
      );
    });
  });

  describe("mint", () => {
    it("should say how to start a mint where there is none", async () => {
      expect(await refusal(mint(local.session, NO_STAKE))).to.match(
        /has no mint under way: start one with `hardhat rank claim/,
      );
    });

    it("should say when a mint can be ended that is not mature", async () => {
      const { session } = local;
      await claim(session, { term: "10" });
      expect(await refusal(mint(session, NO_STAKE))).to.match(
        /^The mint can be ended after \d{4}-.* UTC, and the chain's time is .*: wait\.$/,
      );
    });

    it("should give what was announced, late penalties included", async () => {
      const { session, other, later } = local;
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
      const { session, later, xrank } = local;
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
      const { session, other, later, xrank } = local;
      await claim(session, { term: "10" });
      await later(10);
      const done = await share(session, { to: other.account, percent: "25" });
      const total = model.grossReward(2n, 3_000n, 10n, 1_100n) * model.TOKEN;
      expect(await xrank.balanceOf(other.account)).to.equal((total * 25n) / 100n);
      expect(done.balance).to.equal(total - (total * 25n) / 100n);
      expect(done.expected[1]).to.contain(`of it to ${other.account}`);
    });

    it("should say so when address or percent are wrong", async () => {
      const { session, other, later } = local;
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
      const { session, later } = local;
      await claim(session, { term: "10" });
      await later(10);
      await mint(session, NO_STAKE);
    });

    it("should lock the amount and pay the yield that was announced, after the term", async () => {
      const { session, later } = local;
      const before = (await readStatus(session)).balance;
      const locked = await stake(session, { amount: "1000.5", term: "200" });
      expect(locked.balance).to.equal(before - 1_000_500_000_000_000_000_000n);
      await later(200);
      const paid = await withdraw(session, { early: false });
      const reward = paid.balance - before;
      expect(reward).to.equal((1_000_500_000_000_000_000_000n * ((20n * 200n * 1_000_000n) / 365n)) / 100_000_000n);
      expect(locked.expected[1]).to.match(/^Withdrawn after that it brings 109\.6\d+ XRANK/);
      expect(paid.expected[0]).to.equal(
        `1,000.500000 XRANK back and ${/brings (.*);/.exec(locked.expected[1] ?? "")?.[1] ?? ""} of yield.`,
      );
    });

    it("should ask for --early where the yield would be lost, and obey it", async () => {
      const { session } = local;
      const before = (await readStatus(session)).balance;
      await stake(session, { amount: "10", term: "200" });
      expect(await refusal(withdraw(session, { early: false }))).to.match(
        /withdrawn now it brings no yield; wait, or add --early/,
      );
      expect((await withdraw(session, { early: true })).balance).to.equal(before);
    });

    it("should say so when the amount is more than the balance, or none", async () => {
      const { session } = local;
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
      const { session } = local;
      expect(await refusal(withdraw(session, { early: true }))).to.match(/has no stake: start one with/);
      await stake(session, { amount: "10", term: "200" });
      expect(await refusal(stake(session, { amount: "1", term: "1" }))).to.match(
        /has a stake of 10 XRANK already, mature after/,
      );
    });
  });

  describe("status", () => {
    it("should tell balance, mint, stake and economy", async () => {
      const { session, later } = local;
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
      const { connection, deployment } = local;
      expect(await refusal(sessionOf(connection, deployment, "20"))).to.equal(
        '--account is 20, but network "default" has 20 accounts, counted from 0.',
      );
    });

    it("should say so when it is no address", async () => {
      const { connection, deployment } = local;
      expect(await refusal(sessionOf(connection, deployment, "alice"))).to.match(
        /^--account is "alice": write an index such as 0/,
      );
    });

    it("should show the status of an account whose key is not here, and refuse to send for it", async () => {
      const { connection, deployment } = local;
      const foreign = await sessionOf(connection, deployment, "0x000000000000000000000000000000000000dEaD");
      expect((await readStatus(foreign)).balance).to.equal(0n);
      expect(await refusal(claim(foreign, { term: "1" }))).to.match(
        /has no key of 0x000000000000000000000000000000000000dEaD/,
      );
    });
  });

  it("should have a sentence for every refusal in XRANK's ABI that is its own", () => {
    const own: string[] = [];
    local.xrank.interface.fragments.forEach((fragment) => {
      const { type, name } = fragment as ErrorFragment;
      if (type === "error" && name.startsWith("XRank_")) own.push(name);
    });
    expect(own).to.have.length.above(10);
    expect(Object.keys(RANK_REFUSALS)).to.include.members(own);
  });

  context("given a recorded deployment", () => {
    const id = `rank-by-test-${String(process.pid)}`;
    let anvil: Anvil;

    before(async () => {
      anvil = await startAnvil();
      const connection = await network.create({ network: "localhost", override: { url: anvil.url } });
      await deploy(hre, connection, { economy: "rank", directory: join(config.paths.root, "deployments", id) });
    });

    after(async () => {
      await anvil.stop();
      rmSync(join(config.paths.root, "deployments", id), { recursive: true });
    });

    async function run(...command: string[]): Promise<{ output: string; complaint: string }> {
      const cli = join(config.paths.root, "node_modules", "hardhat", "dist", "src", "cli.js");
      const child = spawn(process.execPath, [cli, "rank", ...command, "--network", "localhost", "--deployment", id], {
        cwd: config.paths.root,
        env: { ...process.env, LOCALHOST_RPC_URL: anvil.url },
        stdio: ["ignore", "pipe", "pipe"],
      });
      const [output, complaint] = await Promise.all([text(child.stdout), text(child.stderr)]);
      return { output, complaint };
    }

    it("should work from the command line, with --json for machines", async () => {
      const claimed = JSON.parse((await run("claim", "--term", "1", "--account", "3", "--json")).output) as {
        transaction: { hash: string };
      };
      expect(claimed.transaction.hash).to.match(/^0x[0-9a-f]{64}$/);
      await rpc(anvil.url, "evm_increaseTime", DAY + 60);
      await rpc(anvil.url, "evm_mine");
      // One after the other would take three starts of Hardhat; they don't depend on each other.
      const [status, refused, minted] = await Promise.all([
        run("status", "--account", "4"),
        run("mint", "--account", "5", "--json"),
        run("mint", "--account", "3"),
      ]);
      expect(status.output).to.contain("mint     none");
      expect(JSON.parse(refused.output))
        .to.have.property("error")
        .that.matches(/has no mint under way/);
      expect(minted.output).to.match(/ended a mint worth [\d,]+ XRANK/);
    });
  });
});
