import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { expect } from "chai";
import { type ErrorFragment, type EventFragment, id, keccak256, MaxUint256, parseEther, ZeroAddress } from "ethers";

import * as campaigns from "../../../tasks/ads/flows/campaigns.js";
import * as reports from "../../../tasks/ads/flows/reports.js";
import * as views from "../../../tasks/ads/flows/views.js";
import { adTasks } from "../../../tasks/ads/index.js";
import { MAX_ROWS } from "../../../tasks/ads/report.js";
import { AD_WORDS } from "../../../tasks/ads/words.js";
import { saleTasks } from "../../../tasks/sale/index.js";
import type { Session } from "../../../tasks/support/session.js";
import { rpc } from "../../support/anvil.js";
import { onNarrow } from "../../support/narrow.js";
import { act, deployed, expectAnnouncedFirst, type Recorded, recorded, refusal } from "../../support/tasks.js";
import { actor, asTreasury, buyXme } from "../../support/xmeTasks.js";

const ONE = { campaign: "1" };
const TERMS = { budget: "1000", price: "0.5", start: "", end: "", days: "30", brief: "" };
const SETTLER = "5";
const ALICE = "0x976EA74026E726554dB657fA54763abd0C3a0aa9";
const BOB = "0x14dC79964da2C08b23698B3D3cc7Ca32193d9955";
const LOOKING = { last: "200", all: false };

/** Errors that only a deployment or governance can meet, and those that tokens explain. */
const NOT_OF_USERS =
  /HasNoCode$|^AdSettlement_(InvalidTreasury|SplitSumNot100Percent)$|^AccessManagedInvalidAuthority$|^SafeERC20FailedOperation$/;
/** Events of governance and of OpenZeppelin's parts. */
const NOT_TOLD = /Changed$|^AuthorityUpdated$/;

