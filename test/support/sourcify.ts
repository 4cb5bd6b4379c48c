import { once } from "node:events";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { text } from "node:stream/consumers";

import { Verification } from "@ethereum-sourcify/lib-sourcify";

import type { RpcProvider } from "../../src/deployment/chains.js";
import { ConnectedChain } from "../../src/verification/chain.js";
import { RecordedCompilation } from "../../src/verification/compilation.js";
import { compileBuild } from "../../src/verification/compiler.js";
import type { RecordedBuild } from "../../src/verification/record.js";

type Match = "exact_match" | "match" | null;

interface Verified {
  readonly match: Match;
  readonly creationMatch: Match;
  readonly runtimeMatch: Match;
  readonly chainId: string;
  readonly address: string;
}

interface Submission {
  readonly stdJsonInput: RecordedBuild["input"];
  readonly contractIdentifier: string;
  readonly compilerVersion: string;
  readonly creationTransactionHash?: string;
}

export interface LocalSourcify {
  readonly url: string;
  /** What was verified, by address. */
  readonly verified: ReadonlyMap<string, Verified>;
  stop(): Promise<void>;
}

const VERDICT = { perfect: "exact_match", partial: "match" } as const;

/**
 * A Sourcify server of one chain: the second version of its API, as far as hardhat-verify asks for it, with the library that Sourcify
 * itself verifies with.
 */
export async function startSourcify(provider: RpcProvider): Promise<LocalSourcify> {
  const verified = new Map<string, Verified>();
  const jobs = new Map<string, { readonly contract: Verified; readonly error?: object }>();

  async function verify(chainId: string, address: string, submission: Submission): Promise<string> {
    const { stdJsonInput, contractIdentifier, compilerVersion, creationTransactionHash } = submission;
    const at = contractIdentifier.lastIndexOf(":");
    const target = { path: contractIdentifier.slice(0, at), name: contractIdentifier.slice(at + 1) };
    const build = { id: contractIdentifier, solcLongVersion: compilerVersion.replace(/^v/, ""), input: stdJsonInput };
    const compilation = new RecordedCompilation(build, await compileBuild(build, [target]), target);
    const chain = new ConnectedChain(provider, "local", BigInt(chainId));
    const verification = new Verification(compilation, chain, address, creationTransactionHash);
    const error = await verification.verify().then(
      () => undefined,
      (failure: unknown) => ({ customCode: "no_match", message: (failure as Error).message, errorId: "1" }),
    );
    const [runtimeMatch, creationMatch] = [verification.status.runtimeMatch, verification.status.creationMatch].map(
      (status) => (status === "perfect" || status === "partial" ? VERDICT[status] : null),
    ) as [Match, Match];
    const contract = { match: runtimeMatch ?? creationMatch, runtimeMatch, creationMatch, chainId, address };
    const id = String(jobs.size + 1);
    jobs.set(id, { contract, ...(error ? { error } : {}) });
    if (contract.match !== null) verified.set(address, contract);
    return id;
  }

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const reply = (status: number, body: object): void => {
      response.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify(body));
    };
    const [, , kind = "", first = "", address] = (request.url ?? "").split("/");
    if (request.method === "POST" && address !== undefined) {
      reply(202, {
        verificationId: await verify(first, address, JSON.parse(await text(request)) as Submission),
      });
    } else if (kind === "contract" && address !== undefined) {
      const none = { match: null, creationMatch: null, runtimeMatch: null, chainId: first, address };
      const known = verified.get(address);
      reply(known ? 200 : 404, known ?? none);
    } else {
      reply(200, { isJobCompleted: true, verificationId: first, jobStartTime: "", ...jobs.get(first) });
    }
  }

  const server = createServer((request, response) => {
    answer(request, response).catch((error: unknown) => {
      response.writeHead(500).end(String(error));
    });
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as { port: number };
  return {
    url: `http://127.0.0.1:${String(port)}`,
    verified,
    async stop() {
      server.closeAllConnections();
      server.close();
      await once(server, "close");
    },
  };
}
