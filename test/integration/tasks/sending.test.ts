import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { setTimeout as wait } from "node:timers/promises";
import { fileURLToPath } from "node:url";

import { expect } from "chai";
import { computeAddress, Interface, keccak256, parseEther, parseUnits, toUtf8Bytes } from "ethers";
import hre from "hardhat";
import type { HardhatPlugin } from "hardhat/types/plugins";

import { withRoom } from "../../../src/deployment/gas-room.js";
import { openDeployment } from "../../../src/deployment/open.js";
import { claim as claimRank, readStatus } from "../../../tasks/rank/flows.js";
import { rankTasks } from "../../../tasks/rank/index.js";
import { buy } from "../../../tasks/sale/flows.js";
import { stake } from "../../../tasks/stake/flows.js";
import { stakeTasks } from "../../../tasks/stake/index.js";
import { carryOutSpending, readToken } from "../../../tasks/support/allowance.js";
import { describeDraft } from "../../../tasks/support/describe-draft.js";
import type { SafeBatch } from "../../../tasks/support/safe.js";
import { callOf, send } from "../../../tasks/support/send.js";
import { announcing, type Session, sessionOf } from "../../../tasks/support/session.js";
import { KeylessSigner } from "../../../tasks/support/signers.js";
import { claim as claimXusd, receive, sendAsset } from "../../../tasks/xe/flows.js";
import { rpc } from "../../support/anvil.js";
import { type Fate, type RpcCall, sendsTransaction, startProxy } from "../../support/proxy.js";
import { asked, drafted, type PublicChain, publicChain } from "../../support/sendingTasks.js";
import {
  act,
  deployed,
  inProcess,
  type Recorded,
  recordedOn,
  refusal,
  shell,
  type Variables,
  withVariables,
} from "../../support/tasks.js";

const BASE_SEPOLIA = 84_532;
/** An account of nobody here, such as a Safe. */
const SAFE = "0x00000000000000000000000000000000005aFE00";
const NOBODY_ASKED =
  'Nothing was signed or sent: network "localhost" is public, and nobody can be asked without a terminal or with --json; run the same ' +
  "command with --yes if that is meant.";

/** As a shell at a person's desk is: Hardhat asks no keystore where it is tested or integrated. */
const OUTSIDE: Variables = Object.fromEntries(
  [
    "HH_TEST",
    "GITHUB_ACTIONS",
    "NOW",
    "DEPLOYMENT_ID",
    "CODEBUILD_BUILD_NUMBER",
    "CI",
    "CONTINUOUS_INTEGRATION",
    "BUILD_NUMBER",
    "RUN_ID",
  ].map((name) => [name, undefined]),
);

/** The checksum of a batch, as the Transaction Builder's own documentation of its format says it. */
function builderChecksum(file: SafeBatch): string {
  const written = (value: unknown): string => {
    if (Array.isArray(value)) return "[" + value.map(written).join(",") + "]";
    if (value === null || typeof value !== "object") return JSON.stringify(value);
    const keys = Object.keys(value).sort();
    let text = "{" + JSON.stringify(keys);
    for (const key of keys) text += written((value as Record<string, unknown>)[key]) + ",";
    return text + "}";
  };
  const copy = JSON.parse(JSON.stringify(file)) as { meta: { checksum?: string; name: string | null } };
  delete copy.meta.checksum;
  copy.meta.name = null;
  return keccak256(toUtf8Bytes(written(copy)));
}

