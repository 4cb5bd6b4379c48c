import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { expect } from "chai";
import { type ErrorFragment, type EventFragment, MaxUint256, parseEther } from "ethers";
import hre from "hardhat";
import type { Result } from "hardhat/types/utils";

import { deploy } from "../../../src/deployment/deploy.js";
import { contentHashOf } from "../../../src/xme/content.js";
import * as flows from "../../../tasks/content/flows.js";
import { contentTasks } from "../../../tasks/content/index.js";
import * as views from "../../../tasks/content/views.js";
import { CONTENT_WORDS } from "../../../tasks/content/words.js";
import { type Session, sessionOf } from "../../../tasks/support/session.js";
import { onNarrow } from "../../support/narrow.js";
import { startProxy } from "../../support/proxy.js";
import { expectAnnouncedFirst, refusal } from "../../support/tasks.js";

/** Errors of calls that no command makes, and of what cannot happen. */
const NOT_OF_USERS = /^AddressEmptyCode$|^FailedCall$|^ERC721Invalid(Approver|Operator|Owner|Sender)$/;
/** What DocumentMoved tells as well. */
const NOT_TOLD = /MetadataUpdate$/;
const BYTES = Buffer.alloc(2_500_000, "Xonomy ");
const HASH = contentHashOf(BYTES);
const OTHER_HASH = `0x${"ab".repeat(32)}`;
const ESCAPE = "\u001b";

type Action = (input: unknown, host: typeof hre) => Promise<Result<unknown, Error>>;

async function fresh(root: string) {
  const connection = await hre.network.create();
  const { deployment } = await deploy(hre, connection, {
    economy: "xme",
    directory: join(root, "deployments", "content"),
  });
  const [session, other] = await Promise.all(["5", "6"].map((one) => sessionOf(connection, deployment, one)));
  return { connection, deployment, session: session as Session, other: other as Session };
}

