import { MaxUint256, parseEther, parseUnits, type Signer } from "ethers";

import type { Address } from "../../src/deployment/folder.js";
import { fullRange } from "../../src/uniswap/math.js";
import { faucet } from "../../tasks/xp/flows/jobs.js";
import { register } from "../../tasks/xp/flows/agents.js";
import { type Session, sessionOf } from "../../tasks/support/session.js";
import type { deployed } from "./tasks.js";

type Local = ReturnType<ReturnType<typeof deployed>>;

/** Accounts that the local deployment's parameters give a part. */
const ADMIN = "1";
const ARBITER = "4";
export const MINTER_ROLE = 1n;

/** A job of a thousand dollars for any agent, as the tests open it. */
export const JOB = {
  agent: "",
  payment: "1000",
  minTrust: "0",
  openFor: "7d",
  deliverWithin: "3d",
  terms: "translate a page",
} as const;

/** @returns test dollars in base units */
export function dollars(amount: string): bigint {
  return parseUnits(amount, 6);
}

/** An account that the next call of the chain can be sent from. */
export async function actor({ connection, deployment }: Local, account: string): Promise<Session> {
  return sessionOf(connection, deployment, account);
}

export async function arbiterOf(local: Local): Promise<Session> {
  return actor(local, ARBITER);
}

/** Who can replace what the market asks. */
export async function adminOf(local: Local): Promise<Signer> {
  const { signer } = await actor(local, ADMIN);
  if (!signer) throw new Error("the administrator is an account of the chain");
  return signer;
}

/** Gives somebody XP that no work stands for, as only the administrator could. */
export async function giveXp(local: Local, to: Address, amount: string): Promise<void> {
  const signer = await adminOf(local);
  const { accessManager, xp } = local.deployment.xp;
  const [member] = await accessManager.hasRole(MINTER_ROLE, signer);
  if (!member) await accessManager.connect(signer).grantRole(MINTER_ROLE, signer, 0n);
  await xp.connect(signer).mint(to, parseEther(amount));
}

/** An agent of the session's account, number 1, and a client with a million test dollars. */
export async function startWork({ session, other }: Local): Promise<void> {
  await register(session, { uri: "ipfs://agent", metadata: "" });
  await faucet(other, { amount: "1000000", to: "" });
  await faucet(session, { amount: "10000", to: "" });
}

/**
 * Gives the pool liquidity at its opening price, 0.02 dollars: half a million XP and ten thousand dollars.
 * @param around ticks to each side of that price, a multiple of 60; over all prices unless given
 */
export async function fillPool(local: Local, around?: bigint): Promise<void> {
  const admin = await actor(local, ADMIN);
  const { xp, paymentToken, pool, positionManager } = local.deployment.xp;
  const { tick } = await pool.slot0();
  const middle = (tick / 60n) * 60n;
  const range = around === undefined ? fullRange(60n) : { tickLower: middle - around, tickUpper: middle + around };
  if (!admin.signer) throw new Error("the administrator is an account of the chain");
  await giveXp(local, admin.account, "500000");
  await faucet(admin, { amount: "10000", to: "" });
  const tokens = [
    { contract: xp, amount: parseEther("500000") },
    { contract: paymentToken, amount: dollars("10000") },
  ];
  const placed = await Promise.all(
    tokens.map(async ({ contract, amount }) => ({ address: await contract.getAddress(), amount })),
  );
  const [first, second] = placed.sort((a, b) => (BigInt(a.address) < BigInt(b.address) ? -1 : 1));
  if (!first || !second) throw new Error("a pool has two tokens");
  for (const { contract } of tokens) await contract.connect(admin.signer).approve(positionManager, MaxUint256);
  await positionManager.connect(admin.signer).mint({
    token0: first.address,
    token1: second.address,
    fee: 3_000n,
    ...range,
    amount0Desired: first.amount,
    amount1Desired: second.amount,
    amount0Min: 0n,
    amount1Min: 0n,
    recipient: admin.account,
    deadline: MaxUint256,
  });
}
