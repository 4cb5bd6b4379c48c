import { randomInt } from "node:crypto";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { expect } from "chai";
import { id, MaxUint256 } from "ethers";

import { type LogProvider, LogReader, periodsOf } from "../../../src/chain/logs.js";
import { consumptionOf, outputOf, readEconomy, spentOf, totalOf } from "../../../src/xme/economy.js";
import { MINING_WEEK, miningEpoch } from "../../../src/xme/mining.js";
import { SPENDING_CATEGORIES, SPENDING_PARTS } from "../../../src/xme/spending.js";
import { csvOf, describeEconomy, disagreement, printEconomy, showEconomy } from "../../../tasks/economy/flows.js";
import { type Session, sessionOf } from "../../../tasks/support/session.js";
import { deployPeople, listOf, OFFERS, People, TOKEN } from "../../support/people.js";
import { refusal } from "../../support/tasks.js";
import { asTreasury } from "../../support/xmeTasks.js";

/** Numbers from a seed, each below `bound`. */
function dice(seed: number): (bound: number) => number {
  let state = seed;
  return (bound) => {
    state = (state * 48_271) % 2_147_483_647;
    return state % bound;
  };
}

describe("hardhat economy", () => {
  let people: People;
  let session: Session;
  const seed = randomInt(1, 1_000_000);
  let first: bigint;
  /** What mining paid and credited, by week. */
  const credited = new Map<bigint, bigint>();
  const paid = new Map<bigint, bigint>();
  const locked = 11n * TOKEN;
  const burned = 5n * TOKEN;

  before(async () => {
    const world = await deployPeople();
    people = await People.settle(world);
    const { ada, ben, connection, deployment } = world;
    const { xmex, spending, ascension } = people.contracts;
    session = await sessionOf(connection, deployment, "0");
    await asTreasury({ connection, deployment }, async (treasury) => {
      for (const who of [ada, ben]) await xmex.connect(treasury).transfer(who, 10_000n * TOKEN);
    });
    first = miningEpoch(await people.now());
    const content = await people.register(ada, "what Ada wrote", 10n * TOKEN);
    await people.spendOnEverything(ben, ada, content);
    const roll = dice(seed);
    for (let i = 1n; i <= 3n; i++) {
      await people.goTo(first + i, 0n, 6n);
      for (let n = 0; n < 6; n++) {
        const amount = BigInt(roll(1_000_000) + 1) * 10n ** 12n;
        const payer = [ada, ben][roll(2)] ?? ada;
        const [by, to] = [payer.address, ada.address];
        const contract = spending.connect(payer);
        const item = BigInt(roll(3) + 1);
        const choices = [
          () =>
            people.spend(contract.tip(to, amount), (models, at) => {
              models.spending.tip(at, by, to, amount);
            }),
          () =>
            people.spend(contract.boost(content, first + i, amount), (models, at) => {
              models.spending.boost(at, by, content, first + i, amount);
            }),
          () =>
            people.spend(contract.buy(item, 1n, MaxUint256), (models, at) =>
              models.spending.buy(at, by, item, 1n, MaxUint256),
            ),
          () =>
            people.spend(contract.useService(OFFERS.service.number, 2n, id("a request"), MaxUint256), (models, at) =>
              models.spending.useService(at, by, OFFERS.service.number, 2n, MaxUint256),
            ),
          () => people.buyGrowth(payer, "acceleration", BigInt(roll(3) + 1)),
        ];
        await choices[roll(choices.length)]?.();
      }
      if (i === 1n) {
        const list = listOf(new Map([ada, ben].map((who, n) => [who.address, BigInt(n + 1)])));
        await people.publish(first, list);
        await people.goTo(first + 1n, 3n, 7n);
        for (const who of [ada, ben]) {
          const told = await people.claim(first, list, who);
          credited.set(first + 1n, (credited.get(first + 1n) ?? 0n) + told.credited);
          paid.set(first + 1n, (paid.get(first + 1n) ?? 0n) + told.paid);
        }
      }
      if (i === 2n) {
        paid.set(first + 2n, await people.withdraw(ada));
        await people.sent(ascension.connect(ada).deposit(locked, 0n));
        await people.sent(xmex.connect(ada).burn(burned));
        await people.distribute(first, "tip");
        await people.distribute(first + 1n, "growth");
      }
    }
  });

  after(() => people.connection.close());

  const read = (provider: Partial<LogProvider> = {}) => {
    const { provider: real } = session.connection.ethers;
    const asked = { getBlock: real.getBlock.bind(real), getLogs: real.getLogs.bind(real), ...provider };
    return readEconomy(people.contracts, asked, session.deployment.startBlock);
  };

  it("should tell output and consumption of several weeks as a model that saw every spend", async () => {
    const report = await read();
    expect(report.checks.filter(({ agrees }) => !agrees)).to.deep.equal([]);
    expect(report.checks.length).to.be.above(50);
    const shown = report.weeks.filter(({ week }) => week >= first);
    expect(shown.map(({ week }) => week)).to.deep.equal([0n, 1n, 2n, 3n].map((i) => first + i));
    for (const flow of shown) {
      expect(consumptionOf(flow), `consumed, with the seed ${seed}`).to.equal(people.spending.consumedIn(flow.week));
      for (const category of SPENDING_CATEGORIES) {
        const parts = people.spending.partsIn(flow.week, category);
        for (const part of ["creator", ...SPENDING_PARTS] as const) {
          expect(flow.spending[category].parts[part], `${category} for ${part}`).to.equal(parts[part]);
        }
      }
      expect(flow.mining.credited, "credited").to.equal(credited.get(flow.week) ?? 0n);
      expect(flow.mining.paid, "paid").to.equal(paid.get(flow.week) ?? 0n);
    }
    const total = totalOf(report.weeks);
    expect(total.locked).to.equal(locked);
    expect(total.burned).to.equal(burned + total.delivered.burn);
    expect(total.delivered.burn > 0n).to.equal(true);
    const { xmex, emissionVault } = people.contracts;
    const left = (await emissionVault.ALLOCATION()) - (await xmex.balanceOf(emissionVault));
    expect(outputOf(total)).to.equal(left);
    expect(spentOf(total)).to.equal(SPENDING_CATEGORIES.reduce((sum, name) => sum + total.spending[name].spent, 0n));
  });

  it("should tell the same where the node limits how many blocks it looks through, and fail where it gives none", async () => {
    const { provider } = session.connection.ethers;
    let refused = 0;
    const getLogs: LogProvider["getLogs"] = async (filter) => {
      if (filter.toBlock - filter.fromBlock < 37) return provider.getLogs(filter);
      refused += 1;
      throw new Error("query exceeds max block range 37");
    };
    expect(await read({ getLogs })).to.deep.equal(await read());
    expect(refused).to.be.above(0);
    const silent = new LogReader({ getLogs: () => Promise.reject(new Error("no logs here")) });
    const failure = await silent
      .read({ address: [] }, 1, 9)
      .next()
      .catch((error: unknown) => error);
    expect(failure).to.have.property(
      "message",
      "The node refuses the events of block 1 alone (no logs here): use another RPC URL.",
    );
  });

  it("should show the weeks that are asked for, and write them to a file that was not there", async () => {
    const folder = mkdtempSync(join(tmpdir(), "economy-"));
    try {
      const csv = join(folder, "weeks.csv");
      const shown = await showEconomy(session, { weeks: "2", csv });
      expect(shown.weeks.map(({ week }) => week)).to.deep.equal([first + 2n, first + 3n]);
      expect(shown.total).to.deep.equal(totalOf((await read()).weeks));
      expect(readFileSync(csv, "utf8")).to.equal(csvOf(shown.weeks));
      expect(csvOf(shown.weeks)).to.contain(`\n${first + 2n},locked,${locked}\n`);
      const text = describeEconomy(shown);
      expect(text)
        .to.match(/\nsince the deployment /)
        .and.match(/\n0, social mining /);
      expect(text).to.match(/Checked: all \d+ sums of events agree with the contracts\.\nThe weeks shown are in /);
      expect(await refusal(showEconomy(session, { weeks: "2", csv }))).to.match(/no new file can be written there/);
      expect(await refusal(showEconomy(session, { weeks: "0", csv: "" }))).to.match(/^--weeks is 0: write how many/);
      expect(await refusal(showEconomy(session, { weeks: "all", csv: "" }))).to.match(/^--weeks is "all"/);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });

  it("should say so, and exit with 1, when events and contracts disagree", async () => {
    const { provider } = session.connection.ethers;
    const ascension = await people.contracts.ascension.getAddress();
    const vault = await people.contracts.emissionVault.getAddress();
    const getLogs: LogProvider["getLogs"] = async (filter) =>
      (await provider.getLogs(filter)).filter(({ address }) => address !== vault && address !== ascension);
    const report = await read({ getLogs });
    expect(disagreement(report)?.message).to.match(
      /^Events and contracts disagree \(net drawn from stream 0: 0 XMEX by events, [\d,.]+ XMEX by the contract/,
    );
    const shown = { ...report, network: "test", total: totalOf(report.weeks), csv: "" };
    expect(describeEconomy(shown))
      .to.contain("The emission vault has given nothing yet.")
      .and.match(/Checked: \d+ of \d+/);

    const printed: string[] = [];
    const { log, error } = console;
    console.log = (line: string) => void printed.push(line);
    console.error = (line: string) => void printed.push(line);
    try {
      const failed = await printEconomy(true, () => Promise.resolve(shown));
      expect(failed.success).to.equal(false);
      expect((await printEconomy(false, () => showEconomy(session, { weeks: "1", csv: "" }))).success).to.equal(true);
    } finally {
      [console.log, console.error] = [log, error];
    }
    const [document = "", complaint, text] = printed;
    expect(JSON.parse(document)).to.have.property("network", "test");
    expect(complaint).to.equal(disagreement(report)?.message);
    expect(text).to.match(/^Output and consumption of XMEX on network "default" up to block/);
  });

  it("should ask for few times to find the weeks of many blocks", async () => {
    const blocks = Array.from({ length: 10_000 }, (_, i) => i * 3);
    let asked = 0;
    const timeOf = (block: number): Promise<bigint> => {
      asked += 1;
      return Promise.resolve(BigInt(block) * 60n + (block > 15_000 ? 5n * MINING_WEEK : 0n));
    };
    const periods = await periodsOf(blocks, timeOf, MINING_WEEK);
    expect(asked).to.be.below(150);
    for (const block of blocks) expect(periods.get(block)).to.equal((await timeOf(block)) / MINING_WEEK);
    expect((await periodsOf([], timeOf, MINING_WEEK)).size).to.equal(0);
  });
});
