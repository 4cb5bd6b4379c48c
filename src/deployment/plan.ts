import { formatEther, formatUnits } from "ethers";

import { formatCount } from "../format.js";
import { currencyOf, type RpcProvider } from "./chains.js";
import { ExplainedError } from "./explained-error.js";
import type { Address } from "./folder.js";
import type { Standing } from "./inspection.js";
import type { Gas } from "./rehearsal.js";

/** A transaction that is to be sent. */
export interface PlannedStep {
  /** Ignition's future id: a contract, or a call of one. */
  readonly future: string;
  readonly gas: Gas;
}

/** What a deployment would do now, measured by a rehearsal on a simulated chain. */
export interface Plan {
  readonly network: string;
  readonly chainId: bigint;
  readonly deployer: Address;
  /** What the deployer holds, in wei. */
  readonly balance: bigint;
  readonly steps: readonly PlannedStep[];
  /** Gas that the rehearsal used for them. */
  readonly gas: bigint;
  /** What a unit of gas costs this deployment now, in wei: what its transactions would be charged. */
  readonly gasPrice: bigint;
  /** In wei: `gas` at `gasPrice`. */
  readonly cost: bigint;
  /** In wei: what the account must hold, since limits are above what is used and up to twice the base fee is bid. */
  readonly reserve: bigint;
  /** Wei for a unit of gas, of which `reserve` is made. */
  readonly highestPrice: bigint;
  /** Who will have which right once all is done, and which contracts will know which others. */
  readonly standing: Standing;
}

/** What Ignition bids for a unit of gas, in wei. */
interface Bid {
  /** What is charged as prices are. */
  readonly charged: bigint;
  /** What is charged at most, and what nodes ask the account to be able to pay. */
  readonly highest: bigint;
}

/** Wei that Ignition offers a block's maker for a unit of gas where the chain does not say what is usual. */
const USUAL_TIP = 1_000_000_000n;

/** Polygon, where Ignition bids the price that the network names, and its testnet Amoy, where that is known to be wrong. */
const [POLYGON, AMOY] = [137n, 80_002n];
/** What Ignition bids on Amoy, whatever the network says. */
const AMOY_PRICE = 32_000_000_000n;

/** Chains without a base fee that take a tip all the same: BNB Smart Chain, opBNB, and their testnets. */
const TIPPED: ReadonlySet<bigint> = new Set([56n, 97n, 204n, 5_611n]);

/** What Ignition would bid now, by the rules of its own. */
async function bidOf(provider: RpcProvider, chainId: bigint): Promise<Bid> {
  if (chainId === AMOY) return { charged: AMOY_PRICE, highest: AMOY_PRICE };
  const block = await provider.request({ method: "eth_getBlockByNumber", params: ["latest", false] });
  const { baseFeePerGas } = block as { readonly baseFeePerGas?: string };
  if (baseFeePerGas === undefined || chainId === POLYGON) {
    const price = BigInt((await provider.request({ method: "eth_gasPrice" })) as string);
    return { charged: price, highest: price };
  }
  const baseFee = BigInt(baseFeePerGas);
  if (baseFee === 0n && !TIPPED.has(chainId)) return { charged: 0n, highest: 0n };
  const tip = await tipOf(provider);
  return { charged: baseFee + tip, highest: 2n * baseFee + tip };
}

async function tipOf(provider: RpcProvider): Promise<bigint> {
  try {
    return BigInt((await provider.request({ method: "eth_maxPriorityFeePerGas" })) as string);
  } catch {
    return USUAL_TIP;
  }
}

/** Reads what it takes to pay for steps. */
export async function planOf(
  provider: RpcProvider,
  { deployer, steps, ...rest }: Pick<Plan, "network" | "chainId" | "deployer" | "steps" | "standing">,
): Promise<Plan> {
  const [balance, bid] = await Promise.all([
    provider.request({ method: "eth_getBalance", params: [deployer, "latest"] }),
    bidOf(provider, rest.chainId),
  ]);
  const sum = (of: (gas: Gas) => bigint): bigint => steps.reduce((total, { gas }) => total + of(gas), 0n);
  const gas = sum(({ used }) => used);
  return {
    ...rest,
    deployer,
    steps,
    balance: BigInt(balance as string),
    gas,
    gasPrice: bid.charged,
    cost: gas * bid.charged,
    highestPrice: bid.highest,
    reserve: sum(({ limit }) => limit) * bid.highest,
  };
}

/** @throws ExplainedError if the deployer could run out of money on the way. */
export function checkFunds({ network, chainId, deployer, balance, reserve, highestPrice }: Plan): void {
  if (balance >= reserve) return;
  const currency = currencyOf(chainId);
  const gas = reserve / highestPrice;
  throw new ExplainedError(
    `Account ${deployer} holds ${formatEther(balance)} ${currency} on network "${network}", but the deployment may cost up to ` +
      `${formatEther(reserve)} ${currency} (${String(gas)} gas at ${gwei(highestPrice)} gwei): fund it and run the same command again.`,
  );
}

/**
 * No node takes a transaction that may use more gas than a block has, and where that is a late one the others were paid for in vain.
 * @throws ExplainedError if a step needs more; a chain that names no limit is believed
 */
export async function checkBlocks(provider: RpcProvider, { network, steps }: Plan): Promise<void> {
  const block = await provider.request({ method: "eth_getBlockByNumber", params: ["latest", false] });
  const limit = BigInt((block as { readonly gasLimit?: string }).gasLimit ?? 0);
  const largest = steps.reduce<PlannedStep | undefined>(
    (found, step) => (found && found.gas.limit >= step.gas.limit ? found : step),
    undefined,
  );
  if (limit === 0n || largest === undefined || largest.gas.limit <= limit) return;
  throw new ExplainedError(
    `A block of network "${network}" has ${formatCount(limit)} gas, and ${largest.future} needs ${formatCount(largest.gas.limit)}. Nothing was sent: ` +
      "deploy to a network with larger blocks, or start the node with a higher limit.",
  );
}

/** @returns wei in gwei, such as "1.5" */
export function gwei(wei: bigint): string {
  return formatUnits(wei, 9).replace(/\.0$/, "");
}
