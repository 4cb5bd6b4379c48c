import { once } from "node:events";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { json } from "node:stream/consumers";

/** One call of a JSON-RPC client. */
export interface RpcCall {
  readonly id: number;
  readonly method: string;
  readonly params: readonly unknown[];
}

/**
 * What becomes of a call: it is answered by the node, refused or answered in the words of another, or the connection breaks before or after the
 * node has it, or an HTTP status comes in place of the node's answer.
 */
export type Fate =
  | "passes"
  | "lost before"
  | "lost after"
  | { readonly refused: string; readonly code?: number }
  | { readonly answered: unknown }
  | { readonly status: number };

/** A connection to a node on which things happen. */
export interface Proxy {
  readonly url: string;
  stop(): Promise<void>;
  /** Lets this process end while it listens. */
  unref(): void;
}

/** The calls by which transactions are sent, whoever signs them. */
export function sendsTransaction({ method }: RpcCall): boolean {
  return method === "eth_sendTransaction" || method === "eth_sendRawTransaction";
}

/**
 * Listens on a free loopback port and hands calls on to a node.
 * @param target the node's URL, or what tells it at the time of a call
 * @param fateOf decides about each call; whoever wants something to happen before the call does it there
 */
export async function startProxy(
  target: string | (() => string),
  fateOf: (call: RpcCall) => Fate | Promise<Fate>,
): Promise<Proxy> {
  const handle = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const call = (await json(request)) as RpcCall;
    const fate = await fateOf(call);
    if (fate === "lost before") {
      request.socket.destroy();
      return;
    }
    let body: string;
    if (typeof fate === "object" && !("status" in fate)) {
      const said =
        "refused" in fate
          ? { error: { code: fate.code ?? -32_005, message: fate.refused } }
          : { result: fate.answered };
      body = JSON.stringify({ jsonrpc: "2.0", id: call.id, ...said });
    } else {
      const headers = { "content-type": "application/json" };
      body = await (
        await fetch(typeof target === "string" ? target : target(), {
          method: "POST",
          headers,
          body: JSON.stringify(call),
        })
      ).text();
    }
    if (fate === "lost after") request.socket.destroy();
    else if (typeof fate === "object" && "status" in fate) response.writeHead(fate.status).end("<html>");
    else response.setHeader("content-type", "application/json").end(body);
  };
  const server = createServer((request, response) => {
    handle(request, response).catch(() => request.socket.destroy());
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("A TCP server has a port");
  return {
    url: `http://127.0.0.1:${String(address.port)}`,
    async stop() {
      server.closeAllConnections();
      server.close();
      await once(server, "close");
    },
    unref() {
      server.unref().on("connection", (socket) => socket.unref());
    },
  };
}