describe("hardhat content", () => {
  let root: string;
  let local: Awaited<ReturnType<typeof fresh>>;
  let restore: () => Promise<void>;
  let file: string;
  let salts: string;

  before(async () => {
    root = mkdtempSync(join(tmpdir(), "xonomy-content-"));
    local = await fresh(root);
    file = join(root, "content.bin");
    salts = join(root, "deployments", "content", "content-salts");
    writeFileSync(file, BYTES);
  });
  beforeEach(async () => {
    const snapshot = await local.connection.networkHelpers.takeSnapshot();
    restore = () => snapshot.restore();
  });
  afterEach(async () => {
    await restore();
    rmSync(salts, { recursive: true, force: true });
  });
  after(() => {
    rmSync(root, { recursive: true });
  });

  const place = (more: object = {}) => ({ file, hash: "", salts, saltFile: "", ...more });
  const terms = (more: object = {}) => ({ ...place(), uri: "", price: "", royalty: "", ...more });
  const named = (more: object = {}) => ({ file, hash: "", ...more });
  /** Lets time pass without a block. */
  const pass = async (seconds: number) =>
    local.connection.provider.request({ method: "evm_increaseTime", params: [seconds] });
  const nonces = async () => Promise.all([local.session, local.other].map(async ({ signer }) => signer?.getNonce()));
  const saltFiles = () => readdirSync(salts).filter((name) => name.endsWith(".json"));
  const status = async (session = local.session) => views.readStatus(session, { salts, saltFile: "" });

  /** Commits, waits and registers. */
  async function register(session: Session, more: object = {}) {
    await flows.commit(session, place(more));
    await pass(61);
    return flows.register(session, terms(more));
  }

  it("should commit with a salt that others cannot read, say when it can be registered, and register it then", async () => {
    const { session, deployment } = local;
    const done = await flows.commit(session, place());
    expect(done).to.include({ content: HASH, token: "CONTENT", balance: 0n });
    expect(done.expected[0]).to.equal(`${file}, 2,500,000 bytes, has the SHA-256 hash ${HASH}.`);
    expect(done.transaction.events[0]).to.match(/can be registered from .* UTC until .* UTC\.$/);
    const kept = done.saltFile ?? "";
    expect(statSync(kept).mode & 0o777).to.equal(0o600);
    expect(statSync(salts).mode & 0o777).to.equal(0o700);
    expect(readFileSync(join(salts, ".gitignore"), "utf8")).to.equal("*\n");
    const { salt } = JSON.parse(readFileSync(kept, "utf8")) as { salt: string };
    const commitment = await deployment.xme.contentRegistry.commitmentOf(HASH, session.account, salt);
    expect((await status()).commitments).to.have.length(1);
    expect((await status()).commitments[0]).to.include({ commitment, content: HASH, state: "too young" });
    expect(await refusal(flows.register(session, terms()))).to.match(/too young: .* on, in (1 minute|5\d seconds)\./);
    await pass(61);
    expect(views.describeStatus(await status())).to.contain(`${HASH} can be registered now, until`);
    const registered = await flows.register(session, terms({ price: "1.5", royalty: "2.5", uri: "ipfs://document" }));
    expect(registered.balance).to.equal(1n);
    expect(registered.expected[2]).to.match(/a royalty of 2\.5 % of each sale, which never changes\.$/);
    expect(registered.transaction.events).to.have.length(4);
    const shown = await views.readShown(session, named({ hash: HASH, file: "" }));
    expect(shown).to.include({ content: HASH, creator: session.account, royaltyBps: 250n, uri: "ipfs://document" });
    expect(shown.unlockPrice).to.equal(parseEther("1.5"));
    expect(views.describeStatus(await status())).to.contain("No commitment of its own is pending.");
  });

  it("should lose nothing when it ends between the salt and the transaction, and use the salt again", async () => {
    const { session } = local;
    await expectAnnouncedFirst(session, (s) => flows.commit(s, place()));
    const [name = ""] = saltFiles();
    const before = readFileSync(join(salts, name), "utf8");
    expect(views.describeStatus(await status())).to.contain("is not committed to, only its salt is kept");
    expect(await refusal(flows.register(session, terms()))).to.match(/has not committed to .* yet, though its salt/);
    const done = await flows.commit(session, place());
    expect(done.expected[1]).to.match(/^The salt that is kept in .* is used again\.$/);
    await pass(86_401);
    await local.connection.networkHelpers.mine();
    expect(views.describeStatus(await status())).to.contain("could be registered until");
    expect(await refusal(flows.register(session, terms()))).to.match(/^The commitment has expired/);
    expect((await flows.commit(session, place())).expected[2]).to.match(/that ends, and the wait begins anew\.$/);
    await pass(61);
    await expectAnnouncedFirst(session, (s) => flows.register(s, terms()));
    expect((await flows.register(session, terms())).balance).to.equal(1n);
    expect(saltFiles()).to.deep.equal([name]);
    expect(readFileSync(join(salts, name), "utf8")).to.equal(before);
  });

  it("should keep the salt in another file, and tell of commitments whose salt is not here", async () => {
    const { session } = local;
    const saltFile = join(root, "salt.json");
    await flows.commit(session, place({ saltFile }));
    expect(existsSync(salts)).to.equal(false);
    expect(statSync(saltFile).mode & 0o777).to.equal(0o600);
    expect(await refusal(flows.register(session, terms()))).to.match(/^No salt is kept for/);
    expect(await refusal(flows.commit(session, place({ saltFile, file: "", hash: OTHER_HASH })))).to.match(
      /holds the salt of another content/,
    );
    expect(views.describeStatus(await status())).to.contain("(its salt is not kept here)");
    expect(await views.readStatus(session, { salts, saltFile })).to.have.nested.property(
      "commitments[0].content",
      HASH,
    );
    await pass(61);
    expect((await flows.register(session, terms({ saltFile }))).balance).to.equal(1n);
    writeFileSync(saltFile, "{}");
    expect(await refusal(flows.register(session, terms({ saltFile, file: "", hash: OTHER_HASH })))).to.match(
      /holds no salt that can be used/,
    );
  });

  it("should change price and document, transfer and list", async () => {
    const { session, other } = local;
    await register(session, { royalty: "10" });
    await register(session, { file: "", hash: OTHER_HASH });
    const priced = await flows.setPrice(session, { ...named(), price: "3" });
    expect(priced.expected[1]).to.match(/is unlocked for 3 XMEX from now on, and no longer for nothing\./);
    await flows.setUri(session, { ...named(), uri: "ipfs://a", none: false });
    const moved = await flows.setUri(session, { ...named(), uri: "", none: true });
    expect(moved.transaction.events).to.deep.equal([`${HASH} is described nowhere from now on.`]);
    const given = await flows.transfer(session, { ...named(), to: other.account });
    expect(given.expected[2]).to.match(/stays its creator, who is owed 10 % of each sale\.$/);
    expect(given.balance).to.equal(1n);
    const list = async (account: string, last = "200") =>
      views.readContents(account === "" ? session : other, { account, last });
    expect((await list("")).contents.map(({ content }) => content)).to.deep.equal([HASH, OTHER_HASH]);
    expect((await list("", "1")).contents.map(({ content }) => content)).to.deep.equal([OTHER_HASH]);
    expect((await list("6")).contents.map(({ owner }) => owner)).to.deep.equal([other.account]);
    expect(views.describeContents(await list("6"))).to.match(/\n1 of the latest 1 of 1 that .* owns or created/);
    await flows.transfer(other, { ...named(), to: session.account });
    expect((await list("6")).contents).to.deep.equal([]);
    expect(views.describeContents(await list("", "0"))).to.match(/^0 of the latest 0 of 2 registered\.$/);
    const shown = await views.readShown(session, named());
    expect(views.describeShown({ ...shown, uri: `x:${ESCAPE}[2J` })).to.not.contain(ESCAPE);
  });

  it("should commit, register, list and tell all on a node that limits the blocks of an answer", async () => {
    const { session, other, connection } = local;
    await register(session);
    await connection.networkHelpers.mine(600);
    await register(other, { file: "", hash: OTHER_HASH });
    await flows.transfer(other, { ...named({ file: "", hash: OTHER_HASH }), to: session.account });
    const hidden = { file: "", hash: `0x${"cd".repeat(32)}` };
    await flows.commit(session, place({ ...hidden, saltFile: join(root, "hidden.json") }));
    await onNarrow(local, async (narrow) => {
      const [mine, others] = await Promise.all([narrow.session("5"), narrow.session("6")]);
      const listed = async (who: Session, account: string) =>
        (await views.readContents(who, { account, last: "200" })).contents.map(({ content }) => content);
      expect(await listed(mine, "")).to.deep.equal([HASH, OTHER_HASH]);
      expect(await listed(mine, "5")).to.deep.equal([HASH, OTHER_HASH]);
      expect(await listed(others, "6")).to.deep.equal([OTHER_HASH]);
      const seen = await status(mine);
      expect(seen.commitments).to.have.length(1);
      expect(seen.commitments[0]).to.include({ content: undefined, state: "ready" });
      const told = views.describeStatus(seen).split("\n");
      expect(told).to.have.length(3);
      expect(told[2]).to.match(/can be registered now, until .* \(its salt is not kept here\)\.$/);
      expect(await refusal(flows.commit(others, place()))).to.match(/was registered already, by 0x/);
      const more = { file: "", hash: `0x${"ef".repeat(32)}` };
      const done = await flows.commit(mine, place(more));
      expect(done.expected.at(-1)).to.match(/`hardhat content register` can register 0x(ef){32}\.$/);
      await pass(61);
      expect((await flows.register(mine, terms(more))).balance).to.equal(3n);
    });
  });

  it("should register on a node that tells of no events, and say what it could not look for", async () => {
    const { connection, deployment } = local;
    const proxy = await startProxy("", async ({ method, params }) =>
      method === "eth_getLogs"
        ? { refused: "method not supported" }
        : { answered: await connection.provider.request({ method, params: [...params] }) },
    );
    try {
      const there = await hre.network.create({ network: "localhost", override: { url: proxy.url } });
      const session = await sessionOf(there, deployment.connect(there.ethers.provider), "5");
      const content = { file: "", hash: `0x${"ee".repeat(32)}` };
      const { expected } = await flows.commit(session, place(content));
      expect(expected).to.include(
        "The network's node does not look through its logs, so it may be registered already.",
      );
      await pass(61);
      expect((await flows.register(session, terms(content))).balance).to.equal(1n);
    } finally {
      await proxy.stop();
    }
  });

  it("should say what does not allow it, and send nothing", async () => {
    const { session, other, connection, deployment } = local;
    await register(other);
    await flows.commit(session, place({ file: "", hash: OTHER_HASH }));
    await pass(61);
    const before = await nonces();
    const commit = async (more: object) => refusal(flows.commit(session, place(more)));
    expect(await commit({})).to.match(new RegExp(`was registered already, by ${other.account} at 20.* UTC, for ever`));
    expect(await commit({ file: "" })).to.match(/^--file or --hash is missing/);
    expect(await commit({ hash: HASH })).to.match(/^--file and --hash say the same/);
    expect(await commit({ file: join(root, "none") })).to.match(/could not be read \(ENOENT/);
    expect(await commit({ file: root })).to.match(/is no file/);
    writeFileSync(join(root, "empty"), "");
    expect(await commit({ file: join(root, "empty") })).to.match(/is empty/);
    for (const hash of ["0x12", "much", String(MaxUint256 + 1n)]) {
      expect(await commit({ file: "", hash })).to.match(/^--hash is "/);
    }
    expect(await commit({ file: "", hash: "0" })).to.match(/^A hash of zero/);
    expect(await commit({ file: "", hash: `0x${"11".repeat(32)}`, saltFile: join(root, "no", "salt") })).to.match(
      /could not be written/,
    );
    const add = async (more: object) =>
      refusal(flows.register(session, terms({ file: "", hash: OTHER_HASH, ...more })));
    expect(await refusal(flows.register(session, terms()))).to.match(/was registered already/);
    expect(await refusal(flows.register(other, terms()))).to.match(/by you, /);
    expect(await add({ price: "0.0000000001" })).to.match(/at most nine decimals/);
    expect(await add({ price: "18446744074" })).to.match(/above 18,446,744,073\.709551 XMEX, the highest/);
    expect(await add({ royalty: "10.01" })).to.equal(
      "A royalty of 10.01 % is above 10 %, the highest: give a lower --royalty.",
    );
    expect(await add({ uri: "two words" })).to.match(/no URI has \(0x20, after 3 others\)/);
    expect(await add({ uri: "x".repeat(257) })).to.match(/^--uri has 257 characters: write 1 to 256/);
    expect(await refusal(flows.setPrice(session, { ...named(), price: "" }))).to.match(/^--price is missing/);
    expect(await refusal(flows.setPrice(session, { ...named(), price: "1" }))).to.match(/who alone changes its price/);
    expect(await refusal(flows.setUri(session, { ...named(), uri: "a:b", none: false }))).to.match(/who alone changes/);
    expect(await refusal(flows.setUri(session, { ...named(), uri: "", none: false }))).to.match(/^--uri is missing/);
    expect(await refusal(flows.setUri(session, { ...named(), uri: "a:b", none: true }))).to.match(/say different/);
    const transfer = async (from: Session, to: string, more: object = {}) =>
      refusal(flows.transfer(from, { ...named(more), to }));
    expect(await transfer(session, session.account)).to.match(/'s to transfer: its owner can/);
    expect(await transfer(other, other.account)).to.match(/already: give another --to/);
    expect(await transfer(other, `0x${"00".repeat(20)}`)).to.match(/transferred to nobody/);
    expect(await transfer(other, await deployment.xme.xme.getAddress())).to.match(/contract XME and nobody's account/);
    // It has a use for tokens, and none for contents.
    const wallet = await deployment.xme.teamVesting.getAddress();
    expect(await transfer(other, wallet)).to.match(/is a contract that takes no such/);
    expect(await transfer(other, session.account, { file: "", hash: OTHER_HASH })).to.match(/^Nobody has registered/);
    expect(await refusal(views.readShown(session, named({ file: "", hash: "7" })))).to.match(/^Nobody has registered/);
    const away = await sessionOf(connection, deployment, "0x000000000000000000000000000000000000dEaD");
    expect(await refusal(flows.commit(away, place()))).to.match(/has no key of/);
    expect(await nonces()).to.deep.equal(before);
    expect(saltFiles(), "nothing is kept for what is refused").to.have.length(2);
  });

  it("should have a sentence for every refusal and event that users meet", () => {
    const unworded: string[] = [];
    local.deployment.xme.contentRegistry.interface.fragments.forEach((fragment) => {
      const { type, name, inputs } = fragment as ErrorFragment | EventFragment;
      if (type !== "error" && type !== "event") return;
      if ((type === "error" ? NOT_OF_USERS : NOT_TOLD).test(name)) return;
      const sentence = (type === "error" ? CONTENT_WORDS.refusals : CONTENT_WORDS.events)[name];
      if (!sentence) return void unworded.push(name);
      for (const number of [0n, 1n, MaxUint256]) {
        const values = inputs.map(({ type: kind }) => {
          if (kind === "address") return `0x${(number === 0n ? "00" : "12").repeat(20)}`;
          return kind === "uint256" ? number : kind === "bool" ? number === 0n : number === 0n ? "" : `0x12${ESCAPE}`;
        });
        expect(sentence(values as never), name)
          .to.match(/^\S.*\.$/)
          .and.not.match(/undefined|NaN|\[object/)
          .and.not.contain(ESCAPE);
      }
    });
    expect(unworded).to.deep.equal([]);
  });

  it("should have in every command the options that it reads", async () => {
    const { connection } = local;
    const host = {
      config: { paths: { root }, networks: hre.config.networks },
      globalOptions: {},
      network: { create: () => Promise.resolve(connection) },
    };
    const { log } = console;
    const done = ["content"];
    const run = async (name: string, given: Readonly<Record<string, string | boolean>> = {}): Promise<string> => {
      const definition = contentTasks.find(({ id }) => id.join(" ") === `content ${name}`);
      const { options, action } = definition as unknown as {
        options: Record<string, { defaultValue: unknown }>;
        action: () => Promise<{ default: Action }>;
      };
      const values = Object.fromEntries(
        Object.entries(options).map(([option, { defaultValue }]) => [option, defaultValue]),
      );
      for (const option of Object.keys(given)) expect(values, `options of ${name}`).to.have.property(option);
      done.push(`content ${name}`);
      const printed: string[] = [];
      console.log = (line: string) => void printed.push(line);
      try {
        const result = await (
          await action()
        ).default({ ...values, ...given, deployment: "content" }, host as unknown as typeof hre);
        if (!result.success) throw result.error;
      } finally {
        console.log = log;
      }
      return printed.join("\n");
    };
    const mine = { account: "5", file };
    expect(await run("commit", mine)).to.contain("now holds 0 CONTENT.");
    await pass(61);
    expect(await run("status", { account: "5" })).to.contain(`${HASH} can be registered now`);
    const registered = await run("register", { ...mine, price: "1", royalty: "1", uri: "ipfs://a", json: true });
    expect(JSON.parse(registered)).to.include({ content: HASH, balance: "1" });
    await run("set-price", { ...mine, price: "0" });
    await run("set-uri", { ...mine, none: true });
    await run("transfer", { ...mine, to: local.other.account });
    expect(await run("show", { hash: HASH })).to.match(
      /unlocked {4}for nothing\nroyalty {5}1 % .*\ndescribed {3}nowhere$/,
    );
    expect(await run("list", { account: "5" })).to.contain(HASH);
    expect(done.sort()).to.deep.equal(contentTasks.map(({ id }) => id.join(" ")).sort());
  });
});