describe("hardhat ads", () => {
  const scratch = mkdtempSync(join(tmpdir(), "xonomy-ads-"));
  const local = deployed("xme", 8);
  let settler: Session;

  before(async () => {
    await buyXme(local().session, "100000");
    settler = await actor(local(), SETTLER);
  });
  after(() => {
    rmSync(scratch, { recursive: true });
  });

  /** Writes a file; @returns its path */
  function file(text: string, name = "report.csv"): string {
    const path = join(scratch, name);
    writeFileSync(path, text);
    return path;
  }
  const report = (...rows: readonly string[]): string => ["creator,impressions", ...rows, ""].join("\n");
  const twoRows = report(`${ALICE},60000`, `${BOB.toLowerCase()},40000`);

  const create = (terms = {}) => campaigns.create(local().session, { ...TERMS, ...terms });
  const settle = (path: string, options = {}) =>
    reports.settle(settler, { ...ONE, report: "", uri: "", file: path, ...options });
  const nonce = async (account: string): Promise<number> =>
    local().connection.ethers.provider.getTransactionCount(account);
  /** A campaign of which half the time is over and a report of 100,000 impressions, 50 XME, is settled. */
  async function settled(): Promise<void> {
    await create();
    await local().later(15);
    await settle(file(twoRows), { uri: "ipfs://report" });
  }

  describe("create, topup", () => {
    it("should escrow the budget in one transaction, and tell what it pays for and how it is shared", async () => {
      const { session, deployment } = local();
      const created = await create({ brief: "shoes" });
      expect(created.allowances).to.deep.equal([]);
      const [escrow, pays, shared, back, brief] = created.expected;
      expect(escrow).to.match(
        /^Campaign 1 or a later number, with 1,000 XME in escrow, from now to \d{4}-.* UTC, 30 days\.$/,
      );
      expect(pays).to.equal(
        "0.5 XME for a thousand impressions pay for up to 2,000,000 of them, spent no faster than the time passes.",
      );
      expect(shared).to.equal(
        "What they cost is shared by split 1: 50 % to creators, 20 % to delegators, 20 % burned, 10 % to the treasury.",
      );
      expect(back).to.match(/^What is not spent comes back with `hardhat ads refund` from \d{4}-.* on\.$/);
      expect(brief).to.equal(`The brief is told as the hash ${id("shoes")}: keep the text.`);
      expect(created.transaction.events).to.have.length(1);
      expect(created.transaction.events[0]).to.match(
        /^Campaign 1 of 0x\w{40} has 1,000 XME in escrow and pays 0\.5 XME for a thousand impressions from \d{4}-.* to \d{4}-.*, shared by split 1\.$/,
      );
      expect(created.balance).to.equal(parseEther("99000"));
      expect(await deployment.xme.xme.balanceOf(deployment.xme.adSettlement)).to.equal(parseEther("1000"));
      expect((await views.readShown(session, ONE)).brief).to.equal(id("shoes"));
    });

    it("should start when it is told to, and end after days or at a date", async () => {
      const { session, time } = local();
      const start = BigInt(await time.latest()) + 86_400n;
      const moment = new Date(Number(start) * 1_000).toISOString().replace(".000", "");
      const dated = await create({ start: moment, days: "2" });
      expect(dated.expected[0]).to.match(/in escrow, from \d{4}-.* UTC to \d{4}-.* UTC, 2 days\.$/);
      expect(await views.readShown(session, ONE)).to.include({ start, end: start + 172_800n, state: "not started" });
      await create({ start: String(start), end: String(start + 60n), days: "" });
      expect(await views.readShown(session, { campaign: "2" })).to.include({ start, end: start + 60n });
      const day = new Date(Number(start + 86_400n) * 1_000).toISOString().slice(0, 10);
      await create({ end: day, days: "" });
      expect((await views.readShown(session, { campaign: "3" })).end).to.equal(
        BigInt(Date.parse(`${day}T00:00:00Z`) / 1_000),
      );
    });

    it("should raise the budget, for anybody", async () => {
      const { session, other } = local();
      await create();
      await buyXme(other, "100");
      const raised = await campaigns.topUp(other, { ...ONE, amount: "50.5" });
      expect(raised.expected[0]).to.match(
        /^50\.500000 XME more for campaign 1, whose budget is 1,050\.500000 XME then, until \d{4}-/,
      );
      expect(raised.expected[1]).to.equal(`What is not spent goes back to its advertiser, ${session.account}.`);
      expect(raised.balance).to.equal(parseEther("49.5"));
      expect((await views.readShown(session, ONE)).budget).to.equal(parseEther("1050.5"));
    });

    it("should say so, and send nothing", async () => {
      const { session, later } = local();
      await create();
      const before = await nonce(session.account);
      const refused = (terms: object): Promise<string> => refusal(create(terms));
      expect(await refused({ budget: "" })).to.match(/^--budget is missing/);
      expect(await refused({ budget: "0" })).to.match(/^A budget of zero/);
      expect(await refused({ price: "0" })).to.match(/^A price of zero/);
      expect(await refused({ price: "0.0000001" })).to.equal(
        "A price is a whole number of 0.000001 XME, which 0.0000001 XME is not: give another --price.",
      );
      expect(await refused({ price: "1099512" })).to.match(
        /^A thousand impressions cost at most 1099511\.6\d+ XME, not/,
      );
      expect(await refused({ days: "" })).to.match(/^--days is missing: write for how many days it runs/);
      expect(await refused({ end: "2030-01-01" })).to.equal(
        "--end and --days say different things: give one of them alone.",
      );
      expect(await refused({ days: "", end: "2027-04-31" })).to.match(/^--end is "2027-04-31": write a date in UTC/);
      expect(await refused({ start: "tomorrow" })).to.match(/^--start is "tomorrow"/);
      expect(await refused({ days: "181" })).to.match(/is longer than the 180 days that a campaign may run/);
      expect(await refused({ days: "0" })).to.match(/which is not after its start at/);
      expect(await refused({ days: "", end: "1" })).to.match(/^The campaign would end at 1970-01-01 00:00:01 UTC/);
      expect(await refused({ start: "8000000000" })).to.match(
        /^A campaign starts at \d{4}-.* at the latest, not at 2223-/,
      );
      expect(await refused({ budget: "100000" })).to.match(/holds 99,000 XME, and 100,000 XME are needed\.$/);
      const raise = (campaign: string, amount: string): Promise<string> =>
        refusal(campaigns.topUp(session, { campaign, amount }));
      expect(await raise("2", "1")).to.equal("There is no campaign 2: `hardhat ads list --all` shows those there are.");
      expect(await raise("1", "0")).to.match(/^A budget of zero/);
      expect(await raise("", "1")).to.match(/^--campaign is missing/);
      await later(30);
      expect(await raise("1", "1")).to.match(
        /^Campaign 1 ended at \d{4}-.*: what is left of it comes back with `hardhat ads refund --campaign 1`\.$/,
      );
      expect(await nonce(session.account)).to.equal(before);
    });
  });

  describe("stop, refund", () => {
    it("should bring back what the pace has not reached, and the rest a week later", async () => {
      const { session, other, later } = local();
      await settled();
      const stopped = await campaigns.stop(session, ONE);
      expect(stopped.expected[0]).to.match(
        /^Campaign 1 ends now, and about 499\.\d+ XME that its pace has not reached come back at once\.$/,
      );
      expect(stopped.expected[1]).to.match(/can be settled until about \d{4}-.*, for at most 450\.\d+ XME; the rest/);
      expect(stopped.transaction.events[0]).to.match(/^Campaign 1 ended at \d{4}-.*, and 499\.\d+ XME came back/);
      expect(await refusal(campaigns.refund(other, ONE))).to.match(/^Campaign 1 can still be settled until \d{4}-/);
      await later(7);
      const refunded = await campaigns.refund(other, ONE);
      expect(refunded.account).to.equal(session.account);
      expect(refunded.expected[0]).to.match(
        /^450\.\d+ XME, all that campaign 1 did not spend, to its advertiser, 0x\w{40}\.$/,
      );
      expect(refunded.balance).to.equal(parseEther("99950"));
      expect(await refusal(campaigns.refund(other, ONE))).to.equal("Nothing is left of campaign 1 to refund.");
    });

    it("should say so", async () => {
      const { session, other, later } = local();
      await create();
      expect(await refusal(campaigns.stop(other, ONE))).to.equal(
        `${other.account} is not the advertiser of campaign 1, who is ${session.account}: choose the advertiser with --account.`,
      );
      expect(await refusal(campaigns.stop(session, { campaign: "7" }))).to.match(/^There is no campaign 7/);
      expect(await refusal(campaigns.refund(session, { campaign: "7" }))).to.match(/^There is no campaign 7/);
      expect(await refusal(campaigns.refund(session, ONE))).to.match(/^Campaign 1 can still be settled until/);
      await later(30);
      expect(await refusal(campaigns.stop(session, ONE))).to.match(/^Campaign 1 ended at/);
    });
  });

  describe("settle", () => {
    it("should settle what a file reports, with the file's hash", async () => {
      const { deployment, later } = local();
      await create();
      await later(15);
      const path = file(`\uFEFF${twoRows.replaceAll("\n", "\r\n")}\r\n`);
      const hash = keccak256(Buffer.from(`\uFEFF${twoRows.replaceAll("\n", "\r\n")}\r\n`));
      const done = await settle(path, { uri: "ipfs://report" });
      expect(done.expected[0]).to.match(
        /^Report 1 of campaign 1: 100,000 impressions of 2 creators cost 50 XME, of the 500\.\d+ XME that budget and pace leave\.$/,
      );
      expect(done.expected.slice(1)).to.deep.equal([
        "25 XME to creators, 10 XME to delegators, 10 XME burned, 5 XME to the treasury.",
        `The file's hash is ${hash}, and it is said to lie at "ipfs://report".`,
      ]);
      expect(done.transaction.events).to.deep.equal([
        `${ALICE} was credited 15 XME for 60,000 impressions in campaign 1.`,
        `${BOB} was credited 10 XME for 40,000 impressions in campaign 1.`,
        "Report 1 of campaign 1 was settled for 50 XME: 25 XME to creators, 10 XME to delegators, 10 XME burned, 5 XME to the treasury; " +
          `its hash is ${hash}, and it lies at "ipfs://report".`,
      ]);
      const { adSettlement } = deployment.xme;
      expect(await adSettlement.creditOf(ALICE)).to.equal(parseEther("15"));
      const next = await settle(file(report(`${BOB},1`)), { report: "2" });
      expect(next.expected[0]).to.match(/^Report 2 of campaign 1: 1 impression of 1 creator cost 0\.000500 XME/);
      expect(next.expected[2]).to.match(/: keep it, byte by byte\.$/);
    });

    it("should settle the most rows in what one transaction may cost", async () => {
      await create();
      await local().later(15);
      const rows = Array.from({ length: MAX_ROWS }, (_, i) => `0x${id(String(i)).slice(-40)},${String(i + 1)}`);
      const { transaction } = await settle(file(report(...rows)));
      expect(transaction.events).to.have.length(MAX_ROWS + 1);
      // EIP-7825.
      expect(transaction.gasUsed < 16_777_216n, String(transaction.gasUsed)).to.equal(true);
    });

    it("should name each such line, and send nothing", async () => {
      await create();
      await local().later(15);
      const before = await nonce(settler.account);
      const rows = [
        `${ALICE},5`,
        "",
        `"${BOB}",5`,
        BOB,
        `${BOB},5,6`,
        `${BOB.slice(0, -1)},5`,
        `${BOB.replace("dC", "Dc")},5`,
        `${ZeroAddress},5`,
        `${BOB},`,
        `${BOB},000`,
        `${BOB},-5`,
        `${BOB},5.5`,
        `${BOB},07`,
        `${BOB},18446744073709551616`,
        `${ALICE.toLowerCase()},7`,
        `${BOB},18446744073709551615`,
      ];
      const path = file(report(...rows));
      const told = await refusal(settle(path));
      expect(told.split("\n")).to.deep.equal([
        `${path} is refused: 14 lines are wrong.`,
        "  line 3: the line is empty: only the end of the file may have empty lines",
        "  line 4: there are quotes: write creator,impressions without any",
        `  line 5: there is one column, "${BOB}": write creator,impressions`,
        "  line 6: there are more than two columns: write creator,impressions, and numbers without separators",
        `  line 7: the creator "${BOB.slice(0, -1)}" is malformed: write 0x and 40 hex digits`,
        `  line 8: the creator "${BOB.replace("dC", "Dc")}" has a wrong checksum (EIP-55 writes it ${BOB}): a digit may be mistyped, so get it again`,
        "  line 9: the creator is the zero address: nobody could take the credit",
        "  line 10: the impressions are missing: write a whole number in digits alone",
        "  line 11: the impressions are zero: leave the line out",
        '  line 12: the impressions "-5" are no whole number: write a whole number in digits alone',
        "  … and 4 more",
      ]);
      const last = await refusal(settle(file(report(...rows.slice(11)))));
      expect(last.split("\n").slice(1)).to.deep.equal([
        '  line 2: the impressions "5.5" are no whole number: write a whole number in digits alone',
        '  line 3: the impressions "07" are no whole number: write a whole number in digits alone',
        '  line 4: the impressions "18446744073709551616" are above 2^64 − 1: nobody serves as many',
      ]);
      const twice = await refusal(settle(file(report(`${ALICE},5`, `${BOB},1`, `${ALICE.toLowerCase()},5`))));
      expect(twice).to.equal(
        `${path} is refused: 1 line is wrong.\n  line 4: the creator ${ALICE} is a duplicate of line 2: give each creator one line`,
      );
      expect(await nonce(settler.account)).to.equal(before);
    });

    it("should say so when the file cannot be a report", async () => {
      await create();
      expect(await refusal(settle(""))).to.equal("--file is missing: give a CSV file of creator,impressions.");
      expect(await refusal(settle(join(scratch, "none.csv")))).to.match(/none\.csv could not be opened \(ENOENT/);
      expect(await refusal(settle(scratch))).to.match(/ is no file: give a CSV file of creator,impressions\.$/);
      expect(await refusal(settle(file("")))).to.match(/line 1: the file is empty: the first line is exactly creator,/);
      expect(await refusal(settle(file("address,amount\n")))).to.match(/line 1: the header is "address,amount": the/);
      expect(await refusal(settle(file("creator,impressions\n\n")))).to.match(/line 1: no row follows the header/);
      const many = Array.from({ length: MAX_ROWS + 1 }, (_, i) => `0x${(i + 1).toString(16).padStart(40, "0")},1`);
      expect(await refusal(settle(file(report(...many))))).to.match(
        /has 501 rows, and one transaction settles at most 500: make several reports\.$/,
      );
      expect(await refusal(settle(file("x".repeat((1 << 20) + 1))))).to.match(
        /has 1,048,577 bytes, and a report at most 1,048,576: make several\.$/,
      );
    });

    it("should refuse to pay twice", async () => {
      await settled();
      const path = file(twoRows);
      const twice = `${path} was settled already, as report 1 of campaign 1: what it counts is paid once.`;
      expect(await refusal(settle(path))).to.equal(twice);
      expect(await refusal(settle(path, { report: "2" }))).to.equal(twice);
    });

    it("should say so, and send nothing", async () => {
      const { session, deployment, later, time } = local();
      const path = file(twoRows);
      const start = String(BigInt(await time.latest()) + 86_400n);
      expect(await refusal(settle(path))).to.match(/^There is no campaign 1/);
      await create({ start });
      const before = await nonce(settler.account);
      expect(await refusal(settle(path))).to.match(/^Campaign 1 starts at \d{4}-.*: nothing was served before that/);
      await later(2);
      expect(await refusal(settle(path))).to.match(
        /^The report costs 50 XME, and budget and pace leave campaign 1 33\.\d+ XME now/,
      );
      await later(10);
      expect(await refusal(reports.settle(session, { ...ONE, report: "", uri: "", file: path }))).to.equal(
        `${session.account} has not the settler's role, which this takes: \`hardhat roles\` shows who has.`,
      );
      expect(await refusal(settle(path, { report: "3" }))).to.match(
        /^The next report of campaign 1 has the number 1, not 3: see with `hardhat ads show --campaign 1`/,
      );
      expect(await refusal(settle(path, { report: "last" }))).to.match(/^--report is "last"/);
      const own = await deployment.xme.adSettlement.getAddress();
      expect(await refusal(settle(file(report(`${ALICE},1`, `${own},1`))))).to.equal(
        `Line 3 of the file names ${own}, who could never take what is credited.`,
      );
      await later(30);
      expect(await refusal(settle(file(twoRows)))).to.match(
        /^Campaign 1 could be settled before \d{4}-.*: the rest of it is the advertiser's now\.$/,
      );
      expect(await nonce(settler.account)).to.equal(before);
    });
  });

  describe("withdraw, distribute, pay-delegators", () => {
    it("should pay creators, treasury and delegators what was announced", async () => {
      const { session, other, deployment } = local();
      const { xme, timelock, nodes } = deployment.xme;
      await settled();
      const alice = await actor(local(), ALICE);
      const taken = await reports.withdraw(alice, { to: other.account });
      expect(taken.expected).to.deep.equal([`15 XME, all of the credit, to ${other.account}.`]);
      expect(taken.balance).to.equal(parseEther("15"));
      const supply = await xme.totalSupply();
      const treasury = await xme.balanceOf(timelock);
      const distributed = await reports.distribute(session);
      expect(distributed.expected).to.deep.equal([
        `10 XME burned for ever, and 5 XME to the treasury, ${await timelock.getAddress()}.`,
      ]);
      expect(distributed.transaction.events).to.deep.equal(["10 XME were burned, and 5 XME went to the treasury."]);
      expect(await xme.totalSupply()).to.equal(supply - parseEther("10"));
      expect(distributed.balance).to.equal(treasury + parseEther("5"));
      const paid = await reports.payDelegators(session);
      const income = await nodes.getAddress();
      expect(paid.expected).to.deep.equal([
        `10 XME to ${income}, which shares them out to delegators as their income of the next month.`,
      ]);
      expect(paid.transaction.events).to.include(`10 XME of delegators' parts went to ${income}.`);
      expect(paid.transaction.events).to.include(
        `${await deployment.xme.adSettlement.getAddress()} gave 10 XME, which stream to delegators in the next month.`,
      );
      expect((await nodes.poolState()).xmeNext).to.equal(parseEther("10"));
    });

    it("should say so", async () => {
      const { session, deployment } = local();
      expect(await refusal(reports.withdraw(session, { to: "" }))).to.equal(
        `${session.account} has no credit for impressions.`,
      );
      expect(await refusal(reports.distribute(session))).to.equal("Nothing waits to be burned or for the treasury.");
      expect(await refusal(reports.payDelegators(session))).to.equal("Nothing waits for delegators.");
      await settled();
      const alice = await actor(local(), ALICE);
      const { adSettlement, accessManager } = deployment.xme;
      expect(await refusal(reports.withdraw(alice, { to: await adSettlement.getAddress() }))).to.match(
        /^--to is 0x\w{40}, which is this deployment's contract AdSettlement and nobody's account/,
      );
      expect(await refusal(reports.withdraw(alice, { to: ZeroAddress }))).to.match(/cannot receive XME/);
      expect(await refusal(reports.withdraw(alice, { to: "me" }))).to.match(/^--to is "me"/);
      await asTreasury(local(), async (treasury) => {
        const data = adSettlement.interface.encodeFunctionData("setIncome", [ZeroAddress]);
        await accessManager.connect(treasury).execute(adSettlement, data);
      });
      expect(await refusal(reports.payDelegators(session))).to.match(/^No module takes the delegators' part now/);
      expect(views.describeSplit(await views.readSplit(session))).to.contain(
        "delegators  10 XME wait until governance names who shares them out",
      );
    });
  });

  describe("split, list, show, credit", () => {
    it("should tell every split, and what waits", async () => {
      const { session, deployment } = local();
      await settled();
      const { adSettlement, accessManager } = deployment.xme;
      await asTreasury(local(), async (treasury) => {
        const split = { creatorsBps: 6_250n, delegatorsBps: 1_750n, burnBps: 1_000n, treasuryBps: 1_000n };
        const data = adSettlement.interface.encodeFunctionData("setSplit", [split]);
        await accessManager.connect(treasury).execute(adSettlement, data);
      });
      const told = views.describeSplit(await views.readSplit(session));
      expect(told)
        .to.contain("are shared by split 2.")
        .and.match(/1 +50 % +20 % +20 % +10 %\n +2 +62\.5 % +17\.5 % +10 % +10 %/)
        .and.match(/delegators {2}10 XME wait for 0x\w{40}: `hardhat ads pay-delegators`/)
        .and.contain("burning     10 XME wait: `hardhat ads distribute`")
        .and.match(/treasury {4}5 XME wait for 0x\w{40}/);
      expect((await create()).expected[2]).to.match(/^What they cost is shared by split 2: 62\.5 % to creators/);
    });

    it("should tell of campaigns in each state", async () => {
      const { session, later, time } = local();
      expect(views.describeCampaigns(await views.readCampaigns(session, LOOKING))).to.equal(
        "None of the latest 0 of 0 campaigns has anything in escrow.",
      );
      const start = BigInt(await time.latest()) + 100n * 86_400n;
      await settled();
      await create({ start: String(start) });
      const states = async (all = false): Promise<readonly string[]> =>
        (await views.readCampaigns(session, { last: "200", all })).campaigns.map(({ state }) => state);
      expect(await states()).to.deep.equal(["not started", "running"]);
      expect(views.describeCampaigns(await views.readCampaigns(session, LOOKING)))
        .to.match(/1 {2}running {6}0x\w{40} {2}1,000 XME {2}50 XME {5}0\.5 XME {2}\d{4}-/)
        .and.contain("2 of the latest 2 of 2 campaigns.");
      const shown = await views.readShown(session, ONE);
      expect(shown.settled).to.have.length(1);
      expect(views.describeShown(shown))
        .to.contain("is running at")
        .and.contain("budget      1,000 XME, of which 50 XME are spent")
        .and.match(/now {9}reports can cost 450\.\d+ XME, and stopping it brings 499\.\d+ XME back at once/)
        .and.match(/1 {2}50 XME {2}0x\w{64} {2}"ipfs:\/\/report"$/);
      expect(views.describeShown(await views.readShown(session, { campaign: "2" }))).to.match(
        /is not started at[^]*now {9}reports can cost 0 XME, and stopping it brings 1,000 XME back[^]*reports {5}none yet$/,
      );
      await campaigns.stop(session, { campaign: "2" });
      expect(await states()).to.deep.equal(["running"]);
      expect(await states(true)).to.deep.equal(["over", "running"]);
      await later(16);
      expect(await states()).to.deep.equal(["to be settled"]);
      await later(7);
      expect(await states()).to.deep.equal(["to be refunded"]);
      expect(views.describeShown(await views.readShown(session, ONE))).to.contain(
        "now         reports can cost 0 XME, and 950 XME can be refunded",
      );
      await campaigns.refund(session, ONE);
      expect(await states()).to.deep.equal([]);
      expect(await refusal(views.readShown(session, { campaign: "3" }))).to.match(/^There is no campaign 3/);
      expect(await refusal(views.readCampaigns(session, { last: "x", all: true }))).to.match(/^--last is "x"/);
      const credit = views.describeCredit(await views.readCredit(await actor(local(), ALICE)));
      expect(credit).to.contain("credit  15 XME for impressions, which `hardhat ads withdraw` takes out");
      expect(views.describeCredit(await views.readCredit(session))).to.match(/credit {2}0 XME for impressions$/);
    });
  });

  describe("verify-report", () => {
    it("should find the file that was settled equal", async () => {
      const { session } = local();
      await settled();
      const path = file(twoRows, "copy.csv");
      const verified = await reports.verifyReport(session, { ...ONE, report: "1", file: path });
      expect(verified).to.deep.include({
        hash: keccak256(Buffer.from(twoRows)),
        uri: "ipfs://report",
        creators: 2,
        impressions: 100_000n,
      });
      expect(reports.describeVerified(verified))
        .to.contain(`Equal: ${path} is report 1 of campaign 1`)
        .and.contain("impressions  100,000 of 2 creators, each credited as the file says")
        .and.contain("cost         50 XME: 25 XME to creators, 10 XME to delegators");
    });

    it("should tell reports apart that were settled in one transaction", async () => {
      const { session, deployment } = local();
      await settled();
      const { accessManager, adSettlement } = deployment.xme;
      const texts = [report(`${ALICE},3`), report(`${BOB},7`)];
      const rows = [
        { creator: ALICE, impressions: 3n },
        { creator: BOB, impressions: 7n },
      ];
      const calls = rows.map((row, i) => {
        const hash = keccak256(Buffer.from(texts[i] ?? ""));
        const data = adSettlement.interface.encodeFunctionData("settle", [1n, BigInt(i + 2), [row], hash, ""]);
        return accessManager.interface.encodeFunctionData("execute", [String(adSettlement.target), data]);
      });
      if (!settler.signer) throw new Error("the settler is an account of the chain");
      await accessManager.connect(settler.signer).multicall(calls);
      for (const [i, text] of texts.entries()) {
        const verified = await reports.verifyReport(session, { ...ONE, report: String(i + 2), file: file(text) });
        expect(reports.describeVerified(verified)).to.contain("of 1 creator, each").and.contain("said to lie  nowhere");
      }
    });

    it("should say where", async () => {
      const { session } = local();
      await settled();
      await settle(file(report(`${BOB},7`)));
      const verify = (number: string, text: string): Promise<string> =>
        refusal(reports.verifyReport(session, { ...ONE, report: number, file: file(text, "other.csv") }));
      const settledHash = keccak256(Buffer.from(twoRows));
      const swapped = report(`${BOB},40000`, `${ALICE},60000`);
      expect((await verify("1", swapped)).split("\n")).to.deep.equal([
        `Not equal: ${join(scratch, "other.csv")} differs from report 1 of campaign 1.`,
        `  the file's hash is ${keccak256(Buffer.from(swapped))}, and ${settledHash} was settled`,
        `  line 2: ${BOB} with 40,000 impressions, and ${ALICE} was credited for 60,000`,
        `  line 3: ${ALICE} with 60,000 impressions, and ${BOB} was credited for 40,000`,
      ]);
      const shorter = (await verify("1", report(`${ALICE},60000`))).split("\n");
      expect(shorter.slice(2)).to.deep.equal([
        "  the file costs 30 XME, and 50 XME were settled",
        `  no line: ${BOB} was credited for 40,000 impressions`,
      ]);
      const longer = await verify("2", report(`${BOB},7`, `${ALICE},1`));
      expect(longer).to.contain(`line 3: ${ALICE} with 1 impression, and nothing was credited`);
      const many = Array.from({ length: 20 }, (_, i) => `0x${(i + 1).toString(16).padStart(40, "0")},1`);
      expect((await verify("2", report(...many))).split("\n").slice(-1)).to.deep.equal(["  … and 12 more"]);
      expect(await verify("3", twoRows)).to.equal("Campaign 1 has no report 3: 2 of them were settled.");
      expect(await verify("0", twoRows)).to.match(/^Campaign 1 has no report 0/);
      expect(await verify("", twoRows)).to.match(/^--report is missing/);
      expect(
        await refusal(reports.verifyReport(session, { campaign: "5", report: "1", file: file(twoRows) })),
      ).to.match(/^There is no campaign 5/);
    });
  });

  it("should have a sentence for every refusal and event that users meet", () => {
    const unworded: string[] = [];
    let sentences = 0;
    local().deployment.xme.adSettlement.interface.fragments.forEach((fragment) => {
      const { type, name, inputs } = fragment as ErrorFragment | EventFragment;
      if (type !== "error" && type !== "event") return;
      if ((type === "error" ? NOT_OF_USERS : NOT_TOLD).test(name)) return;
      const sentence = (type === "error" ? AD_WORDS.refusals : AD_WORDS.events)[name];
      if (!sentence) return void unworded.push(name);
      for (const number of [0n, 1n, 2n ** 40n, MaxUint256]) {
        const values = inputs.map(({ baseType }) =>
          baseType === "address"
            ? `0x${"12".repeat(20)}`
            : baseType.startsWith("uint")
              ? number
              : baseType === "tuple"
                ? [number, number, number, number, number]
                : "text",
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
    const { session, later } = local();
    await expectAnnouncedFirst(session, (s) => campaigns.create(s, TERMS));
    await create();
    await expectAnnouncedFirst(session, (s) => campaigns.topUp(s, { ...ONE, amount: "5" }));
    await later(15);
    const path = file(twoRows);
    await expectAnnouncedFirst(settler, (s) => reports.settle(s, { ...ONE, report: "", uri: "", file: path }));
    await settle(path);
    await expectAnnouncedFirst(session, (s) => campaigns.stop(s, ONE));
    await expectAnnouncedFirst(await actor(local(), ALICE), (s) => reports.withdraw(s, { to: "" }));
    await expectAnnouncedFirst(session, (s) => reports.distribute(s));
    await expectAnnouncedFirst(session, (s) => reports.payDelegators(s));
    await later(22);
    await expectAnnouncedFirst(session, (s) => campaigns.refund(s, ONE));
  });

  it("should settle, verify and show on a node that limits the blocks of an answer", async () => {
    await create({ brief: "shoes" });
    await local().later(15);
    await settle(file(twoRows), { uri: "ipfs://report" });
    await onNarrow(local(), async (narrow) => {
      const poor = await narrow.session(SETTLER);
      const path = file(twoRows, "copy.csv");
      const again = { ...ONE, report: "", uri: "", file: path };
      expect(await refusal(reports.settle(poor, again))).to.match(/was settled already, as report 1 of campaign 1/);
      const done = await reports.settle(poor, { ...again, file: file(report(`${BOB},1000`), "next.csv") });
      expect(done.expected).to.have.length(3);
      expect(await reports.verifyReport(poor, { ...ONE, report: "1", file: path })).to.include({
        uri: "ipfs://report",
      });
      const shown = await views.readShown(poor, ONE);
      expect(shown.brief).to.equal(id("shoes"));
      expect(shown.settled.map(({ report: number, uri }) => [number, uri])).to.deep.equal([
        [1n, "ipfs://report"],
        [2n, ""],
      ]);
      expect(views.describeShown(shown)).to.contain(keccak256(Buffer.from(twoRows)));
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
      const [split, refused] = await Promise.all([
        chain.run(["ads", "split"]),
        chain.run(["ads", "create", "--budget", "10", "--price", "1", "--days", "5", "--end", "2030-01-01", "--json"]),
      ]);
      expect(split.output).to.match(/1 +50 % +20 % +20 % +10 %/);
      expect(split.code).to.equal(0);
      expect(refused.code).to.equal(1);
      expect((JSON.parse(refused.output) as { error: string }).error).to.match(
        /^--end and --days say different things/,
      );
    });

    it("should have in every command the options that it reads", async function () {
      this.timeout(120_000);
      const done: string[] = [];
      const run = async (name: string, given: Readonly<Record<string, string | boolean>> = {}): Promise<string> => {
        done.push(`ads ${name}`);
        return act(chain, adTasks, `ads ${name}`, given);
      };
      const later = async (days: number): Promise<void> => {
        await rpc(chain.anvil.url, "evm_increaseTime", days * 86_400 + 60);
        await rpc(chain.anvil.url, "evm_mine");
      };
      const advertiser = { account: "5" };
      await act(chain, saleTasks, "sale buy", { ...advertiser, amount: "5000" });
      await run("create", { ...advertiser, budget: "1000", price: "0.5", days: "30", brief: "shoes" });
      await run("topup", { ...advertiser, ...ONE, amount: "10" });
      await later(15);
      const path = file(twoRows);
      await run("settle", { account: SETTLER, ...ONE, file: path, uri: "ipfs://report" });
      expect(await run("list")).to.contain("1 of the latest 1 of 1 campaigns.");
      expect(JSON.parse(await run("show", { ...ONE, json: true }))).to.include({ state: "running", reports: "1" });
      expect(await run("verify-report", { ...ONE, report: "1", file: path })).to.match(/^Equal: /);
      expect(await run("credit", { account: ALICE })).to.contain("credit  15 XME");
      expect(await run("withdraw", { account: ALICE })).to.contain("now holds 15 XME.");
      await run("stop", { ...advertiser, ...ONE });
      await run("distribute");
      await run("pay-delegators");
      expect(await run("split")).to.contain("burning     0 XME wait");
      await later(8);
      await run("refund", ONE);
      const all = adTasks.map(({ id: name }) => name.join(" ")).filter((name) => name !== "ads");
      expect(all).to.have.members([...new Set(done)]);
    });
  });
});
