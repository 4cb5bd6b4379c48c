import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { expect } from "chai";
import { type ErrorFragment, type EventFragment, MaxUint256, parseEther } from "ethers";

import { contentHashOf, contentIdOf } from "../../../src/xme/content.js";
import * as content from "../../../tasks/content/flows.js";
import { contentTasks } from "../../../tasks/content/index.js";
import { CONTENT_WORDS } from "../../../tasks/content/words.js";
import { type Session, sessionOf } from "../../../tasks/support/session.js";
import { act, deployed, expectAnnouncedFirst, refusal, recorded } from "../../support/tasks.js";

/** Thrown where none of the commands leads: approvals, receivers and owners of nobody. */
const NOT_OF_USERS =
  /ERC721InvalidApprover|ERC721InvalidOperator|ERC721InvalidOwner|ERC721InvalidSender|ERC721OutOfBounds|StringsInsufficient|SafeCast|AddressEmptyCode|FailedCall/;
const NOT_TOLD = /MetadataUpdate/;
const TERMS = { uri: "ipfs://song", price: "10", royalty: "5" };

describe("hardhat content", () => {
  const local = deployed("xme", 10);
  let folder: string;
  let file: string;
  let ada: Session;
  let ben: Session;

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "content-"));
    file = join(folder, "song.txt");
    writeFileSync(file, "a song");
    const at = (session: Session): Session => ({ ...session, directory: folder });
    [ada, ben] = [at(local().session), at(local().other)];
  });
  afterEach(() => {
    rmSync(folder, { recursive: true });
  });

  const named = (given: object = {}) => ({ file, hash: "", saltFile: "", ...given });
  const hash = contentHashOf(Buffer.from("a song"));
  const salts = (): readonly string[] =>
    existsSync(join(folder, "salts"))
      ? readdirSync(join(folder, "salts")).filter((name) => name.endsWith(".json"))
      : [];

  it("should commit, register, price, describe and transfer a file, and list what is whose", async () => {
    const { deployment } = local();
    const committed = await content.commit(ada, named());
    expect(committed.expected[0]).to.equal(`${file}, 6 bytes, has the SHA-256 hash ${hash}.`);
    expect(content.describeCommitments(await content.readCommitments(ada, { saltFile: "" }))).to.match(
      /can be registered from/,
    );
    await local().time.increase(60n);
    expect(content.describeCommitments(await content.readCommitments(ada, { saltFile: "" }))).to.match(
      /can be registered until/,
    );
    const done = await content.register(ada, { ...named(), ...TERMS });
    expect(done.expected.slice(1)).to.deep.equal([
      `${ada.account} becomes its creator for ever, and its owner, with 5 % of each sale.`,
      "It is unlocked for 10 XMEX, and described at ipfs://song.",
    ]);
    expect(done.transaction.events.join("\n")).to.contain(`${ada.account} registered ${hash}`);
    const id = contentIdOf(hash);
    expect(await content.show(ben, { file: "", hash: String(id) })).to.deep.include({
      hash,
      creator: ada.account,
      owner: ada.account,
      unlockPrice: parseEther("10"),
      royaltyBps: 500n,
      uri: "ipfs://song",
    });
    expect(content.describeCommitments(await content.readCommitments(ada, { saltFile: "" }))).to.match(
      /needed no more/,
    );

    const priced = await content.setPrice(ada, { ...named(), price: "2.5" });
    expect(priced.expected[0]).to.match(/for 2\.500000 XMEX from now on, and was for 10 XMEX/);
    await content.setUri(ada, { ...named(), uri: "https://song.example" });
    const given = await content.transfer(ada, { file: "", hash, to: ben.account });
    expect(given.expected[0]).to.contain(`${ada.account} stays its creator`);
    expect(await deployment.xme.contentRegistry.ownerOf(id)).to.equal(ben.account);
    const [shown] = (await content.list(ada)).contents;
    expect(shown).to.deep.include({ creator: ada.account, owner: ben.account, uri: "https://song.example" });
    expect(content.describeContent(shown as content.ContentShown)).to.contain("unlocked  for 2.500000 XMEX");
    expect(content.describeList(await content.list(ben))).to.match(/bought +owned +2\.500000 XMEX/);
    expect(content.describeList(await content.list(local().session))).to.match(/created +belongs to 0x/);
  });

  it("should keep the salt before anything is sent, and go on with it after a stop", async () => {
    const stopped: Session = {
      ...ada,
      announce: () => {
        throw new Error("killed before it was sent");
      },
    };
    const failure = await content.commit(stopped, named()).catch((error: unknown) => error);
    expect(failure).to.have.property("message", "killed before it was sent");
    const [name = ""] = salts();
    const path = join(folder, "salts", name);
    expect(statSync(path).mode & 0o777).to.equal(0o600);
    expect(readFileSync(join(folder, "salts", ".gitignore"), "utf8")).to.equal("*\n");
    const before = readFileSync(path, "utf8");
    expect(content.describeCommitments(await content.readCommitments(ada, { saltFile: "" }))).to.match(
      /not committed yet: run `hardhat content commit` again/,
    );
    const done = await content.commit(ada, named());
    expect(done.expected.join(" ")).to.contain("the one that was kept");
    expect(readFileSync(path, "utf8")).to.equal(before);
    await local().time.increase(60n);
    await content.register(ada, { ...named(), ...TERMS });
    expect(salts()).to.have.length(1);
  });

  it("should commit again with the same salt when a commitment has expired", async () => {
    const saltFile = join(folder, "my-salt.json");
    await content.commit(ada, named({ saltFile }));
    const kept = readFileSync(saltFile, "utf8");
    await local().time.increase(86_401n);
    expect(content.describeCommitments(await content.readCommitments(ada, { saltFile }))).to.match(/expired: run/);
    expect(await refusal(content.register(ada, { ...named({ saltFile }), ...TERMS }))).to.match(
      /commitment has expired/,
    );
    await content.commit(ada, named({ saltFile }));
    expect(readFileSync(saltFile, "utf8")).to.equal(kept);
    await local().time.increase(60n);
    await content.register(ada, { ...named({ saltFile }), ...TERMS });
    expect(salts()).to.deep.equal([]);
  });

  it("should say what does not allow it, and send nothing", async () => {
    const nonces = async () => [await ada.signer?.getNonce(), await ben.signer?.getNonce()];
    const start = await nonces();
    const committing = (given: object) => refusal(content.commit(ada, named(given)));
    expect(await committing({ file: "" })).to.match(/^--file or --hash is missing/);
    expect(await committing({ hash })).to.match(/give one of them alone/);
    expect(await committing({ file: join(folder, "none") })).to.match(/could not be read/);
    expect(await committing({ file: folder })).to.match(/is no file/);
    writeFileSync(join(folder, "empty"), "");
    expect(await committing({ file: join(folder, "empty") })).to.match(/is empty/);
    expect(await committing({ file: "", hash: "0x12" })).to.match(/64 hexadecimal digits/);
    expect(await committing({ file: "", hash: "0" })).to.match(/^A hash of zero/);
    const registering = (given: object) => refusal(content.register(ada, { ...named(), ...TERMS, ...given }));
    expect(await registering({})).to.match(/^No salt is kept/);
    expect(await registering({ price: "much" })).to.match(/^--price is "much"/);
    expect(await refusal(content.show(ada, named()))).to.match(/^Nobody has registered/);
    expect(await refusal(content.setPrice(ada, { ...named(), price: "1" }))).to.match(/^Nobody has registered/);
    expect(await refusal(content.commit({ ...ada, directory: undefined }, named()))).to.match(
      /^--salt-file is missing/,
    );
    expect(salts()).to.deep.equal([]);
    expect(await nonces()).to.deep.equal(start);

    await content.commit(ada, named());
    const before = await nonces();
    expect(await committing({})).to.match(/has committed to it already/);
    expect(await registering({})).to.match(/commitment is too young: .*in 5\d seconds|in 1 minute/);
    const [name = ""] = salts();
    expect(
      await committing({ file: "", hash: `0x${"12".repeat(32)}`, saltFile: join(folder, "salts", name) }),
    ).to.match(/holds the salt of another content/);
    await local().time.increase(60n);
    expect(await registering({ royalty: "11" })).to.match(/royalty of 11 % is above 10 %/);
    expect(await registering({ price: "0.0000000001" })).to.match(/at most nine decimals/);
    expect(await registering({ uri: "no spaces here" })).to.match(/character that no URI has/);
    expect(await nonces()).to.deep.equal(before);
    await content.register(ada, { ...named(), ...TERMS });
    expect(await refusal(content.commit(ben, named()))).to.match(/was registered by .*, for ever/);
    expect(await refusal(content.setPrice(ben, { ...named(), price: "1" }))).to.match(/who alone changes its price/);
    expect(await refusal(content.transfer(ben, { ...named(), to: ada.account }))).to.match(/to transfer|no longer/);
    expect(await refusal(content.transfer(ada, { ...named(), to: "ben" }))).to.match(/^--to is "ben"/);
    writeFileSync(join(folder, "salts", name), "{");
    expect(await refusal(content.readCommitments(ada, { saltFile: "" }))).to.match(/holds no salt that can be used/);
  });

  it("should have a sentence for every refusal and event that users meet", () => {
    const unworded: string[] = [];
    local().deployment.xme.contentRegistry.interface.fragments.forEach((fragment) => {
      const { type, name, inputs } = fragment as ErrorFragment | EventFragment;
      if (type !== "error" && type !== "event") return;
      if ((type === "error" ? NOT_OF_USERS : NOT_TOLD).test(name)) return;
      const sentence = (type === "error" ? CONTENT_WORDS.refusals : CONTENT_WORDS.events)[name];
      if (!sentence) return void unworded.push(name);
      for (const number of [0n, 1n, MaxUint256]) {
        const values = inputs.map(({ baseType }) => (baseType === "address" ? `0x${"12".repeat(20)}` : number));
        expect(sentence(values as never), name)
          .to.match(/^\S.*\.$/)
          .and.not.match(/undefined|NaN|\[object/);
      }
    });
    expect(unworded).to.deep.equal([]);
  });

  it("should announce each step before it sends it", async () => {
    await expectAnnouncedFirst(ada, (s) => content.commit(s, named()));
    await content.commit(ada, named());
    await local().time.increase(60n);
    await expectAnnouncedFirst(ada, (s) => content.register(s, { ...named(), ...TERMS }));
    await content.register(ada, { ...named(), ...TERMS });
    await expectAnnouncedFirst(ada, (s) => content.setPrice(s, { ...named(), price: "1" }));
    await expectAnnouncedFirst(ada, (s) => content.setUri(s, { ...named(), uri: "" }));
    await expectAnnouncedFirst(ada, (s) => content.transfer(s, { ...named(), to: ben.account }));
    expect((await sessionOf(local().connection, local().deployment, "10")).directory).to.equal(undefined);
  });

  it("should work from the command line, with --json for machines", async () => {
    const chain = await recorded("xme");
    try {
      const done = await chain.run(["content", "commit", "--file", file, "--account", "5", "--json"]);
      expect(done.complaint).to.equal("");
      expect(JSON.parse(done.output)).to.have.nested.property("transaction.hash");
      const status = JSON.parse(await act(chain, contentTasks, "content status", { account: "5", json: true })) as {
        commitments: readonly { hash: string; path: string }[];
      };
      expect(status.commitments.map((kept) => kept.hash)).to.deep.equal([hash]);
      expect(status.commitments[0]?.path).to.contain(join("deployments", chain.id, "salts"));
      const fails = async (name: string, given: Record<string, string>): Promise<string> =>
        refusal(act(chain, contentTasks, `content ${name}`, { file, ...given, json: true }));
      expect(await fails("register", { account: "5", ...TERMS })).to.match(/too young/);
      expect(await fails("set-price", { price: "1" })).to.match(/^Nobody has registered/);
      expect(await fails("set-uri", { uri: "" })).to.match(/^Nobody has registered/);
      expect(await fails("transfer", { to: ben.account })).to.match(/^Nobody has registered/);
      expect(await fails("show", {})).to.match(/^Nobody has registered/);
      expect(await act(chain, contentTasks, "content list", {})).to.match(/has created nothing and owns nothing/);
    } finally {
      await chain.remove();
    }
  });
});
