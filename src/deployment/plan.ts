import { formatEther, formatUnits } from "ethers";

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
  /** The network's price for a unit of gas now, in wei. */
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

/** Wei that Ignition bids above twice the base fee. */
const TIP = 1_000_000_000n;

/** Reads what it takes to pay for steps. */
export async function planOf(
  provider: RpcProvider,
  { deployer, steps, ...rest }: Pick<Plan, "network" | "chainId" | "deployer" | "steps" | "standing">,
): Promise<Plan> {
  const [balance, price, block] = await Promise.all([
    provider.request({ method: "eth_getBalance", params: [deployer, "latest"] }),
    provider.request({ method: "eth_gasPrice" }),
    provider.request({ method: "eth_getBlockByNumber", params: ["latest", false] }),
  ]);
  const baseFee = BigInt((block as { baseFeePerGas?: string }).baseFeePerGas ?? "0x0");
  const gasPrice = BigInt(price as string);
  const bid = 2n * baseFee + TIP;
  const highestPrice = bid > gasPrice ? bid : gasPrice;
  const sum = (of: (gas: Gas) => bigint): bigint => steps.reduce((total, { gas }) => total + of(gas), 0n);
  const gas = sum(({ used }) => used);
  return {
    ...rest,
    deployer,
    steps,
    balance: BigInt(balance as string),
    gas,
    gasPrice,
    cost: gas * gasPrice,
    highestPrice,
    reserve: sum(({ limit }) => limit) * highestPrice,
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

/** @returns wei in gwei, such as "1.5" */
export function gwei(wei: bigint): string {
  return formatUnits(wei, 9).replace(/\.0$/, "");
}