describe("sending", () => {
  const scratch = mkdtempSync(join(tmpdir(), "xonomy-sending-"));
  let chain: PublicChain;
  let ranks: readonly [Recorded, Recorded];
  let xme: Recorded;

  before(async function () {
    this.timeout(240_000);
    chain = await publicChain(BASE_SEPOLIA, "rank", "rank", "xme");
    const [first, second, third] = chain.deployments as [Recorded, Recorded, Recorded];
    ranks = [first, second];
    xme = third;
  });
  after(async () => {
    await chain.remove();
    await chain.anvil.stop();
    rmSync(scratch, { recursive: true });
  });

  const mine = (...[method, ...parameters]: [string, ...unknown[]]) => rpc(chain.anvil.url, method, ...parameters);
  const nonceOf = (session: Session): Promise<number> =>
    session.connection.ethers.provider.getTransactionCount(session.account, "pending");

  /** Makes calls as an account whose key nobody has. */
  async function make(account: string, calls: readonly { to: string; value: bigint; data: string }[]): Promise<void> {
    const session = await chain.session(0, "0");
    await mine("anvil_impersonateAccount", account);
    await mine("anvil_setBalance", account, `0x${parseEther("1").toString(16)}`);
    for (const { to, value, data } of calls) {
      // More gas than the node would estimate: what settles can cost more a second later.
      const call = { from: account, to, value: `0x${value.toString(16)}`, data, gas: "0x100000" };
      const hash = await mine("eth_sendTransaction", call);
      const receipt = await session.connection.ethers.provider.waitForTransaction(String(hash));
      expect(receipt?.status).to.equal(1);
    }
    await mine("anvil_stopImpersonatingAccount", account);
  }

  describe("given a public network", () => {
    it("should tell what would happen, refuse, name --yes, and sign and send nothing", async () => {
      const session = await chain.session(2, "0");
      await buy(session, { amount: "100", to: "" });
      const nonce = await nonceOf(session);
      expect(await refusal(act(ranks[0], rankTasks, "rank claim", { term: "10" }))).to.equal(NOBODY_ASKED);
      expect(await refusal(act(ranks[0], rankTasks, "rank claim", { term: "10", json: true }))).to.equal(NOBODY_ASKED);
      expect(await refusal(act(xme, stakeTasks, "stake add", { amount: "5" }))).to.equal(NOBODY_ASKED);
      expect(await refusal(act(ranks[0], rankTasks, "rank claim", { term: "" }))).to.match(/^--term is missing/);
      expect(await nonceOf(session)).to.equal(nonce);
    });

    it("should do as it is told with --yes, in the deployment that is named alone", async () => {
      const printed = await act(ranks[0], rankTasks, "rank claim", { term: "10", yes: true, account: "1" });
      expect(printed).to.contain("took rank 1 and may mint after 10 days");
      const [one, other] = await Promise.all([chain.session(0, "1"), chain.session(1, "1")]);
      expect((await readStatus(one)).mint?.rank).to.equal(1n);
      expect((await readStatus(other)).mint).to.equal(undefined);
      await act(ranks[1], rankTasks, "rank claim", { term: "20", yes: true, account: "1" });
      expect((await readStatus(other)).mint).to.include({ rank: 1n, term: 20n });
      expect((await readStatus(one)).mint).to.include({ rank: 1n, term: 10n });
    });

    it("should tell with the question what will happen where the output goes to a file, and not twice at a terminal", async () => {
      const session = await chain.session(0, "9");
      for (const isTTY of [false, true]) {
        const { asking, shown } = asked(session, "n");
        const printed: string[] = [];
        const announce = announcing(asking.consent, { isTTY }, (text) => printed.push(text));
        await refusal(claimRank({ ...asking, announce }, { term: "5" }));
        expect(printed.join("")).to.match(/^Rank \d+ with an amplifier/);
        expect(shown()).to.match(isTTY ? /^It takes about / : /^Rank \d+ with an amplifier[^]*\nIt takes about /);
      }
    });

    it("should show what the call costs and send it once the answer is yes", async () => {
      const session = await chain.session(0, "2");
      const { asking, shown, told } = asked(session, "y");
      const done = await claimRank(asking, { term: "5" });
      expect(done.transaction.events.join()).to.contain("took rank");
      expect(told).to.deep.equal(done.expected);
      const [, gas, cost, price] =
        /^It takes about ([\d,]+) gas, about ([\d.]+) ETH at the current price of ([\d.]+) gwei, and a fee for layer 1\.\nSend it\? \[y\/N\] $/.exec(
          shown(),
        ) ?? [];
      const estimated = BigInt(gas?.replaceAll(",", "") ?? 0);
      expect(estimated).to.be.within(done.transaction.gasUsed, (done.transaction.gasUsed * 5n) / 4n);
      const exact = estimated * parseUnits(price ?? "0", "gwei");
      expect(parseEther(cost ?? "0")).to.be.within((exact * 99n) / 100n, (exact * 101n) / 100n);
    });

    it("should send nothing on any other answer, or where the input ends", async () => {
      const session = await chain.session(0, "3");
      const nonce = await nonceOf(session);
      for (const answers of [[""], ["n"], ["yep"], ["no, yes"], []]) {
        const { asking } = asked(session, ...answers);
        expect(await refusal(claimRank(asking, { term: "5" })), answers.join()).to.equal(
          "Nothing was signed or sent, since the answer was not yes.",
        );
      }
      expect(await nonceOf(session)).to.equal(nonce);
      const { asking } = asked(session, " YES ");
      await claimRank(asking, { term: "5" });
      expect(await nonceOf(session)).to.equal(nonce + 1);
    });

    it("should ask once for an allowance and the call that needs it, all of it told before", async () => {
      const session = await chain.session(2, "4");
      const { votes, xme: token } = session.deployment.xme;
      await buy(session, { amount: "100", to: "" });
      const refused = asked(session);
      expect(await refusal(stake(refused.asking, { amount: "12.5" }))).to.match(/^Nothing was signed or sent, since/);
      const { asking, shown, told } = asked(session, "y");
      const done = await stake(asking, { amount: "12.5" });
      expect(told[0]).to.equal(
        `First ${String(votes.target)} is allowed to take exactly 12.500000 XME of ${session.account}.`,
      );
      expect(told.slice(1)).to.deep.equal(done.expected);
      expect(told[1]).to.match(/^12\.500000 XME for as much vXME/);
      expect(shown().match(/\[y\/N\]/g)).to.have.length(1);
      expect(await votes.balanceOf(session.account)).to.equal(parseEther("12.5"));
      expect(await token.allowance(session.account, votes)).to.equal(0n);
    });
  });

  describe("given the networks of the configuration", () => {
    /** Of anvil's account 5, as everybody knows. */
    const KEY = "0x8b3a350cf5c34c9194ca85829a2df0ec3153be0318b5e2d3348e872092edffba";
    const claim = (deployment: Recorded, ...options: string[]) =>
      ["rank", "claim", "--term", "10", "--deployment", deployment.id, ...options] as const;
    const urls = () => ({ BASE_SEPOLIA_RPC_URL: chain.anvil.url, CUSTOM_RPC_URL: chain.anvil.url });
    const on = (network: string, deployment: Recorded, environment: Variables, ...options: string[]) =>
      withVariables(network, { ...urls(), ...environment }, (there) => inProcess(there, claim(deployment, ...options)));

    it("should sign with a key or let the RPC sign, ask, tell another chain, and need no key for --calldata", async () => {
      const unasked = await shell([...claim(ranks[0]), "--network", "custom"], {
        ...urls(),
        CUSTOM_PRIVATE_KEY: KEY,
        CUSTOM_CHAIN_ID: String(BASE_SEPOLIA),
      });
      const remote = await on("baseSepolia", ranks[0], { BASE_SEPOLIA_ACCOUNTS: "remote" }, "--account", "6", "--yes");
      const elsewhere = await on("custom", ranks[0], { CUSTOM_PRIVATE_KEY: KEY, CUSTOM_CHAIN_ID: "1" }, "--yes");
      const keyless = await on("baseSepolia", ranks[1], {}, "--calldata", "--account", SAFE);
      const session = await chain.session(0, "6");
      expect(remote.complaint).to.equal("");
      expect(remote.output).to.contain(`${session.account} took rank`).and.contain('on network "baseSepolia"');
      expect((await readStatus(session)).mint).to.include({ term: 10n });
      expect(unasked.code).to.equal(1);
      expect(unasked.output).to.match(/^Rank \d+ with an amplifier/);
      expect(unasked.complaint).to.equal(`${NOBODY_ASKED.replace("localhost", "custom")}\n`);
      expect(elsewhere.code).to.equal(1);
      expect(elsewhere.complaint).to.match(
        /^Network "custom" is configured as chain 1 but its RPC answers as chain 84532/,
      );
      expect(keyless.complaint).to.equal("");
      expect(keyless.output).to.contain(`The call is for ${SAFE} to make on network "baseSepolia" (chain 84532).`);
    });

    it("should open each of the other networks by its variables alone, and count in its currency", async () => {
      const nonce = await nonceOf(await chain.session(0, "5"));
      const others = [
        ["sepolia", "SEPOLIA", 11_155_111n, "ETH"],
        ["arbitrumSepolia", "ARBITRUM_SEPOLIA", 421_614n, "ETH"],
        ["polygonAmoy", "POLYGON_AMOY", 80_002n, "POL"],
      ] as const;
      try {
        for (const [name, prefix, chainId, currency] of others) {
          await chain.become(chainId);
          const variables = { [`${prefix}_RPC_URL`]: chain.anvil.url, [`${prefix}_PRIVATE_KEY`]: KEY };
          await withVariables(name, variables, async (there) => {
            const connection = await there.network.create();
            const deployment = await openDeployment(connection, {
              directory: join(hre.config.paths.root, "deployments", ranks[0].id),
            });
            const { asking, shown } = asked(await sessionOf(connection, deployment, ""), "n");
            expect(asking.account, name).to.equal(computeAddress(KEY));
            expect(await refusal(claimRank(asking, { term: "5" })), name).to.match(/since the answer was not yes\.$/);
            expect(shown(), name).to.match(
              new RegExp(
                `^It takes about [\\d,]+ gas, about [\\d.]+ ${currency} at the current price of [\\d.]+ gwei\\.\n`,
              ),
            );
            const { output } = await inProcess(there, claim(ranks[0], "--calldata"));
            expect(output).to.contain(`to make on network "${name}" (chain ${String(chainId)}).`);
          });
        }
      } finally {
        await chain.become(BigInt(BASE_SEPOLIA));
      }
      expect(await nonceOf(await chain.session(0, "5"))).to.equal(nonce);
    });

    it("should sign with a key of Hardhat's keystore, once its password is given", async () => {
      const questions: string[] = [];
      /** What `hardhat keystore set BASE_SEPOLIA_PRIVATE_KEY` wrote, and who types the password that was chosen then. */
      const keystore: HardhatPlugin = {
        id: "keystore-of-a-test",
        hookHandlers: {
          config: async () => ({
            default: async () => ({
              resolveUserConfig: async (own, resolve, next) => ({
                ...(await next(own, resolve)),
                keystore: {
                  filePath: fileURLToPath(new URL("../../support/keystore.json", import.meta.url)),
                  devFilePath: join(scratch, "none.json"),
                  devPasswordFilePath: join(scratch, "none.password"),
                },
              }),
            }),
          }),
          userInterruptions: async () => ({
            default: async () => ({
              requestSecretInput: (_context, _who, question) => {
                questions.push(question);
                return Promise.resolve("a password of a test");
              },
            }),
          }),
        },
      };
      const { output, complaint } = await withVariables(
        "baseSepolia",
        { ...OUTSIDE, BASE_SEPOLIA_RPC_URL: chain.anvil.url },
        (there) => inProcess(there, claim(ranks[1], "--yes")),
        keystore,
      );
      expect(complaint).to.equal("");
      expect(output)
        .to.contain(`${computeAddress(KEY)} took rank`)
        .and.contain('on network "baseSepolia"');
      expect(questions.join()).to.match(/^Enter the password$/);
      expect((await readStatus(await chain.session(1, "5"))).mint).to.include({ term: 10n });
    });
  });

  describe("given a transaction that is allowed when it is tried, and not in its block", () => {
    it("should say that it failed, and what that cost", async () => {
      let sends = 0;
      // Another transaction of the same account comes before it, in the same block.
      let mining: Promise<unknown> | undefined;
      const mineBoth = async (): Promise<void> => {
        while ((await mine("eth_getBlockTransactionCountByNumber", "pending")) !== "0x2") await wait(20);
        await mine("evm_mine");
      };
      const proxy = await startProxy(chain.anvil.url, async (call): Promise<Fate> => {
        if (sendsTransaction(call) && ++sends === 1) {
          await mine("evm_setAutomine", false);
          await mine("eth_sendTransaction", ...call.params);
          mining = mineBoth();
          mining.catch(() => undefined);
        }
        return "passes";
      });
      try {
        const connection = await hre.network.create({ network: "localhost", override: { url: proxy.url } });
        const directory = join(hre.config.paths.root, "deployments", ranks[0].id);
        const session = await sessionOf(connection, await openDeployment(connection, { directory }), "8");
        expect(await refusal(claimRank(session, { term: "3" }))).to.match(
          /^Transaction 0x\w{64} failed in block [\d,]+ and cost [\d,]+ gas: what the contract allowed when it was tried was no longer so by then\./,
        );
        expect((await readStatus(session)).mint).to.include({ term: 3n });
        await mining;
      } finally {
        await mine("evm_setAutomine", true);
        await proxy.stop();
      }
    });
  });

  describe("given a node that says how much gas a transaction takes", () => {
    /** @returns the gas that a transaction was sent with */
    const limitOf = async (hash: string): Promise<bigint> =>
      BigInt(((await mine("eth_getTransactionByHash", hash)) as { gas: string }).gas);

    /** Claims a rank for one day where the node answers an estimate of its own; @returns the gas that was sent with it */
    const claimed = (account: string, estimate: string): Promise<bigint> =>
      disturbed(
        ranks[1],
        account,
        ({ method }) => (method === "eth_estimateGas" ? { answered: estimate } : "passes"),
        async (session) => limitOf((await claimRank(session, { term: "1" })).transaction.hash),
      );

    it("should send with a fifth more and 100,000, as far as a block and a transaction have that much", async () => {
      expect(withRoom(50_000n, 30_000_000n)).to.equal(160_000n);
      expect(withRoom(13_897_680n, 2n ** 50n)).to.equal(16_777_216n);
      expect(withRoom(17_000_000n, 2n ** 50n)).to.equal(20_500_000n);
      expect(withRoom(50_000n, 102_400n)).to.equal(102_300n);
      expect(withRoom(50_000n, 0n)).to.equal(160_000n);
      expect(withRoom(50_000n, 49_999n)).to.equal(50_000n);
      expect(await claimed("7", "0xc350")).to.equal(160_000n);
      // Where the block is not told, the room is there all the same.
      let isBlind = false;
      const forgetful: FateOf = ({ method }) => {
        if (!isBlind || method !== "eth_getBlockByNumber") return "passes";
        isBlind = false;
        return { refused: "header not found", code: -32_000 };
      };
      const blind = await disturbed(ranks[1], "8", forgetful, async ({ signer }) => {
        isBlind = true;
        return signer?.sendTransaction({ to: SAFE, value: 1n });
      });
      expect(isBlind).to.equal(false);
      expect(await limitOf(blind?.hash ?? "")).to.equal(125_200n);
      const [{ gasLimit }] = [(await mine("eth_getBlockByNumber", "latest", false)) as { gasLimit: string }];
      await mine("evm_setBlockGasLimit", "0x21000");
      await mine("evm_mine");
      try {
        expect(await claimed("9", "0xc350")).to.equal(0x21000n - 132n);
      } finally {
        await mine("evm_setBlockGasLimit", gasLimit);
      }
    });

    it("should say so where the gas that a transaction was sent with was too little", async () => {
      const fateOf: FateOf = ({ method }) => (method === "eth_estimateGas" ? { answered: "0x5208" } : "passes");
      await buy(await chain.session(2, "7"), { amount: "1", to: "" });
      const sentence = await disturbed(xme, "7", fateOf, (session) => refusal(stake(session, { amount: "1" })));
      expect(sentence).to.match(
        /^Transaction 0x\w{64} failed in block [\d,]+ and cost 125,200 gas: it ran out of the 125,200 gas that it was sent with\. Nothing else has changed;/,
      );
    });
  });

  type FateOf = (call: RpcCall) => Fate | Promise<Fate>;
  const LOOK = "look at the account's transactions, which a block explorer lists, before you run the command again.";

  /** A session of an account of a deployment on whose connection things happen. */
  async function disturbed<T>(
    on: Recorded,
    account: string,
    fateOf: FateOf,
    body: (session: Session) => Promise<T>,
  ): Promise<T> {
    const proxy = await startProxy(chain.anvil.url, fateOf);
    try {
      const connection = await hre.network.create({ network: "localhost", override: { url: proxy.url } });
      const directory = join(hre.config.paths.root, "deployments", on.id);
      return await body(await sessionOf(connection, await openDeployment(connection, { directory }), account));
    } finally {
      await proxy.stop();
    }
  }

  interface Purchase {
    readonly error?: string;
    readonly transaction?: { readonly hash: string };
    readonly balance?: string;
  }

  /**
   * Runs `hardhat sale buy` twice, in words and with --json, on a connection on which things happen.
   * @param fates made anew for each of the two
   * @returns how often each sent, what it said, and its one document
   */
  async function purchases(fates: () => FateOf) {
    const command = ["sale", "buy", "--amount", "1", "--account", "6", "--yes"];
    const session = await chain.session(2, "6");
    let fateOf = fates();
    const proxy = await startProxy(chain.anvil.url, (call) => fateOf(call));
    const { run } = recordedOn({ ...chain.anvil, url: proxy.url }, xme.id);
    const counted = async (options: readonly string[]) => {
      fateOf = fates();
      const nonce = await nonceOf(session);
      const ran = await run([...command, ...options]);
      return { ...ran, sends: (await nonceOf(session)) - nonce };
    };
    try {
      const words = await counted([]);
      const machine = await counted(["--json"]);
      expect(machine.complaint).to.equal("");
      expect(machine.code).to.equal(words.code);
      return { words, machine, document: JSON.parse(machine.output) as Purchase };
    } finally {
      await proxy.stop();
    }
  }

  /** Expects that both forms fail with a sentence, having sent as often as said. */
  async function expectRefused(fates: () => FateOf, sentence: string | RegExp, sends: number): Promise<void> {
    const { words, machine, document } = await purchases(fates);
    for (const said of [words.complaint.trimEnd(), document.error]) {
      if (typeof sentence === "string") expect(said).to.equal(sentence);
      else expect(said).to.match(sentence);
    }
    expect([words.code, words.sends, machine.sends]).to.deep.equal([1, sends, sends]);
  }

  /** Expects that both forms end well with a hash, having sent once. */
  async function expectDone(fates: () => FateOf) {
    const { words, machine, document } = await purchases(fates);
    expect(words).to.include({ complaint: "", code: 0, sends: 1 });
    expect(words.output).to.match(/^Transaction 0x[0-9a-f]{64} in block [\d,]+ on network "localhost", [\d,]+ gas\.$/m);
    expect(machine.sends).to.equal(1);
    expect(document.transaction?.hash).to.match(/^0x[0-9a-f]{64}$/);
    return { words, document };
  }

  /** The fate of the first call of a method, or of all of them; what is sent passes, so that it is known to be out. */
  const onceAt =
    (method: string, fate: Fate): (() => FateOf) =>
    () => {
      let left = 1;
      return (call) => (call.method === method && left-- > 0 ? fate : "passes");
    };
  const alwaysAt =
    (method: string, fate: Fate): (() => FateOf) =>
    () =>
    (call) =>
      call.method === method ? fate : "passes";

  describe("given a connection that breaks before a transaction is sent", () => {
    it("should say that the network does not answer, and not that anything is on record", async () => {
      const proxy = await startProxy(chain.anvil.url, ({ method }) =>
        method === "eth_call" ? "lost before" : "passes",
      );
      const variables = { CUSTOM_RPC_URL: proxy.url, CUSTOM_ACCOUNTS: "remote", CUSTOM_CHAIN_ID: String(BASE_SEPOLIA) };
      try {
        const { complaint } = await withVariables("custom", variables, (there) =>
          inProcess(there, ["sale", "buy", "--amount", "1", "--yes", "--deployment", xme.id]),
        );
        expect(complaint).to.equal(
          'Network "custom" does not answer: check its URL and your connection, and run the command again.\n',
        );
      } finally {
        await proxy.stop();
      }
    });
  });

  describe("given a connection that breaks while a transaction is on its way", () => {
    it("should say that it may have been sent, and not to repeat it unseen", async () => {
      const sentence = `The connection was lost while the transaction was on its way, so it may have been sent: ${LOOK}`;
      await expectRefused(() => (call) => (sendsTransaction(call) ? "lost after" : "passes"), sentence, 1);
    });

    it("should say so where an HTTP status or a page comes in place of the answer", async () => {
      for (const status of [500, 524]) {
        const sentence = `The network answered the transaction with status ${String(status)}, so it may have been sent: ${LOOK}`;
        await expectRefused(() => (call) => (sendsTransaction(call) ? { status } : "passes"), sentence, 1);
      }
      await expectRefused(
        () => (call) => (sendsTransaction(call) ? { status: 200 } : "passes"),
        `The network answered the transaction with no JSON-RPC, so it may have been sent: ${LOOK}`,
        1,
      );
    });

    it("should say so where the answer is no hash, or an error that leaves open what was done", async () => {
      const fates: readonly [Fate, string][] = [
        [{ answered: null }, "it answered null"],
        [{ refused: "request timed out", code: -32_002 }, "request timed out"],
      ];
      for (const [fate, said] of fates) {
        await expectRefused(
          () => (call) => (sendsTransaction(call) ? fate : "passes"),
          `The network did not say whether it took the transaction ("${said}"), so it may have been sent: ${LOOK}`,
          0,
        );
      }
    });

    it("should say that it is on its way where the node says that it has it already", async () => {
      for (const refused of [
        "already known",
        "Known transaction",
        "Transaction with the same hash was already imported.",
      ]) {
        const fates =
          () =>
          async (call: RpcCall): Promise<Fate> => {
            if (!sendsTransaction(call)) return "passes";
            await mine(call.method, ...call.params);
            return { refused, code: -32_000 };
          };
        const sentence = `The network says that it has the transaction already ("${refused}"), so it is on its way: ${LOOK}`;
        await expectRefused(fates, sentence, 1);
      }
    });

    it("should pass on what the node says against it, which leaves nothing sent", async () => {
      const session = await chain.session(2, "6");
      const nonce = await nonceOf(session);
      const fateOf: FateOf = (call) =>
        sendsTransaction(call) ? { refused: "insufficient funds for gas * price + value", code: -32_000 } : "passes";
      await disturbed(xme, "6", fateOf, async (there) => {
        expect(await refusal(buy(there, { amount: "1", to: "" }))).to.match(
          /^The account cannot pay for the transaction/,
        );
      });
      expect(await nonceOf(session)).to.equal(nonce);
    });

    it("should tell of the allowance that was sent before", async () => {
      let sends = 0;
      const fateOf: FateOf = (call) => (sendsTransaction(call) && ++sends === 2 ? { status: 524 } : "passes");
      await disturbed(xme, "6", fateOf, async (session) => {
        await buy(await chain.session(2, "6"), { amount: "10", to: "" });
        const token = await readToken(session, await session.deployment.xme.xme.getAddress());
        const votes = session.deployment.xme.votes.connect(session.signer);
        const spending = { token, spender: votes, amount: parseEther("5"), takesPermits: false };
        const staking = callOf(votes, { refusals: {}, events: {} }, votes.stake, parseEther("5"));
        expect(
          await refusal(
            carryOutSpending(
              session,
              spending,
              () => staking,
              { token },
              () => [],
            ),
          ),
        ).to.match(
          /^The network answered the transaction with status 524, so it may have been sent: look at .* again\. Transaction 0x[0-9a-f]{64}, which was for the allowance, was sent and mined before that\.$/,
        );
      });
    });
  });

  describe("given a wallet in which somebody declines", () => {
    it("should say that whoever signs said no, and that nothing was sent", async () => {
      await expectRefused(
        () => (call) =>
          sendsTransaction(call) ? { refused: "User denied transaction signature.", code: 4_001 } : "passes",
        'Whoever signs on network "localhost" said no, so nothing was sent by this step: run the command again and agree in the wallet if it is meant.',
        0,
      );
    });
  });

  describe("given a connection that breaks once a transaction is sent", () => {
    it("should ask again for the receipt, and end as ever", async () => {
      await expectDone(alwaysAt("eth_getTransactionByHash", "lost before"));
      await expectDone(onceAt("eth_getTransactionReceipt", "lost before"));
      await expectDone(onceAt("eth_getTransactionReceipt", { refused: "header not found", code: -32_000 }));
      await expectDone(onceAt("eth_getTransactionReceipt", { status: 524 }));
    });

    it("should not miss the transaction's record while it waits", async () => {
      const fates = () => {
        let looks = 0;
        return (call: RpcCall): Fate => {
          if (call.method === "eth_getTransactionByHash") return "lost before";
          return call.method === "eth_getTransactionReceipt" && ++looks < 4 ? { answered: null } : "passes";
        };
      };
      await expectDone(fates);
    });

    it("should tell the hash once it is not known for too long what became of it", async () => {
      const fates: readonly [Fate, RegExp][] = [
        [
          "lost before",
          /^Transaction 0x[0-9a-f]{64} was sent, and the network does not tell any more what became of it: look/,
        ],
        [
          { refused: "header not found", code: -32_000 },
          /^Transaction 0x[0-9a-f]{64} was sent, and the network does not tell any more what became of it \(it says "header not found"\): look/,
        ],
      ];
      // However long the network takes over whether the nonce is used up, which it is: that no receipt is seen does not say there is none.
      for (const [fate, sentence] of fates) {
        for (const delay of [0, 60]) {
          const fateOf: FateOf = async ({ method }) => {
            if (method === "eth_getTransactionReceipt") return fate;
            if (method === "eth_getTransactionCount") await wait(delay);
            return "passes";
          };
          await disturbed(xme, "6", fateOf, async (session) => {
            expect(await refusal(buy({ ...session, patience: 50 }, { amount: "1", to: "" }))).to.match(sentence);
          });
        }
      }
    });

    it("should leave out the balance that it cannot read", async () => {
      const fates = () => {
        let isMined = false;
        return ({ method }: RpcCall): Fate => {
          isMined ||= method === "eth_getTransactionReceipt";
          return isMined && method === "eth_call" ? "lost before" : "passes";
        };
      };
      const { words, document } = await expectDone(fates);
      const { account } = await chain.session(2, "6");
      expect(words.output).to.contain(`\nWhat ${account} holds now the network did not say.\n`);
      expect(document).not.to.have.property("balance");
      expect(document).to.deep.include({ token: "XME", account });
    });

    it("should tell the hash where it cannot put into words what the transaction did", async () => {
      const session = await chain.session(2, "6");
      const sale = session.deployment.xme.publicSale.connect(session.signer);
      const broken = {
        refusals: {},
        events: {
          Bought: () => {
            throw new TypeError("no words");
          },
        },
      };
      const value = await sale.quote(session.account, parseEther("1")).then(([, cost]) => cost);
      const call = callOf(sale, broken, sale.buy, session.account, parseEther("1"), 1n, { value });
      expect(await refusal(send(call, () => undefined))).to.match(
        /^Transaction 0x[0-9a-f]{64} was sent and mined; what it did cannot be put into words \(TypeError: no words\)/,
      );
    });
  });

  describe("given somebody who stops the command", () => {
    /** Runs `hardhat rank claim` in a process of its own, and stops it as Ctrl-C does once `until` holds. */
    async function stopped(account: string, url: string, until: () => Promise<boolean>) {
      const { root } = hre.config.paths;
      const cli = join(root, "node_modules", "hardhat", "dist", "src", "cli.js");
      const command = ["rank", "claim", "--term", "1", "--account", account, "--yes", "--network", "localhost"];
      const child = spawn(process.execPath, [cli, ...command, "--deployment", ranks[1].id], {
        cwd: root,
        env: { ...process.env, LOCALHOST_RPC_URL: url },
        stdio: ["ignore", "ignore", "pipe"],
      });
      const ended = once(child, "close");
      const complaint = text(child.stderr);
      for (const deadline = Date.now() + 60_000; Date.now() < deadline && !(await until());) await wait(20);
      child.kill("SIGINT");
      const [code] = (await ended) as [number | null];
      return { code, complaint: await complaint };
    }

    it("should tell the hash of what was sent, or that something may have been", async () => {
      const { account } = await chain.session(1, "3");
      await mine("evm_setAutomine", false);
      try {
        let asked = false;
        const proxy = await startProxy(chain.anvil.url, (call) => {
          asked ||= call.method === "eth_getTransactionReceipt";
          return "passes";
        });
        const sent = await stopped("3", proxy.url, () => Promise.resolve(asked));
        await proxy.stop();
        const { pending } = (await mine("txpool_content")) as {
          pending: Record<string, Record<string, { hash: string }>>;
        };
        const [{ hash } = { hash: "none" }] = Object.values(pending[account] ?? pending[account.toLowerCase()] ?? {});
        expect(sent.code, sent.complaint).to.equal(130);
        expect(sent.complaint).to.contain(
          `\nTransaction ${hash} was sent: look whether it is mined before you run the command again.\n`,
        );

        let sending = false;
        const silent = await startProxy(chain.anvil.url, (call): Promise<Fate> | Fate => {
          sending ||= sendsTransaction(call);
          return sendsTransaction(call) ? new Promise(() => undefined) : "passes";
        });
        const open = await stopped("4", silent.url, () => Promise.resolve(sending));
        await silent.stop();
        expect(open.code, open.complaint).to.equal(130);
        expect(open.complaint).to.match(
          /^\nIt was stopped while a transaction was on its way, so that may have been sent: look at /,
        );
      } finally {
        await mine("evm_mine");
        await mine("evm_setAutomine", true);
      }
    });
  });

  describe("given a transaction that another one of the account replaces", () => {
    it("should tell its hash, and to see what was sent", async () => {
      await mine("evm_setAutomine", false);
      try {
        let replaces = true;
        const { account: from } = await chain.session(2, "6");
        const nonce = await mine("eth_getTransactionCount", from, "latest");
        const fateOf = async (call: RpcCall): Promise<Fate> => {
          if (call.method === "eth_getTransactionCount" && replaces) {
            replaces = false;
            await mine("eth_sendTransaction", { from, to: from, nonce, gasPrice: "0x2540be400" });
            await mine("evm_mine");
          }
          return "passes";
        };
        await disturbed(xme, "6", fateOf, async (session) => {
          expect(await refusal(buy({ ...session, patience: 300 }, { amount: "1", to: "" }))).to.match(
            /^Transaction 0x[0-9a-f]{64} was sent, and another one of the account took its place: see what your wallet sent/,
          );
        });
      } finally {
        await mine("evm_setAutomine", true);
      }
    });
  });

  describe("given a node that tries calls one by one only", () => {
    const local = deployed("xme", 0);

    it("should ask for the signature first, and then for the call", async () => {
      const { session } = local();
      const { votes } = session.deployment.xme;
      await buy(session, { amount: "100", to: "" });
      const halfway = asked(session, "y", "n");
      expect(await refusal(stake(halfway.asking, { amount: "5" }))).to.equal(
        "Nothing more was signed or sent, since the answer was not yes.",
      );
      const [token, spender] = await Promise.all([session.deployment.xme.xme.getAddress(), votes.getAddress()]);
      const [permit, question, rest] = halfway.shown().split(/(Sign it\? \[y\/N\] )/);
      expect(permit?.split("\n").slice(0, 4)).to.deep.equal([
        `A signed Permit for the contract ${token} on chain 31337:`,
        `  owner: ${session.account}`,
        `  spender: ${spender}`,
        `  value: ${String(parseEther("5"))}`,
      ]);
      expect(question).to.equal("Sign it? [y/N] ");
      expect(rest).to.match(/^It takes about [\d,]+ gas.*\nSend it\? \[y\/N\] $/);
      expect(halfway.told[0]).to.match(/^First 0x\w{40} is allowed to take exactly 5 XME of 0x/);
      const { asking } = asked(session, "y", "y");
      await stake(asking, { amount: "5" });
      expect(await votes.balanceOf(session.account)).to.equal(parseEther("5"));
    });
  });

  describe("given --calldata", () => {
    const ledger = deployed("xe", 0);

    it("should write down a call that does the same as the command, without any key", async () => {
      const given = { term: "10", calldata: true, json: true, account: SAFE };
      const draft = JSON.parse(await act(ranks[1], rankTasks, "rank claim", given)) as {
        chainId: string;
        tried: boolean;
        expected: string[];
        calls: { to: string; value: string; data: string; function: string }[];
      };
      expect(draft).to.deep.include({ chainId: String(BASE_SEPOLIA), tried: true });
      const [, rank] = /^Rank (\d+) with an amplifier/.exec(draft.expected[0] ?? "") ?? [];
      expect(draft.calls.map((call) => call.function)).to.deep.equal(["claimRank(uint256 term)"]);
      await make(
        SAFE,
        draft.calls.map(({ to, value, data }) => ({ to, value: BigInt(value), data })),
      );
      const session = await chain.session(1, "6");
      await claimRank(session, { term: "10" });
      const [theirs, own] = await Promise.all([readStatus({ ...session, account: SAFE }), readStatus(session)]);
      expect(theirs.mint).to.include({ rank: BigInt(rank ?? 0), term: own.mint?.term, amplifier: own.mint?.amplifier });
    });

    it("should write down the allowance before the call that takes it, tried together where the node can", async () => {
      const session = await chain.session(2, "7");
      const { votes, xme: token } = session.deployment.xme;
      await buy(session, { amount: "100", to: SAFE });
      await buy(session, { amount: "100", to: "" });
      const draft = await drafted(session, SAFE, (keyless) => stake(keyless, { amount: "12.5" }));
      expect(draft.calls.map((call) => [call.to, call.function])).to.deep.equal([
        [await token.getAddress(), "approve(address spender, uint256 value)"],
        [await votes.getAddress(), "stake(uint256 amount)"],
      ]);
      expect(draft.tried).to.equal(true);
      const done = await stake(session, { amount: "12.5" });
      expect(draft.expected.map((line) => line.replaceAll(SAFE, session.account))).to.deep.equal(done.expected);
      await make(SAFE, draft.calls);
      expect(await votes.balanceOf(SAFE)).to.equal(await votes.balanceOf(session.account));
      expect(await token.allowance(SAFE, votes)).to.equal(0n);
      expect(await refusal(drafted(session, SAFE, (keyless) => stake(keyless, { amount: "1000" })))).to.match(
        /holds 87\.500000 XME, and 1,000 XME are needed/,
      );
    });

    it("should write the calls of a multicall out", async () => {
      const { session, other } = ledger();
      await claimXusd(session);
      for (const amount of ["1", "2"]) await sendAsset(session, { asset: "XUSD", to: other.account, amount });
      const draft = await drafted(other, SAFE, (keyless) => receive(keyless, { for: other.account, source: "" }));
      expect(draft.calls).to.have.length(1);
      const carried = draft.calls[0]?.carries ?? [];
      expect(carried.map((call) => call.function)).to.deep.equal(
        Array(2).fill("receivePending(address to, bytes32 source)"),
      );
      const printed = describeDraft(draft);
      expect(printed).to.match(/^[12] XUSD arrive at 0x\w{40}, of the send 0x[0-9a-f]{64}\.\n[12] XUSD arrive/);
      expect(printed.match(/ {14}to = 0x/g)).to.have.length(2);
      expect(printed).to.contain(`The call is for ${SAFE} to make on network "default" (chain 31337).`);
    });

    it("should refuse what the contract refuses, in the same words", async () => {
      const session = await chain.session(0, "8");
      const sent = await refusal(claimRank(session, { term: "101" }));
      expect(sent).to.match(/^A mint takes at most 100 days/);
      expect(await refusal(drafted(session, SAFE, (keyless) => claimRank(keyless, { term: "101" })))).to.equal(sent);
      const given = { term: "101", calldata: true, account: SAFE };
      expect(await refusal(act(ranks[0], rankTasks, "rank claim", given))).to.equal(sent);
    });

    it("should say so where the account is not known or nobody signs for it", async () => {
      const session = await chain.session(0, "8");
      const keyless = new KeylessSigner(SAFE, session.connection.ethers.provider);
      expect(await refusal(keyless.signTypedData())).to.match(
        /^0x\w{40} cannot sign here, so this call cannot be printed/,
      );
      expect(await refusal(keyless.sendTransaction({ to: SAFE }))).to.match(/cannot sign here/);
      const given = { term: "1", calldata: true, account: "my safe" };
      expect(await refusal(act(ranks[0], rankTasks, "rank claim", given))).to.match(/^--account is "my safe": write/);
    });
  });

  describe("given --safe", () => {
    it("should write a file that the Transaction Builder takes, whole, and nothing over another one", async () => {
      const session = await chain.session(2, "9");
      await buy(session, { amount: "100", to: SAFE });
      const path = join(scratch, "batch.json");
      const given = { amount: "5", account: SAFE, safe: path };
      const printed = await act(xme, stakeTasks, "stake add", given);
      expect(printed).to.contain(`Written to ${path}`).and.contain("Call 2 of 2").and.contain("Nothing was sent.");
      expect(readdirSync(scratch)).to.deep.equal(["batch.json"]);
      const batch = JSON.parse(readFileSync(path, "utf8")) as SafeBatch;
      expect(batch).to.deep.include({ version: "1.0", chainId: String(BASE_SEPOLIA) });
      expect(batch.meta).to.include({ createdFromSafeAddress: SAFE, checksum: builderChecksum(batch) });
      expect(batch.transactions).to.have.length(2);
      for (const { to, value, data, contractMethod, contractInputsValues } of batch.transactions) {
        expect(to).to.match(/^0x[0-9a-fA-F]{40}$/);
        expect(value).to.equal("0");
        // As the builder does with what was typed into its form.
        const { name, inputs } = contractMethod ?? { name: "", inputs: [] };
        const abi = new Interface([{ type: "function", name, inputs, stateMutability: "nonpayable" }]);
        const values = inputs.map((input) => contractInputsValues?.[input.name]);
        expect(abi.encodeFunctionData(name, values)).to.equal(data);
      }
      const before = await session.deployment.xme.votes.balanceOf(SAFE);
      await make(
        SAFE,
        batch.transactions.map(({ to, value, data }) => ({ to, value: BigInt(value), data })),
      );
      expect(await session.deployment.xme.votes.balanceOf(SAFE)).to.equal(before + parseEther("5"));
      const content = readFileSync(path, "utf8");
      expect(await refusal(act(xme, stakeTasks, "stake add", given))).to.match(
        /^--safe is ".*", which exists and is not/,
      );
      expect(readFileSync(path, "utf8")).to.equal(content);
    });

    it("should write nothing where the call is refused", async () => {
      const path = join(scratch, "refused.json");
      const given = { amount: "5000", account: SAFE, safe: path, json: true };
      expect(await refusal(act(xme, stakeTasks, "stake add", given))).to.match(/holds [\d.,]+ XME, and 5,000 XME are/);
      expect(existsSync(path)).to.equal(false);
    });
  });
});
