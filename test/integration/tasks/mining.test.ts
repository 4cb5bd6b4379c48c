import { appendFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { expect } from "chai";
import { keccak256, parseEther, ZeroHash } from "ethers";

import { LOG_HEADER, MINING_ENCODING, readManifest } from "../../../src/mining/index.js";
import { MINING_WEEK, STRIKE_WINDOW } from "../../../src/xme/mining.js";
import * as mining from "../../../tasks/mining/flows.js";
import { miningTasks } from "../../../tasks/mining/index.js";
import * as pipeline from "../../../tasks/mining/pipeline.js";
import { MINING_WORDS } from "../../../tasks/mining/words.js";
import { type Session, sessionOf } from "../../../tasks/support/session.js";
import { listOf } from "../../support/people.js";
import { act, deployed, expectAnnouncedFirst, type Recorded, recorded, refusal } from "../../support/tasks.js";
import { expectWordsForAll } from "../../support/words.js";
import { asTreasury } from "../../support/xmeTasks.js";

/** Thrown at construction, only to governance, or where no call of a user leads. */
const NOT_OF_USERS =
  /HasNoCode|TokenMismatch|NotInGwei|CapOutOfRange|RatioTooHigh|DailyLimitOutOfRange|WeightsAreZero|^AccessManagedInvalid|RequiredDelay|SafeERC20|SafeCast|Checkpoint|AddressEmptyCode|FailedCall|MiningAccounts_/;
const NOT_TOLD = /ParametersChanged|WeightsChanged|DailyLimitChanged|SourcesChanged|AuthorityUpdated/;
const URI = "ipfs://a-week";

describe("hardhat mining", () => {
  // The publisher of the local parameters, and its striker.
  const local = deployed("xme", 6);
  const folder = mkdtempSync(join(tmpdir(), "mining-"));
  const at = (name: string): string => join(folder, name);
  const [log, store] = [at("week.csv"), at("week.store")];
  let epoch: bigint;
  let ada: Session;
  let ben: Session;

  const input = (given: Partial<pipeline.CountInput> = {}): pipeline.CountInput => ({
    log,
    store,
    epoch: "",
    confirmations: "0",
    ...given,
  });
  const nonceOf = ({ signer }: Session) => signer?.getNonce();

  /** A week of two people: check-ins on the chain, follows and tasks in the log. */
  before(async () => {
    const { connection, deployment, time } = local();
    [ada, ben] = [await sessionOf(connection, deployment, "10"), await sessionOf(connection, deployment, "11")];
    const now = BigInt(await time.latest());
    epoch = now / MINING_WEEK + 1n;
    await time.increaseTo(epoch * MINING_WEEK + 60n);
    const { userGrowth } = deployment.xme;
    for (const who of [ada, ben]) await userGrowth.connect(who.signer).checkIn();
    const noon = epoch * MINING_WEEK + 43_200n;
    const rows = [
      [ada.account, "follow", ben.account, noon],
      [ada.account, "task", "first-steps", noon + 1n],
      [ben.account, "task", "first-steps", noon + 2n],
    ];
    writeFileSync(log, `${[LOG_HEADER, ...rows.map((row) => `${row.join(",")},`)].join("\n")}\n`);
    await time.increaseTo((epoch + 1n) * MINING_WEEK + 60n);
    await pipeline.build(await pipeline.groundOf(local().session), input());
  });
  after(() => {
    rmSync(folder, { recursive: true });
  });

  const published = () => mining.publish(local().session, { ...input(), uri: URI });

  it("should build, publish, strike, publish again, verify, claim, withdraw and return", async () => {
    const { session, other, deployment, time } = local();
    const { socialMining, xmex } = deployment.xme;
    const built = await pipeline.build(await pipeline.groundOf(session), input());
    expect(built.manifest).to.deep.include({ epoch, accounts: 2 });
    // Ada: a check-in (10), a follow (3), a task (20); Ben: a check-in and a task; each point is 100 × 100 of the source's weights.
    expect(built.manifest.total).to.equal((33n + 30n) * 10_000n);
    expect(pipeline.describeBuilt(built)).to.contain(`root      ${built.manifest.root}`);

    const done = await published();
    expect(done.expected[0]).to.equal(
      `Epoch ${String(epoch)}: 630,000 points of 2 accounts under the root ${built.manifest.root}.`,
    );
    expect(done.transaction.events[0]).to.match(
      /was published: 630,000 points .* at "ipfs:\/\/a-week"\. It can be struck/,
    );
    expect(mining.describeMining(await mining.readMining(ada, { weeks: "8" }))).to.match(/strikes until/);
    expect((await mining.strike(other, { epoch: String(epoch) })).transaction.events[0]).to.match(/was struck/);
    expect((await socialMining.epochOf(epoch)).root).to.equal(ZeroHash);
    expect(pipeline.describeVerified(await pipeline.verify(await pipeline.groundOf(session), input()))).to.match(
      /published and struck\.$/,
    );
    await published();
    expect(pipeline.describeVerified(await pipeline.verify(await pipeline.groundOf(session), input()))).to.match(
      /^Equal: .* 630,000 points of 2 accounts .* as .*week\.store and what is published\.$/,
    );

    await time.increase(STRIKE_WINDOW);
    const { emissionVault, timelock } = deployment.xme;
    const setDrawer = (drawer: typeof socialMining | typeof timelock) =>
      asTreasury(local(), async (treasury) => {
        await emissionVault.connect(treasury).setDrawer(0n, drawer);
      });
    await setDrawer(timelock);
    expect(await refusal(mining.claim(session, { store, to: ada.account }))).to.match(
      /its stream has too little for it/,
    );
    expect(mining.describeMining(await mining.readMining(ada, { weeks: "8" }))).to.match(
      /waits until the stream has 19,\d{3},\d{3}\.?\d* XMEX, claims until/,
    );
    await setDrawer(socialMining);
    const paid = await mining.claim(session, { store, to: ada.account });
    const { balance: first = 0n } = paid;
    const budget = await socialMining.budgetOf(epoch);
    const credited = (((budget / 10n ** 9n) * 330_000n) / 630_000n) * 10n ** 9n;
    expect(await socialMining.creditOf(ada.account)).to.equal(credited - first);
    expect(first > 0n && first < credited).to.equal(true);
    expect(paid.expected).to.have.length(3);
    await time.increase(86_400n);
    const more = await mining.withdraw(session, { to: ada.account });
    const { balance: both = 0n } = more;
    expect(both > first).to.equal(true);
    expect(more.transaction.events[0]).to.match(/was paid/);
    const status = await mining.readMining(ada, { weeks: "8" });
    expect(status).to.include({ credit: credited - both, payableNow: 0n });
    expect(mining.describeMining(status)).to.match(/claims until .* 630,000 +330,000 /);

    await time.increase(53n * MINING_WEEK);
    const before = await xmex.balanceOf(deployment.xme.emissionVault);
    const returned = await mining.giveBack(session, { epoch: String(epoch) });
    expect(returned.transaction.events[0]).to.match(/went back to the stream/);
    expect((await xmex.balanceOf(deployment.xme.emissionVault)) - before).to.equal(budget - credited);
    expect(mining.describeMining(await mining.readMining(ben, { weeks: "60" }))).to.match(/expired/);
  });

  it("should draw a budget before anybody claims, once", async () => {
    const { time, other, deployment } = local();
    await published();
    expect(await refusal(mining.draw(other, { epoch: String(epoch) }))).to.match(
      /can be struck until .*: wait until then/,
    );
    await time.increase(4n * 86_400n);
    const drawn = await mining.draw(other, { epoch: String(epoch) });
    const { budget } = await deployment.xme.socialMining.epochOf(epoch);
    expect(budget > 0n).to.equal(true);
    expect(drawn.expected[0]).to.match(
      /gets its budget of [\d,.]+ XMEX from the emission, as its first claim would draw it\.$/,
    );
    expect(drawn.expected[1]).to.match(/^It can be claimed until \d{4}-/);
    expect(drawn.transaction.events[0]).to.match(/^Epoch \d+ has a budget of [\d,.]+ XMEX\.$/);
    expect(await refusal(mining.draw(other, { epoch: String(epoch) }))).to.match(
      /has its budget already: claim from it/,
    );
    expect((await mining.claim(ada, { store, to: "" })).expected[0]).to.not.contain("its budget is drawn first");
  });

  it("should say what does not allow it, and send nothing", async () => {
    const { session, other, time, deployment } = local();
    const before = [await nonceOf(session), await nonceOf(other), await nonceOf(ada)];
    const publishing = (given: object) => refusal(mining.publish(session, { ...input(), uri: URI, ...given }));
    expect(await publishing({ store: "" })).to.match(/^--store is missing/);
    expect(await publishing({ uri: "" })).to.match(/^--uri is missing: say where others find the log/);
    expect(await publishing({ log: "" })).to.match(/^--log is missing/);
    expect(await publishing({ store: log })).to.match(/is no manifest of an epoch/);
    expect(await publishing({ confirmations: "many" })).to.match(/^--confirmations is "many"/);
    expect(await publishing({ confirmations: "1000" })).to.match(/1,000 are asked for so that it is final/);
    expect(await refusal(mining.publish(other, { ...input(), uri: URI }))).to.match(/may not do that: `hardhat roles`/);
    expect(await refusal(mining.strike(session, { epoch: String(epoch) }))).to.match(/may not do that/);
    expect(await refusal(mining.strike(other, { epoch: String(epoch) }))).to.match(/has no root that stands/);
    expect(await refusal(mining.strike(other, { epoch: "last" }))).to.match(/^--epoch is "last"/);
    expect(await refusal(mining.claim(ada, { store, to: "" }))).to.match(/has no root that stands/);
    expect(await refusal(mining.claim(session, { store, to: "" }))).to.match(/has no points in epoch/);
    expect(await refusal(mining.claim(ada, { store, to: "ada" }))).to.match(/^--to is "ada"/);
    expect(await refusal(mining.withdraw(ada, { to: "" }))).to.match(/can be paid nothing now/);
    expect(await refusal(mining.draw(ada, { epoch: String(epoch) }))).to.match(/has no root that stands/);
    expect(await refusal(mining.draw(ada, { epoch: "last" }))).to.match(/^--epoch is "last"/);
    expect(await refusal(mining.giveBack(ada, { epoch: String(epoch) }))).to.match(
      /wait until then|nothing to give back/,
    );
    expect(
      await refusal(pipeline.build(await pipeline.groundOf(session), input({ epoch: String(epoch + 1n) }))),
    ).to.match(/wait until it is over/);
    expect(await refusal(pipeline.verify(await pipeline.groundOf(session), input({ store: "" })))).to.match(
      /^Nothing was published for epoch/,
    );
    expect([await nonceOf(session), await nonceOf(other), await nonceOf(ada)]).to.deep.equal(before);

    await published();
    expect(await publishing({})).to.match(/has the root 0x[0-9a-f]{64} already/);
    expect(await refusal(mining.claim(ada, { store, to: "" }))).to.match(/can be struck until/);
    await time.increase(STRIKE_WINDOW);
    expect(await refusal(mining.strike(other, { epoch: String(epoch) }))).to.match(/could be struck until/);
    await mining.claim(ada, { store, to: "" });
    expect(await refusal(mining.claim(ada, { store, to: "" }))).to.match(/has claimed epoch \d+ already/);
    await time.increase(60n * MINING_WEEK);
    expect(await refusal(mining.claim(ben, { store, to: "" }))).to.match(/could be claimed until/);
    const away = await sessionOf(local().connection, deployment, "0x000000000000000000000000000000000000dEaD");
    expect(await refusal(mining.withdraw(away, { to: "" }))).to.match(/has no key of/);
  });

  it("should publish nothing where log, chain or store differ, and name what does", async () => {
    const { session, deployment } = local();
    const nonce = await nonceOf(session);
    const other = at("other.csv");
    writeFileSync(other, `${LOG_HEADER}\n${ada.account},task,first-steps,${String(epoch * MINING_WEEK + 9n)},\n`);
    const changed = await refusal(mining.publish(session, { ...input({ log: other }), uri: URI }));
    expect(changed.startsWith(`Nothing was published: ${other}, the chain and ${store} differ`)).to.equal(true);
    expect(changed).to.contain("the log is another one");
    expect(changed).to.contain(`${ada.account} has 300000 points, and 330000 were published`);
    appendFileSync(other, `${ben.account},dance,first-steps,${String(epoch * MINING_WEEK + 9n)},\n`);
    expect(await refusal(mining.publish(session, { ...input({ log: other }), uri: URI }))).to.match(/line 3.*dance/s);
    expect(await nonceOf(session)).to.equal(nonce);
    expect((await deployment.xme.socialMining.epochOf(epoch)).publishedAt).to.equal(0n);
  });

  it("should name the first accounts that differ from a published root", async () => {
    const { session, deployment, time } = local();
    const false_ = { root: `0x${"77".repeat(32)}`, total: 999n };
    const { keccak256: hash } = readManifest(`${store}.json`).log;
    await deployment.xme.socialMining.connect(session.signer).publish(epoch, false_.root, false_.total, URI, hash);
    const failure = await refusal(pipeline.verify(await pipeline.groundOf(ada), input()));
    expect(failure).to.match(/^Not equal: epoch \d+ of week\.csv differs in 2 places\./);
    expect(failure).to.contain("the points sum to 630000, and 999 were published");
    expect(failure).to.contain(`and ${false_.root} was published`);
    await time.increase(STRIKE_WINDOW);
    expect(await refusal(mining.claim(ada, { store, to: "" }))).to.match(
      /has the root 0x[0-9a-f]{64}, and epoch \d+ was published with 0x7777/,
    );
    expect(MINING_ENCODING.size).to.equal(64);
  });

  it("should publish what is right after a false root was struck", async () => {
    const { session, other, deployment } = local();
    const { socialMining } = deployment.xme;
    const { root, log: file } = readManifest(`${store}.json`);
    await socialMining.connect(session.signer).publish(epoch, `0x${"77".repeat(32)}`, 999n, URI, file.keccak256);
    await mining.strike(other, { epoch: String(epoch) });
    expect(await refusal(pipeline.verify(await pipeline.groundOf(session), input()))).to.match(
      /^Not equal: .* differs in 2 places; what was published was struck\./,
    );
    await published();
    expect((await socialMining.epochOf(epoch)).root).to.equal(root);
  });

  /** Verifies with the chain and a log alone. */
  const asStranger = (mining_: string, content: string, given: Partial<pipeline.CountInput> = {}) => {
    const host = { network: { create: () => Promise.resolve(local().connection) }, globalOptions: {} };
    return pipeline.withGround(host as never, { mining: mining_, content, deployment: "", json: false }, (ground) =>
      pipeline.verify(ground, input({ store: "", epoch: String(epoch), ...given })),
    );
  };

  it("should verify for a stranger who knows two addresses, and nothing of the deployment", async () => {
    const { socialMining, contentRegistry } = local().deployment.xme;
    await published();
    const [mine, contents] = [await socialMining.getAddress(), await contentRegistry.getAddress()];
    expect(pipeline.describeVerified(await asStranger(mine, contents))).to.match(/^Equal: .* as what is published\.$/);
    expect(await refusal(asStranger(mine, ""))).to.match(/^--content is missing/);
    expect(await refusal(asStranger("", contents))).to.match(/^--mining is missing/);
    expect(await refusal(asStranger(contents, contents))).to.match(/There is no SocialMining at/);
  });

  it("should find a stranger the multipliers of levels, to the root that OpenZeppelin's tree has", async () => {
    const { session, deployment, time } = local();
    const { socialMining, contentRegistry, userGrowth } = deployment.xme;
    const later = epoch + 2n;
    // Eight days in a row lift Ada to the second level, the eighth in the later week.
    for (let day = 0n; day < 8n; day++) {
      await time.increaseTo((epoch + 1n) * MINING_WEEK + day * 86_400n + 120n);
      await userGrowth.connect(ada.signer).checkIn();
    }
    const file = at("later.csv");
    const line = ({ account }: Session): string => `${account},task,first-steps,${String(later * MINING_WEEK)},`;
    writeFileSync(file, `${[LOG_HEADER, line(ada), line(ben)].join("\n")}\n`);
    await time.increaseTo((later + 1n) * MINING_WEEK + 60n);
    expect((await userGrowth.standingOf(ada.account)).level).to.equal(2n);

    // A check-in (10) and a task (20) at 110 %; a task at 100 %.
    const points = new Map([
      [ada.account, 30n * 110n * 100n],
      [ben.account, 20n * 100n * 100n],
    ]);
    const { tree, total } = listOf(points);
    const publisher = socialMining.connect(session.signer);
    await publisher.publish(later, tree.root, total, URI, keccak256(readFileSync(file)));
    const verified = await asStranger(await socialMining.getAddress(), await contentRegistry.getAddress(), {
      log: file,
      epoch: String(later),
    });
    expect(verified.rebuilt).to.deep.include({ root: tree.root, total, accounts: 2 });
  });

  it("should have a sentence for every refusal and event that users meet", () => {
    expectWordsForAll(local().deployment.xme.socialMining, MINING_WORDS, { refusals: NOT_OF_USERS, events: NOT_TOLD });
  });

  it("should announce each step before it sends it", async () => {
    const { session, other, time } = local();
    await expectAnnouncedFirst(session, (s) => mining.publish(s, { ...input(), uri: URI }));
    await published();
    await expectAnnouncedFirst(other, (s) => mining.strike(s, { epoch: String(epoch) }));
    await time.increase(STRIKE_WINDOW);
    await expectAnnouncedFirst(ada, (s) => mining.claim(s, { store, to: "" }));
    await mining.claim(ada, { store, to: "" });
    await time.increase(86_400n);
    await expectAnnouncedFirst(ada, (s) => mining.withdraw(s, { to: "" }));
    await time.increase(53n * MINING_WEEK);
    await expectAnnouncedFirst(ada, (s) => mining.giveBack(s, { epoch: String(epoch) }));
    expect(await local().deployment.xme.xmex.balanceOf(ada.account)).to.be.at.least(parseEther("1000"));
  });

  it("should work from the command line, with --json for machines", async () => {
    const chain: Recorded = await recorded("xme");
    try {
      const status = await chain.run(["mining", "status", "--json", "--account", "6"]);
      expect(status.complaint).to.equal("");
      expect(JSON.parse(status.output)).to.include({ credit: "0", dailyLimit: parseEther("1000").toString() });
      const verifying = await chain.run(["mining", "verify", "--log", log, "--store", store, "--json"]);
      expect(verifying.code).to.equal(1);
      expect(JSON.parse(verifying.output)).to.have.property("error");
      // Every command reads options that it declares, and no others.
      const common = { json: true };
      const fails = async (name: string, given: Record<string, string | boolean>): Promise<string> =>
        refusal(act(chain, miningTasks, `mining ${name}`, { ...common, ...given }));
      expect(await fails("build", { log, store: at("x.store"), epoch: "99999" })).to.match(/wait until it is over/);
      expect(await fails("publish", { log, store, uri: URI, account: "6" })).to.match(/is before|until it is over/);
      expect(await fails("strike", { epoch: String(epoch), account: "7" })).to.match(/has no root that stands/);
      expect(await fails("claim", { store, to: ada.account })).to.match(/has no root that stands/);
      expect(await fails("withdraw", { to: ada.account })).to.match(/can be paid nothing now/);
      expect(await fails("draw", { epoch: String(epoch) })).to.match(/has no root that stands/);
      expect(await fails("return", { epoch: "1" })).to.match(/nothing to give back/);
      expect(await act(chain, miningTasks, "mining status", { weeks: "3" })).to.match(/^Social mining on network/);
    } finally {
      await chain.remove();
    }
  });
});
