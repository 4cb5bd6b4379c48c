import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { text } from "node:stream/consumers";

import { expect } from "chai";
import hre from "hardhat";

import { readAuthority } from "../../src/deployment/authority.js";
import { deploy } from "../../src/deployment/deploy.js";
import { DeploymentFolder } from "../../src/deployment/folder.js";
import { readProgress } from "../../src/deployment/journal.js";
import { openDeployment } from "../../src/deployment/open.js";
import { rpc, startAnvil } from "../support/anvil.js";
import { killAt, type Place, spawnDeploy, linesOfWiring } from "../support/kills.js";

const ROUNDS = Number(process.env.XONOMY_KILLS ?? "30");
const SEED = Number(process.env.XONOMY_SEED ?? Date.now() % 2 ** 31);
/** Milliseconds from the first transaction within which a kill by the clock falls: about as long as the rest of the deployment takes. */
const SPAN = { "at once": 4_000, "every second": 16_000, "every second, public": 90_000 } as const;
type Blocks = keyof typeof SPAN;
/** Base Sepolia's: a public chain waits for five confirmations, and doubts for longer that something was not sent. */
const PUBLIC_CHAIN = 84_532;

/** Numbers that look random and are the same for the same seed (mulberry32). */
function dice(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** What an end is compared by. */
interface End {
  /** By name: the order in which independent contracts come may change, and with it their addresses. */
  readonly contracts: readonly string[];
  readonly wiring: readonly string[];
  readonly rights: readonly string[];
  readonly transactions: number;
}

describe("npm run test:kills", () => {
  const random = dice(SEED);
  const log: string[] = [];
  const scratch = mkdtempSync(join(tmpdir(), "xonomy-kills-"));
  const undisturbed = new Map<"local" | "public", End>();

  async function endOf(
    deployment: Parameters<typeof linesOfWiring>[0],
    provider: Parameters<typeof readAuthority>[1],
    transactions: number,
  ): Promise<End> {
    const { rights } = await readAuthority(deployment, provider);
    const byName = new Map([...deployment.addresses].map(([future, address]) => [address, future]));
    return {
      contracts: [...deployment.addresses.keys()].sort(),
      wiring: await linesOfWiring(deployment),
      rights: rights.map(({ contract, function: signature, role, holder, address, delay }) =>
        [contract, signature, role, (address && byName.get(address)) ?? holder, delay].join(" "),
      ),
      transactions,
    };
  }

  /** The default parameters with the local accounts written out, as a public chain wants them. */
  async function publicParameters(): Promise<string> {
    const folder = join(hre.config.paths.ignition, "parameters");
    const accounts = (await (await hre.network.create()).ethers.getSigners()).map(({ address }) => address);
    const text = readFileSync(join(folder, "default.json"), "utf8").replace(
      /"local account (\d)"/g,
      (_, index: string) => `"${accounts[Number(index)] ?? ""}"`,
    );
    const parameters = JSON.parse(text) as { xme: { airdrop: { csv: string } }; xe: object };
    const { xme, xe } = parameters;
    const airdrop = { ...xme.airdrop, csv: join(folder, xme.airdrop.csv) };
    const file = join(scratch, "public.json");
    writeFileSync(file, JSON.stringify({ ...parameters, xme: { ...xme, airdrop }, xe: { ...xe, initial: "none" } }));
    return file;
  }

  let parameters: string;

  before(async function () {
    this.timeout(300_000);
    parameters = await publicParameters();
    const [local, live] = await Promise.all([
      hre.network.create(),
      hre.network.create({ network: "default", override: { chainId: PUBLIC_CHAIN } }),
    ]);
    const ends = [
      ["local", local, {}],
      ["public", live, { parameters }],
    ] as const;
    for (const [kind, connection, options] of ends) {
      const { deployment, transactions } = await deploy(hre, connection, { economy: "suite", ...options });
      undisturbed.set(kind, await endOf(deployment, connection.provider, transactions.length));
    }
  });

  after(() => {
    const file = process.env.XONOMY_KILLS_LOG;
    if (file !== undefined) writeFileSync(file, pageOf(log));
    rmSync(scratch, { recursive: true });
  });

  function nextPlace(round: number, mining: Blocks, { transactions }: End): Place {
    const transaction = 1 + Math.floor(random() * transactions);
    if (round % 3 === 0) return { kind: "after broadcast", transaction };
    if (round % 3 === 1) return { kind: "before broadcast", transaction };
    return { kind: "time", milliseconds: Math.floor(random() * SPAN[mining]) };
  }

  context("given a deployment of the suite that is killed with SIGKILL", () => {
    for (let round = 0; round < ROUNDS; round++) {
      it(`wherever the kill falls, the same command should end complete and equal to an undisturbed run (${String(round + 1)} of ${String(ROUNDS)})`, async function () {
        this.timeout(600_000);
        const isPublic = round % 5 === 4;
        const mining: Blocks = isPublic ? "every second, public" : round % 2 === 0 ? "at once" : "every second";
        const should = undisturbed.get(isPublic ? "public" : "local");
        if (should === undefined) throw new Error("The undisturbed end is known by now.");
        const options = isPublic ? ["--yes", "--parameters", parameters] : [];
        const id = `kills-${String(process.pid)}-${String(round)}`;
        const folder = new DeploymentFolder(join(hre.config.paths.root, "deployments", id));
        const chain = await startAnvil(
          ...(mining === "at once" ? [] : ["--block-time", "1"]),
          ...(isPublic ? ["--chain-id", String(PUBLIC_CHAIN)] : []),
        );
        try {
          const place = nextPlace(round, mining, should);
          const had = await killAt({ url: chain.url, economy: "suite", deployment: id, place, options });
          const where = fellOn(folder);
          const child = spawnDeploy(chain.url, "suite", id, ...options);
          const [said, complaint, [code]] = await Promise.all([
            text(child.stdout),
            text(child.stderr),
            once(child, "exit") as Promise<[number]>,
          ]);
          expect(code, `${said}\n${complaint}`).to.equal(0);
          const found = said.split("\n").filter((line) => line.includes("found by its nonce")).length;

          const connection = await hre.network.create({ network: "localhost", override: { url: chain.url } });
          const deployment = await openDeployment(connection, { directory: folder.path });
          const [deployer] = (await rpc(chain.url, "eth_accounts")) as [string];
          const sent = Number(await rpc(chain.url, "eth_getTransactionCount", deployer, "latest"));
          const end = await endOf(deployment, connection.provider, sent);
          expect(end).to.deep.equal(should);
          const kill =
            place.kind === "time"
              ? `after ${String(place.milliseconds)} ms`
              : `${place.kind} of transaction ${String(place.transaction)}`;
          const line = [
            String(round + 1),
            mining,
            kill,
            `${String(had)} of ${String(should.transactions)}`,
            where,
            found === 0 ? "nothing was lost" : `found ${String(found)} by its nonce`,
            `complete, equal: ${String(end.contracts.length)} contracts, ${String(end.wiring.length)} links, ${String(end.rights.length)} rights`,
          ];
          log.push(`| ${line.join(" | ")} |`);
          console.log(`        ${line.join(" · ")}`);
        } finally {
          await chain.stop();
          rmSync(folder.path, { recursive: true, force: true });
        }
      });
    }
  });
});

/** What the journal had when the kill fell. */
function fellOn(folder: DeploymentFolder): string {
  if (!folder.isStarted) return "no journal yet";
  const steps = [...readProgress(folder)];
  const open = steps.filter(([, { stage }]) => stage !== "confirmed" && stage !== "begun");
  const waiting = open.filter(([, { stage }]) => stage === "sent").length;
  // What only reads is requested too, and never sent.
  const last = open.find(([, { stage, request }]) => stage === "prepared" || (stage === "requested" && request));
  const confirmed = steps.filter(([, { stage }]) => stage === "confirmed").length;
  return `${String(confirmed)} confirmed, ${String(waiting)} sent${last ? `, ${last[0]} ${last[1].stage}` : ""}`;
}

function pageOf(lines: readonly string[]): string {
  return [
    "# Thirty kills",
    "",
    "Written by `XONOMY_KILLS_LOG=docs/kills.md npm run test:kills`, not by hand. Each row is a deployment of the suite to an anvil of its own, killed once with",
    'SIGKILL, and run again by the same command. "Equal" means: the same contracts with the code of this build, the same values of all getters of addresses (links), the same rights, and',
    "as many transactions as an undisturbed run. Every fifth chain has the id of a public one: there the command waits for five confirmations, and doubts for half a",
    "minute that something was not sent.",
    "",
    `Seed ${String(SEED)}.`,
    "",
    "| run | blocks | killed | transactions the node had | the journal then | the second run | end |",
    "| --- | --- | --- | --- | --- | --- | --- |",
    ...lines,
    "",
  ].join("\n");
}
