/** The three tokens against the two best known implementations of ERC-20. */

import { PERMIT_TYPES } from "../../test/support/permit.js";
import type { BenchChain, Measured, Target } from "../chain.js";
import type { Hex } from "../floor.js";
import type { GasRow, GasSection } from "../report.js";
import { compareAll, type Scene } from "./compare.js";

const TOKEN = 10n ** 18n;
const DAY = 86_400n;
const MAX_UINT256 = (1n << 256n) - 1n;
/** The chain id of Hardhat's in-process chains. */
const CHAIN_ID = 31_337;
/** 31 December 2099: no permit of the bench runs out. */
const DEADLINE = 4_102_358_400n;

const PERMIT_WITH_DOMAIN = {
  EIP712Domain: [
    { name: "name", type: "string" },
    { name: "version", type: "string" },
    { name: "chainId", type: "uint256" },
    { name: "verifyingContract", type: "address" },
  ],
  ...PERMIT_TYPES,
};

/** The holder of each token gives a second one some, so that there is somebody to send to. */
async function share(chain: BenchChain, token: Target): Promise<Target> {
  await chain.send({ from: chain.account(0), to: token, method: "transfer", args: [chain.account(1), 10n * TOKEN] });
  return token;
}

async function deployXrank(chain: BenchChain): Promise<Target> {
  const token = await chain.deploy("XRank");
  await chain.send({ from: chain.account(0), to: token, method: "claimRank", args: [1] });
  chain.wait(DAY);
  await chain.send({ from: chain.account(0), to: token, method: "claimMintReward" });
  return token;
}

function scenesOf(chain: BenchChain, name: string): Scene<Target>[] {
  const [owner, holder, empty, spender] = [0, 1, 2, 3].map((index) => chain.account(index)) as [Hex, Hex, Hex, Hex];
  const measure = (from: Hex, to: Target, method: string, ...args: unknown[]): Promise<Measured> =>
    chain.measure({ from, to, method, args });
  const spend = (given: string, allowance: bigint): Scene<Target> => ({
    call: `${name} transferFrom`,
    given,
    play: async (token) => {
      await chain.send({ from: owner, to: token, method: "approve", args: [spender, allowance] });
      return measure(spender, token, "transferFrom", owner, holder, TOKEN);
    },
  });
  return [
    {
      call: `${name} transfer`,
      given: "to a holder",
      play: (token) => measure(owner, token, "transfer", holder, TOKEN),
    },
    {
      call: `${name} transfer`,
      given: "to an empty account",
      play: (token) => measure(owner, token, "transfer", empty, TOKEN),
    },
    {
      call: `${name} transfer`,
      given: "the whole balance, to a holder",
      play: (token) => measure(holder, token, "transfer", owner, 10n * TOKEN),
    },
    {
      call: `${name} approve`,
      given: "for the first time",
      play: (token) => measure(owner, token, "approve", spender, TOKEN),
    },
    spend("limited allowance, to a holder", 3n * TOKEN),
    spend("unlimited allowance, to a holder", MAX_UINT256),
  ];
}

function permitScene(chain: BenchChain, name: string): Scene<Target> {
  const [owner, spender] = [chain.account(0), chain.account(3)];
  return {
    call: `${name} permit`,
    given: "the first of an owner",
    play: async (token) => {
      const signature = await chain.signTypedData(owner, {
        types: PERMIT_WITH_DOMAIN,
        primaryType: "Permit",
        domain: {
          name: await chain.read(token, "name"),
          version: "1",
          chainId: CHAIN_ID,
          verifyingContract: token.address,
        },
        message: { owner, spender, value: TOKEN.toString(), nonce: 0, deadline: DEADLINE.toString() },
      });
      const r = `0x${signature.slice(2, 66)}`;
      const s = `0x${signature.slice(66, 130)}`;
      const v = Number.parseInt(signature.slice(130), 16);
      const args = [owner, spender, TOKEN, DEADLINE, v, r, s];
      return chain.measure({ from: spender, to: token, method: "permit", args });
    },
  };
}

/** Measures the section on a chain of its own. */
export async function tokensSection(chain: BenchChain): Promise<GasSection> {
  const supply = 1_000_000_000n * TOKEN;
  const plain = await share(chain, await chain.deployBench("BenchPlainToken", [supply]));
  const permitting = await share(chain, await chain.deployBench("BenchPermitToken", [supply]));
  const solady = await share(chain, await chain.deployBench("BenchSoladyToken", [supply]));
  const tokens = [
    ["XME", await share(chain, await chain.deploy("XME"))],
    ["XMEX", await share(chain, await chain.deploy("XMEX"))],
    ["XRANK", await share(chain, await deployXrank(chain))],
  ] as const;
  const rows: GasRow[] = [];
  for (const [name, token] of tokens) {
    rows.push(...(await compareAll(chain, [token, plain, solady], scenesOf(chain, name))));
    rows.push(...(await compareAll(chain, [token, permitting, solady], [permitScene(chain, name)])));
  }
  return {
    id: "tokens",
    title: "Tokens beside OpenZeppelin's and Solady's ERC-20",
    note:
      "OpenZeppelin's is its plain ERC20, with ERC20Permit in the permit rows. A permit's calldata holds a signature, " +
      "whose zero bytes make a few gas more or less. XRANK logs an Approval where an allowance is spent, because XEN Crypto does.",
    peers: ["OpenZeppelin", "Solady"],
    rows,
  };
}
