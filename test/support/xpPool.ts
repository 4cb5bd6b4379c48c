import type { HardhatEthersSigner } from "@nomicfoundation/hardhat-ethers/types";
import { type BaseContract, getCreateAddress, MaxUint256 } from "ethers";
import type { network } from "hardhat";

import { deployUniswapV3, fullRange, TICK_SPACINGS, uniswapContract, type Address } from "../../src/uniswap/index.js";

type Connection = Awaited<ReturnType<typeof network.create>>;

/** Which of XP and the payment token has the lower address, and so is token0 of their pool. */
export type TokenOrder = "XP first" | "payment first";
export const TOKEN_ORDERS = ["XP first", "payment first"] as const satisfies readonly TokenOrder[];

/** The source's price of XP: 0.02 dollars, in millionths. */
export const OPENING_PRICE = 20_000n;
export const POOL_FEE = 3_000n;
export const OBSERVATIONS = 150n;
const MINTER = 1n;

/** An address in the form that the library takes. */
export async function addressOf(contract: { getAddress(): Promise<string> }): Promise<Address> {
  return (await contract.getAddress()) as Address;
}

/** Spends nonces of `deployer` until the next two contracts that it creates are in the `order` wanted. */
async function spendNoncesUntil(order: TokenOrder, deployer: HardhatEthersSigner): Promise<void> {
  for (;;) {
    const nonce = await deployer.getNonce();
    const [xp, payment] = [nonce, nonce + 1].map((n) => BigInt(getCreateAddress({ from: deployer.address, nonce: n })));
    if (xp === undefined || payment === undefined) throw new Error("two addresses expected");
    if (xp < payment === (order === "XP first")) return;
    await (await deployer.sendTransaction({ to: deployer.address })).wait();
  }
}

/**
 * A real Uniswap V3, XP, a payment token and their pool as the deployment opens it, still without liquidity. `deployer` may mint XP.
 * @param deployPayment deploys the token to pay with, in one transaction of the first account
 */
export async function deployPool<Payment extends BaseContract>(
  { ethers }: Connection,
  order: TokenOrder,
  deployPayment: () => Promise<Payment>,
) {
  const [deployer, provider, alice, bob] = await ethers.getSigners();
  if (!deployer || !provider || !alice || !bob) throw new Error("too few accounts");
  const manager = await ethers.deployContract("AccessManager", [deployer]);
  const wrappedEther = await addressOf(await ethers.deployContract("GenesisWrappedEther"));
  const uniswap = await deployUniswapV3(deployer, { wrappedEther });
  await spendNoncesUntil(order, deployer);
  const xp = await ethers.deployContract("XP", [manager]);
  const payment = await deployPayment();
  await manager.setTargetFunctionRole(xp, [xp.interface.getFunction("mint").selector], MINTER);
  await manager.grantRole(MINTER, deployer, 0n);
  const opener = await ethers.deployContract("PoolOpener", [
    uniswap.factory,
    xp,
    payment,
    OPENING_PRICE,
    POOL_FEE,
    OBSERVATIONS,
  ]);
  const pool = uniswapContract("pool", (await opener.pool()) as Address, deployer);
  return { deployer, provider, alice, bob, manager, uniswap, xp, payment, opener, pool, order };
}

type World = Pick<Awaited<ReturnType<typeof deployPool>>, "deployer" | "provider" | "uniswap" | "xp" | "order"> & {
  readonly payment: { getAddress(): Promise<string>; connect(signer: HardhatEthersSigner): unknown };
};

/** Gives the pool liquidity over its full range: `xpAmount` and as many payment tokens as the opening price asks, which `provider` must hold. */
export async function provideLiquidity(world: World, xpAmount: bigint): Promise<void> {
  const { deployer, provider, uniswap, xp, payment, order } = world;
  const paid = payment.connect(provider) as { approve(spender: string, amount: bigint): Promise<unknown> };
  await xp.connect(deployer).mint(provider, xpAmount);
  await xp.connect(provider).approve(uniswap.positionManager, MaxUint256);
  await paid.approve(uniswap.positionManager, MaxUint256);
  const paymentAmount = (xpAmount * OPENING_PRICE) / 10n ** 18n;
  const xpFirst = order === "XP first";
  const [token0, token1] = xpFirst ? [xp, payment] : [payment, xp];
  const [amount0Desired, amount1Desired] = xpFirst ? [xpAmount, paymentAmount] : [paymentAmount, xpAmount];
  const spacing = TICK_SPACINGS.get(POOL_FEE);
  if (spacing === undefined) throw new Error("the fee has no tick spacing");
  await uniswapContract("positionManager", uniswap.positionManager, provider)
    .getFunction("mint")
    .send({
      token0: await addressOf(token0),
      token1: await addressOf(token1),
      fee: POOL_FEE,
      ...fullRange(spacing),
      amount0Desired,
      amount1Desired,
      amount0Min: 0n,
      amount1Min: 0n,
      recipient: provider.address,
      deadline: MaxUint256,
    });
}
