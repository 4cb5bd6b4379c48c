import { spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { once } from "node:events";
import {
  appendFileSync,
  copyFileSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout } from "node:timers/promises";
import { fileURLToPath, pathToFileURL } from "node:url";

import { PGlite } from "@electric-sql/pglite";
import { StandardMerkleTree } from "@openzeppelin/merkle-tree";
import { expect } from "chai";
import { getAddress, keccak256 } from "ethers";

import { ExplainedError } from "../../../src/deployment/explained-error.js";
import { buildTree, hashRows, LeafEncoding, writeStore } from "../../../src/merkle/index.js";
import {
  buildEpoch,
  type EpochFacts,
  generateLog,
  LOG_HEADER,
  type LogRow,
  manifestPath,
  type MiningLogError,
  MINING_LEAF_ENCODING,
  proofOf,
  readManifest,
  readRules,
  sampleAccount,
  sampleFacts,
  verifyEpoch,
} from "../../../src/mining/index.js";
import { type ModelFacts, modelPoints } from "../../../src/mining/model.js";
import { effort } from "../../support/effort.js";
import {
  accountOf,
  csvOf,
  DAY,
  duckdb,
  duckdbPoints,
  EPOCH,
  factsWith,
  pointsOf,
  postgresPoints,
  POWERS,
  randomWorld,
  row,
  STARTS,
  toParquet,
} from "../../support/miningWorld.js";

const [ALICE, BOB, CAROL, DAVE] = [0, 1, 2, 3] as const;
const WEIGHT = {
  view: 1n,
  like: 2n,
  comment: 4n,
  share: 8n,
  follow: 16n,
  create: 32n,
  bookmark: 64n,
  task: 128n,
  checkIn: 256n,
  invite: 512n,
  viewReceived: 1024n,
  likeReceived: 2048n,
  bookmarkReceived: 4096n,
};
/** A weight's points at 100 %. */
const BASE = 10_000n;
const seconds = (n: bigint | number): bigint => STARTS + BigInt(n);

describe("Mining", () => {
  const { values } = readRules();
  let postgres: PGlite;
  let folder: string;

  before(async () => {
    postgres = await PGlite.create();
  });
  after(async () => {
    await postgres.close();
  });
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "xonomy-mining-"));
  });
  afterEach(() => {
    rmSync(folder, { recursive: true, force: true });
  });

  /** Counts in all three ways, which must agree, and gives the points by the account's number. */
  async function count(log: LogRow[], some: Partial<ModelFacts> = {}, format: "csv" | "parquet" = "csv") {
    const facts = factsWith(some);
    const model = modelPoints(log, facts, values);
    const { points, manifest } = await duckdbPoints(folder, log, facts, format);
    expect([...points.keys()]).to.deep.equal([...model.keys()].sort());
    for (const [account, value] of points) expect(value, account).to.equal(model.get(account));
    expect([...(await postgresPoints(postgres, log, facts))]).to.deep.equal([...points]);
    expect(manifest.total).to.equal([...points.values()].reduce((sum, value) => sum + value, 0n));
    return (n: number): bigint => points.get(accountOf(n)) ?? 0n;
  }

  const content = (id: number, creator: number, time: bigint) => ({
    content: BigInt(id),
    creator: accountOf(creator),
    time,
  });

  describe("the rules", () => {
    it("are read as the engine reads them", async () => {
      await postgres.exec("DROP SCHEMA public CASCADE; CREATE SCHEMA public;");
      await postgres.exec(readRules().statements[0] ?? "");
      const { rows } = await postgres.query("SELECT * FROM rules ORDER BY code");
      const read = values
        .map((rule) => ({
          code: rule.code,
          behaviour: rule.behaviour,
          once_per: Number(rule.oncePer),
          per_subject_day: rule.perSubjectDay ?? null,
          per_day: rule.perDay,
          min_seconds: Number(rule.minSeconds),
          weight_of: rule.weightOf,
          received_as: rule.receivedAs ?? null,
        }))
        .sort((a, b) => a.code - b.code);
      expect(rows).to.deep.equal(read);
      expect(values).to.have.length(11);
      expect(readRules().version).to.equal(keccak256(readFileSync("src/mining/rules.sql")));
    });

    it("count a look of 5 seconds once an account and content in the epoch", async () => {
      const points = await count([
        row(ALICE, "view", 1, 0, 4),
        row(ALICE, "view", 2, 0, 5),
        row(ALICE, "view", 2, DAY * 3n, 60),
        row(ALICE, "view", 3, 9, 60),
        row(BOB, "view", 2, 9, 60),
      ]);
      expect(points(ALICE)).to.equal(2n * WEIGHT.view * BASE);
      expect(points(BOB)).to.equal(WEIGHT.view * BASE);
    });

    it("count likes, bookmarks, shares and follows once a subject, whatever the case of the address", async () => {
      const follow = (n: number) => ({ ...row(ALICE, "follow", "", 5), subject: getAddress(accountOf(n)) });
      const points = await count([
        ...["like", "bookmark", "share"].flatMap((behaviour) =>
          [1, 1, 2].map((subject, i) => row(ALICE, behaviour as LogRow["behaviour"], subject, DAY * BigInt(i))),
        ),
        follow(BOB),
        row(ALICE, "follow", accountOf(BOB), DAY),
        row(ALICE, "follow", accountOf(CAROL)),
      ]);
      expect(points(ALICE)).to.equal(2n * (WEIGHT.like + WEIGHT.bookmark + WEIGHT.share + WEIGHT.follow) * BASE);
      expect(points(BOB)).to.equal(0n);
    });

    it("count three comments a content and day, and those of one second once", async () => {
      const points = await count([
        ...[0, 0, 1, 2, 3, 4].map((at) => row(ALICE, "comment", 1, at)),
        row(ALICE, "comment", 2, 5),
        row(ALICE, "comment", 1, DAY),
        ...[0, 0].map((at) => row(BOB, "comment", 1, at)),
      ]);
      expect(points(ALICE)).to.equal(5n * WEIGHT.comment * BASE);
      expect(points(BOB)).to.equal(WEIGHT.comment * BASE);
    });

    it("count a task once a day, and an advanced one only for those who have unlocked it, at their high-value percent", async () => {
      const multipliers = [
        { account: accountOf(ALICE), incentivePercent: 150n, highValuePercent: 300n, advancedTasksUnlocked: true },
        { account: accountOf(BOB), incentivePercent: 150n, highValuePercent: 300n, advancedTasksUnlocked: false },
      ];
      const log = [ALICE, BOB, CAROL].flatMap((who) => [
        row(who, "task", "a", 0),
        row(who, "task", "a", DAY - 1n),
        row(who, "task", "a", DAY),
        row(who, "task", "b", DAY),
        row(who, "advanced_task", "a", 0),
      ]);
      const points = await count(log, { multipliers });
      expect(points(ALICE)).to.equal(3n * WEIGHT.task * 150n * 100n + WEIGHT.task * 150n * 300n);
      expect(points(BOB)).to.equal(3n * WEIGHT.task * 150n * 100n);
      expect(points(CAROL)).to.equal(3n * WEIGHT.task * BASE);
    });

    it("count no more a day than the caps say, the earliest, and receive only for those", async () => {
      const caps = {
        view: 200,
        like: 100,
        comment: 30,
        share: 20,
        follow: 20,
        bookmark: 50,
        task: 10,
        advanced_task: 3,
      };
      // each behaviour has people and contents of its own, so that one count does for all
      const each = Object.entries(caps).map(([behaviour, cap], n) => {
        const [actor, lost, paid] = [1000 * n, 1000 * n + 1, 1000 * n + 2];
        const log = Array.from({ length: cap + 5 }, (_, i) => {
          const subject = { follow: accountOf(actor + 100 + i), task: `t${String(i)}`, advanced_task: `t${String(i)}` }[
            behaviour
          ];
          return row(actor, behaviour as LogRow["behaviour"], subject ?? actor + i, cap + 5 - i, 9);
        });
        log.push({ ...(log[0] as LogRow), time: seconds(DAY) }); // was cut off on its day, and stays so
        log.push(row(actor, "share", actor + 777, DAY * 2n));
        const contents = Array.from({ length: 10 }, (_, i) => content(actor + i, i < 5 ? lost : paid, 5n));
        return { behaviour, cap, actor, lost, paid, log, contents };
      });
      const unlocked = { incentivePercent: 100n, highValuePercent: 100n, advancedTasksUnlocked: true };
      const points = await count(
        each.flatMap(({ log }) => log),
        {
          contents: each.flatMap(({ contents }) => contents),
          multipliers: each.map(({ actor }) => ({ account: accountOf(actor), ...unlocked })),
        },
      );
      for (const { behaviour, cap, actor, lost, paid } of each) {
        const weight = behaviour === "advanced_task" ? WEIGHT.task : WEIGHT[behaviour as "view"];
        const again = behaviour === "task" || behaviour === "advanced_task" || behaviour === "comment" ? 1n : 0n;
        expect(points(actor), behaviour).to.equal(((BigInt(cap) + again) * weight + WEIGHT.share) * BASE);
        const received = { view: 1024n, like: 2048n, bookmark: 4096n }[behaviour] ?? 0n;
        expect(points(lost), behaviour).to.equal(0n);
        expect(points(paid), behaviour).to.equal(5n * received * BASE);
      }
    });

    it("count check-ins, invitations and new contents of the chain", async () => {
      const points = await count([row(DAVE, "view", 999, 0, 9)], {
        checkIns: [0n, 5n, DAY].map((at) => ({ account: getAddress(accountOf(ALICE)), time: seconds(at) })),
        invitations: [
          ...Array.from({ length: 12 }, (_, i) => ({
            inviter: accountOf(BOB),
            invitee: accountOf(20 + i),
            time: seconds(i),
          })),
          { inviter: accountOf(CAROL), invitee: accountOf(CAROL), time: STARTS },
        ],
        contents: [
          content(1, CAROL, STARTS - 1n),
          ...Array.from({ length: 7 }, (_, i) => content(2 + i, CAROL, seconds(i))),
          content(50, CAROL, seconds(DAY * 7n - 1n)),
        ],
      });
      expect(points(ALICE)).to.equal(2n * WEIGHT.checkIn * BASE);
      expect(points(BOB)).to.equal(10n * WEIGHT.invite * BASE);
      expect(points(CAROL)).to.equal(6n * WEIGHT.create * BASE);
    });

    it("give nothing for oneself or one's own content, registered when it may be", async () => {
      const points = await count(
        [
          row(ALICE, "follow", accountOf(ALICE)),
          ...(["view", "like", "comment", "share", "bookmark"] as const).map((behaviour) =>
            row(ALICE, behaviour, 1, 5, 9),
          ),
          row(BOB, "follow", getAddress(accountOf(ALICE))),
        ],
        { contents: [content(1, ALICE, seconds(1000))] },
      );
      expect(points(ALICE)).to.equal(WEIGHT.create * BASE);
      expect(points(BOB)).to.equal(WEIGHT.follow * BASE);
    });

    it("let the creator receive views, likes and bookmarks from the second of the registration on, at the creator's percent", async () => {
      const given = (who: number, at: number) =>
        (["view", "like", "bookmark", "share", "comment"] as const).map((behaviour) => row(who, behaviour, 1, at, 9));
      const points = await count(
        [...given(BOB, 99), ...given(BOB, 200), ...given(CAROL, 100), row(CAROL, "view", 2, 5, 9)],
        {
          contents: [content(1, ALICE, seconds(100))],
          multipliers: [
            { account: accountOf(ALICE), incentivePercent: 300n, highValuePercent: 200n, advancedTasksUnlocked: true },
            { account: accountOf(CAROL), incentivePercent: 101n, highValuePercent: 200n, advancedTasksUnlocked: true },
          ],
        },
      );
      const received = WEIGHT.viewReceived + WEIGHT.likeReceived + WEIGHT.bookmarkReceived;
      expect(points(ALICE)).to.equal((WEIGHT.create + received) * 300n * 100n);
      const once = WEIGHT.view + WEIGHT.like + WEIGHT.bookmark + WEIGHT.share;
      expect(points(BOB)).to.equal((once + 2n * WEIGHT.comment) * BASE);
      expect(points(CAROL)).to.equal((once + WEIGHT.comment + WEIGHT.view) * 101n * 100n);
    });

    it("leave out who has no point, and refuse an epoch in which nobody has any", async () => {
      const weights = POWERS.map((weight, i) => (i === 1 ? 0n : weight));
      const points = await count([row(ALICE, "like", 1), row(BOB, "share", 1)], { weights });
      expect([points(ALICE), points(BOB)]).to.deep.equal([0n, WEIGHT.share * BASE]);
      const nobody = duckdbPoints(folder, [row(ALICE, "like", 1)], factsWith({ weights }), "csv");
      expect(await reasonOf(nobody)).to.contain("Nobody has a point in this epoch");
    });

    it("are the model's, in DuckDB and in PostgreSQL, for random communities", async () => {
      for (let seed = 1; seed <= effort(6, 16); seed++) {
        const { log, facts } = randomWorld(seed);
        await count(log, facts, seed % 2 === 0 ? "csv" : "parquet");
      }
    });

    it("are the model's for a long generated log", async () => {
      const sample = { epoch: EPOCH, accounts: 4000, seed: "model" };
      const [log, out] = [join(folder, "log.csv"), join(folder, "store")];
      await generateLog({ ...sample, rows: effort(30_000, 100_000), out: log });
      const rows = readFileSync(log, "utf8").trimEnd().split("\n").slice(1);
      const parsed = rows.map((line): LogRow => {
        const [account = "", behaviour, subject = "", time = "", duration = ""] = line.split(",");
        return {
          account,
          behaviour: behaviour as LogRow["behaviour"],
          subject,
          time: BigInt(time),
          duration: duration === "" ? undefined : BigInt(duration),
        };
      });
      await buildEpoch({ log, facts: sampleFacts(sample), out });
      const { weights, checkIns, invitations, contents, multipliers } = sampleFacts(sample);
      const facts: ModelFacts = {
        epoch: EPOCH,
        weights,
        checkIns: [...(checkIns as Iterable<ModelFacts["checkIns"][number]>)],
        invitations: [...(invitations as Iterable<ModelFacts["invitations"][number]>)],
        contents: [...(contents as Iterable<ModelFacts["contents"][number]>)],
        multipliers: [...(multipliers as Iterable<ModelFacts["multipliers"][number]>)],
      };
      const model = modelPoints(parsed, facts, values);
      expect(model.size).to.be.greaterThan(3900);
      expect(pointsOf(out)).to.deep.equal(new Map([...model].sort(([a], [b]) => (a < b ? -1 : 1))));
    });
  });

  /** What a run is refused for. */
  async function reasonOf(run: Promise<unknown>): Promise<string> {
    try {
      await run;
    } catch (error) {
      expect(error, String((error as Error).stack)).to.be.instanceOf(ExplainedError);
      return (error as Error).message;
    }
    throw new Error("it was not refused");
  }

  /** A proof store of something else. */
  async function writeOther(path: string): Promise<void> {
    const rows = new Uint8Array(32);
    const tree = buildTree(hashRows(rows, 32));
    await writeStore(path, { encoding: new LeafEncoding(["uint256"]), rows, tree, keyColumn: 0 });
  }

  const GOOD = [row(ALICE, "like", 1), row(BOB, "view", 2, 5, 9), row(CAROL, "follow", accountOf(ALICE), 6)];

  describe("buildEpoch", () => {
    const log = (): string => join(folder, "log.csv");
    const out = (): string => join(folder, "store");
    const run = (facts: EpochFacts = factsWith()) => buildEpoch({ log: log(), facts, out: out() });

    it("writes StandardMerkleTree's root and proofs, and a manifest that names the log byte for byte", async () => {
      writeFileSync(log(), csvOf(GOOD));
      const manifest = await run();
      const leaves = [ALICE, BOB, CAROL].map((n, i) => [accountOf(n), [2n, 1n, 16n].map((w) => w * BASE)[i] as bigint]);
      const tree = StandardMerkleTree.of(leaves, [...MINING_LEAF_ENCODING]);
      expect(manifest.root).to.equal(tree.root);
      const bytes = readFileSync(log());
      expect(manifest.log).to.deep.equal({
        name: "log.csv",
        format: "csv",
        bytes: bytes.length,
        rows: 3,
        keccak256: keccak256(bytes),
        sha256: `0x${createHash("sha256").update(bytes).digest("hex")}`,
      });
      expect(readManifest(manifestPath(out()))).to.deep.equal(manifest);
      expect(readdirSync(folder).sort()).to.deep.equal(["log.csv", "store", "store.json"]);
      for (const [i, [account]] of leaves.entries()) {
        for (const text of [accountOf(i), getAddress(accountOf(i))]) {
          const proof = proofOf(out(), text);
          expect(proof).to.deep.equal({
            account: getAddress(account as string),
            points: leaves[i]?.[1],
            proof: tree.getProof(i),
            root: tree.root,
          });
        }
      }
      expect(proofOf(out(), accountOf(9))).to.equal(undefined);
      expect(() => proofOf(out(), "0x12")).to.throw(ExplainedError, "is no address");
    });

    it("writes the same root for the same rows in CSV, in CSV with CRLF and a byte order mark, and in Parquet, in any order and spelling", async () => {
      writeFileSync(log(), csvOf(GOOD));
      const { root } = await run();
      const upper = (text: string): string =>
        text.replace(/0x[0-9a-f]{40}/g, (address) => `0x${address.slice(2).toUpperCase()}`);
      const mixed = (text: string): string => text.replace(/0x[0-9a-f]{40}/g, (address) => getAddress(address));
      const texts = [
        `\ufeff${csvOf(GOOD).replaceAll("\n", "\r\n")}`,
        csvOf(GOOD).replaceAll("\n", "\r\n").trimEnd(),
        csvOf(GOOD).trimEnd(),
        upper(csvOf([...GOOD].reverse())),
        mixed(csvOf(GOOD)),
      ];
      for (const text of texts) {
        writeFileSync(log(), text);
        expect((await run()).root).to.equal(root);
      }
      for (const text of [csvOf(GOOD), mixed(csvOf(GOOD)), upper(csvOf([...GOOD].reverse()))]) {
        const parquet = join(folder, "odd [name]*'s.parquet");
        writeFileSync(log(), text);
        await toParquet(log(), join(folder, "plain"));
        writeFileSync(parquet, readFileSync(join(folder, "plain")));
        expect((await buildEpoch({ log: parquet, facts: factsWith(), out: out() })).root).to.equal(root);
      }
    });

    it("takes facts from iterables that wait, and tells its progress", async () => {
      writeFileSync(log(), csvOf(GOOD));
      async function* checkIns() {
        for (const at of [0n, DAY]) yield await Promise.resolve({ account: accountOf(ALICE), time: seconds(at) });
      }
      const phases: string[] = [];
      await buildEpoch(
        { log: log(), facts: { ...factsWith(), checkIns: checkIns() }, out: out() },
        {
          onProgress: (phase, done, total) => {
            expect(done).to.be.within(0, total);
            if (phases.at(-1) !== phase) phases.push(phase);
          },
        },
      );
      expect(proofOf(out(), accountOf(ALICE))?.points).to.equal((WEIGHT.like + 2n * WEIGHT.checkIn) * BASE);
      expect(phases.slice(0, 4)).to.deep.equal([
        "checking the log",
        "reading the facts",
        "counting",
        "hashing the rows",
      ]);
      expect(phases.at(-1)).to.equal("writing the store");
    });

    const A = accountOf(ALICE);
    const T = String(STARTS + 5n);
    const swapped = getAddress(A)
      .replace(/[a-f]/, (letter) => letter.toUpperCase())
      .replace(/[A-F]$/, (letter) => letter.toLowerCase());
    const wrong = swapped === getAddress(A) ? A.replace("a", "A") : swapped;
    const bad: [string, string, string][] = [
      ["an unknown behaviour", `${A},stare,1,${T},`, 'the behaviour "stare" is unknown: use view, like'],
      ["no behaviour", `${A},,1,${T},`, /* null in Parquet */ "the behaviour is missing"],
      ["a check-in", `${A},check_in,1,${T},`, 'the behaviour "check_in" is counted from the chain\'s events alone'],
      ["a creation", `${A},create,1,${T},`, 'the behaviour "create" is counted from the chain'],
      ["an invitation", `${A},invite,${A},${T},`, 'the behaviour "invite" is counted from the chain'],
      ["an object's own name", `${A},constructor,1,${T},`, 'the behaviour "constructor" is unknown'],
      ["a short address", `${A.slice(0, -1)},like,1,${T},`, "is malformed: write 0x and 40 hex digits"],
      ["an address with another letter", `${A.slice(0, -1)}g,like,1,${T},`, "is malformed"],
      [
        "an address with a wrong checksum",
        `${wrong},like,1,${T},`,
        `has a wrong checksum (EIP-55 writes it ${getAddress(A)})`,
      ],
      ["the zero address", `0x${"0".repeat(40)},like,1,${T},`, "is the zero address"],
      ["no account", `,like,1,${T},`, "the account is missing"],
      ["a subject that is no content", `${A},like,1a,${T},`, 'the subject "1a" is no content\'s id'],
      ["a content with a leading zero", `${A},view,01,${T},9`, 'the subject "01" is no content\'s id'],
      ["a content above 2^256 - 1", `${A},share,${String(2n ** 256n)},${T},`, "is no content's id"],
      ["a task as a content", `${A},bookmark,daily,${T},`, 'the subject "daily" is no content\'s id'],
      ["a content as a followed account", `${A},follow,12,${T},`, 'the followed account "12" is malformed'],
      ["a followed account with a wrong checksum", `${A},follow,${wrong},${T},`, "the followed account"],
      ["an account as a task", `${A},task,${A},${T},`, "is no task's name"],
      ["a task with a capital", `${A},advanced_task,Daily,${T},`, 'the task "Daily" is no task\'s name'],
      ["no subject", `${A},like,,${T},`, "the subject is missing"],
      [
        "a time before the epoch",
        `${A},like,1,${String(STARTS - 1n)},`,
        `the time ${String(STARTS - 1n)} is outside epoch 2961`,
      ],
      [
        "a time after the epoch",
        `${A},like,1,${String(STARTS + 7n * DAY)},`,
        `which is from ${String(STARTS)} to ${String(STARTS + 7n * DAY - 1n)}`,
      ],
      ["no time", `${A},like,1,,`, "the time is missing"],
      ["a view without duration", `${A},view,1,${T},`, "the duration is missing, and views need one"],
      ["a view of negative duration", `${A},view,1,${T},-1`, "the duration -1 is negative"],
      ["a negative duration elsewhere", `${A},like,1,${T},-7`, "the duration -7 is negative"],
    ];
    for (const [name, line, reason] of bad) {
      it(`refuses ${name} by its line in CSV and its row in Parquet, and writes nothing`, async () => {
        const text = `${LOG_HEADER}\n${csvOf(GOOD).split("\n").slice(1, 3).join("\n")}\n${line}\n${csvOf(GOOD).split("\n")[3] ?? ""}\n`;
        writeFileSync(log(), text);
        expect(await reasonOf(run()))
          .to.contain(`${log()} is refused and nothing was written: 1 line is wrong.\n  line 4: `)
          .and.contain(reason);
        const parquet = join(folder, "log.parquet");
        await toParquet(log(), parquet);
        const refused = await reasonOf(buildEpoch({ log: parquet, facts: factsWith(), out: out() }));
        expect(refused)
          .to.contain(`${parquet} is refused and nothing was written: 1 row is wrong.\n  row 3: `)
          .and.contain(reason);
        expect(readdirSync(folder).sort()).to.deep.equal(["log.csv", "log.parquet"]);
      });
    }

    const malformed: [string, string | Buffer, string][] = [
      ["an empty file", "", "line 1: the file is empty"],
      ["no row", `${LOG_HEADER}\n`, "line 1: no row follows the header"],
      ["a missing column", `account,behaviour,subject,time\n${A},like,1,${T}\n`, "line 1: the header lacks duration"],
      ["another header", "a,b\n", "line 1: the header is wrong: the first line is exactly account,behaviour"],
      ["too few values", `${LOG_HEADER}\n${A},like,1,${T}\n`, "line 2: there are 4 values"],
      ["too many values", `${LOG_HEADER}\n${A},like,1,${T},,\n`, "line 2: there are 6 values"],
      ["one value", `${LOG_HEADER}\n${A}\n`, "line 2: there is 1 value"],
      ["an empty line", `${LOG_HEADER}\n\n${A},like,1,${T},\n`, "line 2: the line is empty"],
      ["quotes", `${LOG_HEADER}\n"${A}",like,1,${T},\n`, "line 2: there are quotes"],
      ["mixed line ends", `${LOG_HEADER}\n${A},like,1,${T},\r\n${A},like,1,${T},\n`, "line 2: the line ends otherwise"],
      ["a last line that ends in CR alone", `${LOG_HEADER}\n${A},like,1,${T},\r`, "line 2: the line ends otherwise"],
      ["a time that is no number", `${LOG_HEADER}\n${A},like,1,1e9,\n`, 'line 2: the time "1e9" is no whole number'],
      [
        "a duration that is no number",
        `${LOG_HEADER}\n${A},view,1,${T},1.5\n`,
        'line 2: the duration "1.5" is no whole',
      ],
      ["a line without end", `${LOG_HEADER}\n${"x".repeat(3_000_000)}\n`, "line 2: the line is longer than 4096 bytes"],
      ["bytes that are no text", Buffer.alloc(9000, 0xff), "line 1: the line is longer than"],
    ];
    for (const [name, text, reason] of malformed) {
      it(`refuses a CSV file with ${name}`, async () => {
        writeFileSync(log(), text);
        expect(await reasonOf(run())).to.contain(reason);
        expect(readdirSync(folder)).to.deep.equal(["log.csv"]);
      });
    }

    it("refuses a Parquet file with missing columns, wrong types, no row or damage", async () => {
      const parquet = join(folder, "log.parquet");
      const make = (query: string) => duckdb(`COPY (${query}) TO '${parquet}' (FORMAT parquet)`);
      const cells = `'${A}' AS account, 'like' AS behaviour, '1' AS subject, CAST(${T} AS BIGINT) AS time, CAST(NULL AS BIGINT) AS duration`;
      const refused = () => reasonOf(buildEpoch({ log: parquet, facts: factsWith(), out: out() }));
      await make("SELECT 1 AS account, 'like' AS behaviour, 5.5 AS time");
      const columns = await refused();
      expect(columns).to.contain("nothing was written: its columns are wrong");
      expect(columns).to.contain("columns: the column account is of type INTEGER, and it must be text");
      expect(columns).to.contain("columns: there is no column subject");
      expect(columns).to.contain("columns: the column time is of type DECIMAL(2,1), and it must be whole numbers");
      expect(columns).to.contain("columns: there is no column duration");
      await make(`SELECT ${cells} LIMIT 0`);
      expect(await refused()).to.contain("row 1: there is no row");
      await make(`SELECT ${cells} UNION ALL SELECT '${A}', NULL, NULL, NULL, NULL`);
      expect(await refused()).to.contain("row 2: the behaviour is missing");
      await make(`SELECT ${cells}`);
      writeFileSync(parquet, readFileSync(parquet).subarray(0, 200));
      expect(await refused())
        .to.contain("could not be read as Parquet")
        .and.contain("cut short or damaged");
      expect(readdirSync(folder)).to.deep.equal(["log.parquet"]);
    });

    it("names the first ten bad rows and counts the others, in CSV and Parquet alike", async () => {
      const rows = Array.from({ length: 40 }, (_, i) =>
        i % 2 === 0 ? row(ALICE, "like", i) : row(ALICE, "like", "x", i),
      );
      writeFileSync(log(), csvOf(rows));
      const reason = await reasonOf(run());
      expect(reason).to.match(
        /: 20 lines are wrong\.\n {2}line 3: .*\n {2}line 5: (?:.*\n)+ {2}line 21: .*\n {2}… and 10 more$/,
      );
      const parquet = join(folder, "log.parquet");
      await toParquet(log(), parquet);
      try {
        await buildEpoch({ log: parquet, facts: factsWith(), out: out() });
        expect.fail("accepted");
      } catch (error) {
        const { problems, count: all } = error as MiningLogError;
        expect(problems.map((problem) => problem.row)).to.deep.equal([2, 4, 6, 8, 10, 12, 14, 16, 18, 20]);
        expect(all).to.equal(20);
      }

      // More spellings than the engine answers with at once.
      const bad = "'bad' || i AS account, 'like' AS behaviour, 'x' || i AS subject";
      const other = `CAST(${T} AS BIGINT) AS time, CAST(NULL AS BIGINT) AS duration`;
      await duckdb(`COPY (SELECT ${bad}, ${other} FROM range(5000) AS r (i)) TO '${parquet}' (FORMAT parquet)`);
      expect(await reasonOf(buildEpoch({ log: parquet, facts: factsWith(), out: out() }))).to.match(
        /: 5,000 rows are wrong\.\n {2}row 1: .*\n {2}row 2: (?:.*\n)+ {2}row 10: .*\n {2}… and 4,990 more$/,
      );
    });

    it("counts the same wherever log and store lie, whatever their folders and the log are called", async () => {
      writeFileSync(log(), csvOf(GOOD));
      const parquet = join(folder, "log.parquet");
      await toParquet(log(), parquet);
      const checkIns = [{ account: accountOf(DAVE), time: STARTS }];
      const { root } = await run(factsWith({ checkIns }));
      const place = join(folder, `account=${A}`, `time=${T}`, "behaviour=view", "duration=1");
      mkdirSync(place, { recursive: true });
      for (const [from, name] of [
        [log(), "log.csv.gz"],
        [parquet, "log.parquet"],
      ] as const) {
        const moved = join(place, name);
        copyFileSync(from, moved);
        const there = await buildEpoch({ log: moved, facts: factsWith({ checkIns }), out: join(place, "store") });
        expect(there.root, name).to.equal(root);
      }
    });

    it("refuses facts that can't be, with their kind and number, and leaves what was there before", async () => {
      writeFileSync(log(), csvOf(GOOD));
      await run();
      const before = [out(), manifestPath(out())].map((path) => readFileSync(path));
      const [later, account] = [STARTS + 7n * DAY, accountOf(ALICE)];
      const multiplier = { account, incentivePercent: 100n, highValuePercent: 100n, advancedTasksUnlocked: true };
      for (const [facts, reason] of [
        [{ weights: POWERS.slice(1) }, "there are 12 weights, and the chain has 13"],
        [
          { weights: POWERS.map((weight) => weight * 16n) },
          "the weight of bookmark_received is 65536, and weights are 0 to 65535",
        ],
        [{ weights: POWERS.map((weight) => -weight) }, "the weight of view is -1"],
        [{ epoch: -1n }, "epoch -1 is none"],
        [
          {
            checkIns: [
              { account, time: STARTS },
              { account, time: later },
            ],
          },
          `check-in 2 is of second ${String(later)}, and epoch 2961 is from`,
        ],
        [{ checkIns: [{ account: "0x1", time: STARTS }] }, 'check-in 1: "0x1" is no address'],
        [{ invitations: [{ inviter: account, invitee: account, time: STARTS - 1n }] }, "invitation 1 is of second"],
        [{ invitations: [{ inviter: account, invitee: `${account}0`, time: STARTS }] }, "invitation 1: "],
        [{ contents: [content(1, ALICE, later)] }, `content 1 was registered at second ${String(later)}`],
        [{ contents: [{ ...content(1, ALICE, 5n), content: 2n ** 256n }] }, "content 1 has id 11579"],
        [
          { contents: [content(7, ALICE, 5n), content(8, BOB, 5n), content(7, BOB, 6n)] },
          "content 7 is there more than once",
        ],
        [
          { multipliers: [{ ...multiplier, incentivePercent: 99n }] },
          "multiplier 1 is 99 %, and multipliers are 100 to 300 %",
        ],
        [{ multipliers: [{ ...multiplier, highValuePercent: 301n }] }, "multiplier 1 is 301 %"],
        [
          { multipliers: [multiplier, { ...multiplier, account: getAddress(account) }] },
          `the multiplier of ${account} is there more than once`,
        ],
      ] as [Partial<ModelFacts>, string][]) {
        expect(await reasonOf(run(factsWith(facts))))
          .to.contain("The chain's facts are refused and nothing was written")
          .and.contain(reason);
        expect(readdirSync(folder).sort()).to.deep.equal(["log.csv", "store", "store.json"]);
      }
      expect([out(), manifestPath(out())].map((path) => readFileSync(path))).to.deep.equal(before);
    });

    it("refuses to replace what is no epoch's store or manifest, and the log itself", async () => {
      writeFileSync(log(), csvOf(GOOD));
      expect(await reasonOf(buildEpoch({ log: log(), facts: factsWith(), out: log() }))).to.contain(
        "is the log itself",
      );
      writeFileSync(out(), "a letter");
      expect(await reasonOf(run())).to.contain("exists and is no proof store");
      rmSync(out());
      await writeOther(out());
      const another = readFileSync(out());
      expect(await reasonOf(run())).to.contain("holds leaves (uint256), not an epoch's, so it is not replaced");
      expect(readFileSync(out())).to.deep.equal(another);
      rmSync(out());
      writeFileSync(manifestPath(out()), "{}");
      expect(await reasonOf(run())).to.contain("exists and is no manifest");
      expect(readFileSync(manifestPath(out()), "utf8")).to.equal("{}");
      const nowhere = join(folder, "none", "store");
      expect(await reasonOf(buildEpoch({ log: log(), facts: factsWith(), out: nowhere }))).to.contain(
        "No working folder could be made",
      );
      expect(await reasonOf(buildEpoch({ log: nowhere, facts: factsWith(), out: join(folder, "new") }))).to.contain(
        "could not be opened",
      );
      expect(await reasonOf(buildEpoch({ log: folder, facts: factsWith(), out: join(folder, "new") }))).to.match(
        /is no file|could not be opened/,
      );
    });

    it("says so when its memory does not do, and leaves what was there before", async () => {
      writeFileSync(log(), csvOf(GOOD));
      await run();
      const before = readFileSync(out());
      const small = buildEpoch({ log: log(), facts: factsWith(), out: out() }, { memoryMegabytes: 1 });
      expect(await reasonOf(small)).to.match(/could not be counted \(Out of Memory Error.*give the run more memory/);
      expect(readFileSync(out())).to.deep.equal(before);
      expect(readdirSync(folder).sort()).to.deep.equal(["log.csv", "store", "store.json"]);
    });

    it("refuses a log that changes while it is read", async () => {
      writeFileSync(log(), csvOf(GOOD));
      function* checkIns() {
        appendFileSync(log(), csvOf(GOOD).split("\n").slice(1).join("\n"));
        yield { account: accountOf(ALICE), time: STARTS };
      }
      expect(await reasonOf(run({ ...factsWith(), checkIns: checkIns() }))).to.contain(
        "changed while it was read, and nothing was written",
      );
      expect(readdirSync(folder)).to.deep.equal(["log.csv"]);
    });
  });

  describe("buildEpoch, stopped in mid-run", () => {
    it("leaves nothing, and the next run removes what a kill left", async function () {
      this.timeout(120_000);
      const log = join(folder, "log.parquet");
      const accounts = effort(5_000, 20_000);
      await generateLog({ epoch: EPOCH, accounts, seed: "stopped", rows: effort(100_000, 300_000), out: log });
      const place = join(folder, "out");
      const tsx = pathToFileURL(createRequire(import.meta.url).resolve("tsx")).href;
      const child = fileURLToPath(new URL("../../support/miningBuild.ts", import.meta.url));
      /** Whether the signal came while it counted; on a busy machine it may come later. */
      const stopped = async (signal: NodeJS.Signals, store: string): Promise<boolean> => {
        const directory = join(store, "..");
        const run = spawn(process.execPath, ["--import", tsx, child, log, store, String(accounts)], {
          stdio: "ignore",
        });
        const exit = once(run, "exit");
        while (run.exitCode === null && readdirSync(directory).length === 0) await setTimeout(2);
        await setTimeout(50);
        run.kill(signal);
        const [code, cause] = (await exit) as [number | null, NodeJS.Signals | null];
        const left = readdirSync(directory);
        if (left.includes("store.json")) {
          const facts = sampleFacts({ epoch: EPOCH, accounts, seed: "stopped" });
          expect(
            (await verifyEpoch({ log, facts, store, workFolder: folder })).equal,
            "what is there is whole",
          ).to.equal(true);
          return false;
        }
        expect(cause, `exit code ${String(code)}`).to.equal(signal);
        if (signal !== "SIGKILL") expect(left).to.deep.equal([]);
        else for (const name of left) expect(name).to.match(/^\.store(\.json)?\.\d+\.(work|partial)$/);
        return signal !== "SIGKILL" || /^\.store\.\d+\.work$/.test(left.join());
      };
      const stoppedInTime = async (signal: NodeJS.Signals): Promise<string> => {
        for (let attempt = 0; attempt < 5; attempt++) {
          const store = join(mkdtempSync(place), "store");
          if (await stopped(signal, store)) return store;
        }
        throw new Error("the run was always done before it could be stopped");
      };
      for (const signal of ["SIGTERM", "SIGINT"] as const) await stoppedInTime(signal);
      const store = await stoppedInTime("SIGKILL");
      const small = join(folder, "small.csv");
      writeFileSync(small, csvOf(GOOD));
      await buildEpoch({ log: small, facts: factsWith(), out: store });
      expect(readdirSync(join(store, "..")).sort()).to.deep.equal(["store", "store.json"]);
    });
  });

  describe("verifyEpoch", () => {
    const log = (): string => join(folder, "log.csv");
    const store = (): string => join(folder, "store");
    const published = async () => {
      writeFileSync(log(), csvOf(GOOD));
      return buildEpoch({ log: log(), facts: factsWith(), out: store() });
    };
    const verify = (more: Partial<Parameters<typeof verifyEpoch>[0]> = {}) =>
      verifyEpoch({ log: log(), facts: factsWith(), store: store(), workFolder: folder, ...more });

    it("says equal, given the store, the manifest, what the chain says, or all", async () => {
      const { root, total, log: identity } = await published();
      const chain = { root, totalPoints: total, logHash: identity.keccak256 };
      for (const input of [
        {},
        { published: chain },
        { store: undefined, manifest: manifestPath(store()) },
        { store: undefined, published: chain },
      ]) {
        const { equal, differences, rebuilt } = await verify(input);
        expect(differences).to.deep.equal([]);
        expect(equal).to.equal(true);
        expect(rebuilt).to.deep.equal({ accounts: 3, total, root });
      }
      expect(readdirSync(folder).sort()).to.deep.equal(["log.csv", "store", "store.json"]);
      expect(await reasonOf(verify({ store: undefined }))).to.contain("There is nothing to compare with");
    });

    it("names a log that changed, and the accounts that differ, are missing and are extra", async () => {
      const manifest = await published();
      const changed = [
        row(ALICE, "like", 1),
        row(ALICE, "like", 2),
        row(CAROL, "follow", accountOf(ALICE), 6),
        row(DAVE, "share", 5),
      ];
      writeFileSync(log(), csvOf(changed));
      const found = await verify();
      expect(found.equal).to.equal(false);
      expect(found.accounts).to.deep.equal([
        { account: getAddress(accountOf(ALICE)), published: 20_000n, rebuilt: 40_000n },
        { account: getAddress(accountOf(BOB)), published: 10_000n, rebuilt: undefined },
        { account: getAddress(accountOf(DAVE)), published: undefined, rebuilt: 80_000n },
      ]);
      expect(found.accountCount).to.equal(3);
      const text = found.differences.join("\n");
      expect(text)
        .to.contain(`the log is another one: keccak256 ${keccak256(readFileSync(log()))}`)
        .and.contain(manifest.log.keccak256);
      expect(text).to.contain(`the points sum to 280000, and to 190000 in the manifest`);
      expect(text).to.contain(`${getAddress(accountOf(ALICE))} has 40000 points, and 20000 were published`);
      expect(text).to.contain(`${getAddress(accountOf(BOB))} is extra: 10000 points were published and it has none`);
      expect(text).to.contain(`${getAddress(accountOf(DAVE))} is missing: it has 80000 points and none were published`);
      const chain = { root: manifest.root, totalPoints: manifest.total, logHash: manifest.log.keccak256 };
      const other = await verify({ store: undefined, published: chain });
      expect(other.differences).to.have.length(3);
      expect(other.differences.join("\n"))
        .to.contain(`${manifest.root} was published`)
        .and.contain(`and 190000 were published`);
    });

    it("lists ten accounts and counts the others", async () => {
      writeFileSync(log(), csvOf(Array.from({ length: 30 }, (_, i) => row(i, "like", 1))));
      await buildEpoch({ log: log(), facts: factsWith(), out: store() });
      const found = await verify({ facts: factsWith({ weights: POWERS.map((weight, i) => (i === 1 ? 3n : weight)) }) });
      expect(found.accounts.map(({ account }) => account)).to.deep.equal(
        Array.from({ length: 10 }, (_, i) => getAddress(accountOf(i))),
      );
      expect([found.accountCount, found.differences.length]).to.deep.equal([30, 10]);
      expect(found.differences[0]).to.equal("the weight of like is 3 on the chain, and 2 in the manifest");
    });

    it("names weights, rules and facts that changed", async () => {
      await published();
      const path = manifestPath(store());
      writeFileSync(path, readFileSync(path, "utf8").replace(readRules().version, `0x${"1".repeat(64)}`));
      const found = await verify({
        facts: factsWith({
          weights: POWERS.map((weight, i) => (i === 8 ? 9n : weight)),
          checkIns: [{ account: accountOf(DAVE), time: STARTS }],
        }),
      });
      const text = found.differences.join("\n");
      expect(text).to.contain("the weight of check_in is 9 on the chain, and 256 in the manifest");
      expect(text).to.contain(`the rules are another version: ${readRules().version} here`);
      expect(text).to.contain("the chain has 1 checkIns, and the manifest 0");
      expect(text).to.contain("there are 4 accounts with points, and 3 in the manifest");
    });

    it("refuses another epoch, another kind of store, and what is no manifest", async () => {
      await published();
      const next = { epoch: EPOCH + 1n };
      expect(await reasonOf(verify({ facts: factsWith(next) }))).to.contain(
        "is of epoch 2961, and the chain's facts are of epoch 2962",
      );
      expect(await reasonOf(verify({ store: log() }))).to.contain("is no proof store");
      const other = join(folder, "other");
      await writeOther(other);
      expect(await reasonOf(verify({ store: other }))).to.contain("holds leaves (uint256), not an epoch's (address,");
      const path = manifestPath(store());
      const whole = readFileSync(path, "utf8");
      for (const [from, to, reason] of [
        ["{", "[", "JSON"],
        ['"epoch": 2961', '"epoch": -1', 'its "epoch" is missing or wrong'],
        ['"view": 1', '"view": "1"', 'its "weights.view" is missing or wrong'],
        ['"totalPoints": "', '"totalPoints": "x', 'its "totalPoints"'],
        ['"sha256": "0x', '"sha256": "1x', 'its "log.sha256"'],
        ['"version": 1', '"version": 2', 'its "version"'],
      ] as const) {
        expect(whole).to.contain(from);
        writeFileSync(path, whole.replace(from, to));
        expect(await reasonOf(verify()))
          .to.contain("is no manifest of an epoch")
          .and.contain(reason);
      }
    });

    it("says that a store is damaged", async () => {
      await published();
      const whole = readFileSync(store());
      const byte = (at: number): void => {
        const bytes = Buffer.from(whole);
        bytes[at] = (bytes[at] as number) ^ 1;
        writeFileSync(store(), bytes);
      };
      byte(512 + 32 + 5); // a hash of the tree
      expect((await verify()).differences.join()).to.contain(
        "hashes of the tree from 0 on differ: the store is damaged",
      );
      byte(whole.length - 1); // the place of the last row
      expect((await verify()).differences.join()).to.contain("has another leaf in the store: the store is damaged");
      byte(whole.length - 6); // the points of the last row
      expect((await verify()).accounts).to.have.length(1);
    });
  });

  describe("generateLog", () => {
    const sample = { epoch: EPOCH, accounts: 50, seed: "week", rows: 3000 };

    it("writes the same rows for the same seed, in the order of their times, as CSV or Parquet", async () => {
      const paths = ["a.csv", "b.csv", "c.csv"].map((name) => join(folder, name));
      const [a = "", b = "", c = ""] = paths;
      await generateLog({ ...sample, out: a });
      await generateLog({ ...sample, out: b });
      await generateLog({ ...sample, seed: "other", out: c });
      const text = readFileSync(a, "utf8");
      expect(readFileSync(b, "utf8")).to.equal(text);
      expect(readFileSync(c, "utf8")).to.not.equal(text);
      const rows = text
        .trimEnd()
        .split("\n")
        .slice(1)
        .map((line) => line.split(","));
      expect(rows).to.have.length(3000);
      const times = rows.map((cells) => Number(cells[3]));
      expect(times).to.deep.equal([...times].sort((x, y) => x - y));
      expect(new Set(rows.map((cells) => cells[0])).size).to.equal(50);
      expect(new Set(rows.map((cells) => cells[1])).size).to.equal(8);
      expect(rows.some((cells) => cells[0] === sampleAccount("week", 0))).to.equal(true);
      const parquet = join(folder, "a.parquet");
      await generateLog({ ...sample, out: parquet });
      const roots = await Promise.all(
        [a, parquet].map((log, i) => buildEpoch({ log, facts: sampleFacts(sample), out: join(folder, String(i)) })),
      );
      expect(roots[0]?.root).to.equal(roots[1]?.root);
      expect(readFileSync(join(folder, "0")).equals(readFileSync(join(folder, "1")))).to.equal(true);
    });

    it("refuses sizes out of range, and to replace anything", async () => {
      const out = join(folder, "log.csv");
      expect(await reasonOf(generateLog({ ...sample, rows: 0, out }))).to.contain("A sample of 0 rows can't be made");
      expect(await reasonOf(generateLog({ ...sample, accounts: 1.5, out }))).to.contain("A sample of 1.5 accounts");
      writeFileSync(out, "mine");
      expect(await reasonOf(generateLog({ ...sample, out }))).to.contain("exists, and a sample replaces nothing");
      expect(readFileSync(out, "utf8")).to.equal("mine");
    });
  });
});
