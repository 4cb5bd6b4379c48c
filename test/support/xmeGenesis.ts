import type { HardhatEthersSigner } from "@nomicfoundation/hardhat-ethers/types";
import { ZeroAddress, ZeroHash, getCreateAddress } from "ethers";
import type { network } from "hardhat";

import { deployUniswapV3, uniswapContract, type Address } from "../../src/uniswap/index.js";
import {
  DEFAULT_OPENING_PRICE_WAD,
  DEFAULT_POOL_FEE,
  openingPool,
  VESTING_SCHEDULES,
  XME_SUPPLY,
  XMEX_SUPPLY,
  type OpeningPool,
} from "../../src/xme/genesis.js";

export type Connection = Awaited<ReturnType<typeof network.create>>;

export const TWO_DAYS = 2n * 24n * 60n * 60n;

/** Which of the two tokens has the lower address, and so is token0 of the pool. */
export type TokenOrder = "XME first" | "XMEX first";

export interface GenesisOptions {
  readonly order?: TokenOrder;
  /** XMEX for one XME times 1e18. */
  readonly priceWad?: bigint;
  readonly fee?: bigint;
}

/** An address in the form that the library takes. */
export async function addressOf(contract: { getAddress(): Promise<string> }): Promise<Address> {
  return (await contract.getAddress()) as Address;
}

/** The accounts of a test by what they do. */
export async function accounts({ ethers }: Connection) {
  const [deployer, governor, team, investors, alice, attacker] = await ethers.getSigners();
  if (!deployer || !governor || !team || !investors || !alice || !attacker) throw new Error("too few accounts");
  return { deployer, governor, team, investors, alice, attacker };
}

/** Uniswap V3 and the timelock, which stand before any token does. `governor` proposes, anybody executes. */
export async function deployGround(connection: Connection) {
  const { ethers } = connection;
  const { deployer, governor } = await accounts(connection);
  const wrappedEther = await ethers.deployContract("GenesisWrappedEther");
  const timelock = await ethers.deployContract("TimelockController", [
    TWO_DAYS,
    [governor.address],
    [ZeroAddress],
    ZeroAddress,
  ]);
  const uniswap = await deployUniswapV3(deployer, {
    wrappedEther: await addressOf(wrappedEther),
    owner: await addressOf(timelock),
  });
  const positionManager = uniswapContract("positionManager", uniswap.positionManager, deployer);
  const factory = uniswapContract("factory", uniswap.factory, deployer);
  return { wrappedEther, timelock, uniswap, positionManager, factory };
}

/** Spends nonces of `deployer` until the two tokens that its next contract creates are in the `order` wanted. */
export async function spendNoncesUntil(order: TokenOrder, deployer: HardhatEthersSigner): Promise<void> {
  for (;;) {
    const from = getCreateAddress({ from: deployer.address, nonce: await deployer.getNonce() });
    const [xme, xmex] = [1, 2].map((nonce) => BigInt(getCreateAddress({ from, nonce })));
    if (xme === undefined || xmex === undefined) throw new Error("two addresses expected");
    if (xme < xmex === (order === "XME first")) return;
    await (await deployer.sendTransaction({ to: deployer.address })).wait();
  }
}

/** Everything up to, but without, `allocate`: the real contracts with the default terms. */
export async function deployUnallocated(connection: Connection, options: GenesisOptions = {}) {
  const { ethers, networkHelpers } = connection;
  const { order = "XME first", priceWad = DEFAULT_OPENING_PRICE_WAD, fee = DEFAULT_POOL_FEE } = options;
  const people = await accounts(connection);
  const ground = await deployGround(connection);
  const { timelock, uniswap } = ground;

  await spendNoncesUntil(order, people.deployer);
  const genesis = await ethers.deployContract("Genesis", [timelock, people.team, people.investors]);
  const xme = await ethers.getContractAt("XME", await genesis.xme());
  const xmex = await ethers.getContractAt("XMEX", await genesis.xmex());
  const start = await genesis.genesisTime();
  const now = BigInt(await networkHelpers.time.latest());
  const manager = await ethers.deployContract("AccessManager", [timelock]);

  const { teamVesting: team, privateSaleVesting: investors } = VESTING_SCHEDULES;
  const publicSale = await ethers.deployContract("PublicSale", [
    xme,
    timelock,
    10n ** 15n,
    10n ** 24n,
    now,
    now + 30n * 86_400n,
  ]);
  const airdrop = await ethers.deployContract("MerkleAirdrop", [
    xme,
    timelock,
    ethers.id("root of a list"),
    now + 90n * 86_400n,
  ]);
  const teamVesting = await ethers.deployContract("Vesting", [xme, people.team, start, team.cliff, team.duration]);
  const privateSaleVesting = await ethers.deployContract("Vesting", [
    xme,
    people.investors,
    start,
    investors.cliff,
    investors.duration,
  ]);
  const emissionVault = await ethers.deployContract("EmissionVault", [
    xmex,
    manager,
    start,
    [10_000n, 0n, 0n, 0n, 0n, 0n, 0n, 0n],
  ]);
  const liquiditySeeder = await ethers.deployContract("LiquiditySeeder", [
    genesis,
    uniswap.positionManager,
    priceWad,
    fee,
  ]);
  const recipients = {
    publicSale: await addressOf(publicSale),
    airdrop: await addressOf(airdrop),
    teamVesting: await addressOf(teamVesting),
    privateSaleVesting: await addressOf(privateSaleVesting),
    liquiditySeeder: await addressOf(liquiditySeeder),
    emissionVault: await addressOf(emissionVault),
  };
  const model: OpeningPool = openingPool({
    xme: await addressOf(xme),
    xmex: await addressOf(xmex),
    priceWad,
    fee,
    xmeAmount: XME_SUPPLY / 10n,
    xmexAmount: XMEX_SUPPLY / 20n,
  });
  return {
    ...people,
    ...ground,
    genesis,
    xme,
    xmex,
    start,
    fee,
    manager,
    publicSale,
    airdrop,
    teamVesting,
    privateSaleVesting,
    emissionVault,
    liquiditySeeder,
    recipients,
    model,
  };
}

/** The same after `allocate`. */
export async function deployAllocated(connection: Connection, options: GenesisOptions = {}) {
  const world = await deployUnallocated(connection, options);
  await (await world.genesis.allocate(world.recipients)).wait();
  return world;
}

/** The pool of the two tokens, and its state by name. */
export async function poolState(world: {
  readonly factory: ReturnType<typeof uniswapContract>;
  readonly xme: { getAddress(): Promise<string> };
  readonly xmex: { getAddress(): Promise<string> };
  readonly fee: bigint;
}) {
  const tokens = [await world.xme.getAddress(), await world.xmex.getAddress()];
  const address = (await world.factory.getFunction("getPool").staticCall(...tokens, world.fee)) as Address;
  if (address === ZeroAddress) throw new Error("there is no pool");
  const runner = world.factory.runner;
  if (runner === null) throw new Error("the factory has no runner");
  const pool = uniswapContract("pool", address, runner);
  const [sqrtPriceX96, tick] = (await pool.getFunction("slot0").staticCall()) as [bigint, bigint];
  const liquidity = (await pool.getFunction("liquidity").staticCall()) as bigint;
  return { address, pool, sqrtPriceX96, tick, liquidity };
}

/** Schedules one call of `timelock` as `governor`, waits for the delay and executes it. */
export async function executeThroughTimelock(
  { networkHelpers }: Connection,
  world: Pick<Awaited<ReturnType<typeof deployUnallocated>>, "timelock" | "governor" | "alice">,
  target: string,
  data: string,
) {
  const { timelock, governor, alice } = world;
  await (await timelock.connect(governor).schedule(target, 0n, data, ZeroHash, ZeroHash, TWO_DAYS)).wait();
  await networkHelpers.time.increase(TWO_DAYS);
  return timelock.connect(alice).execute(target, 0n, data, ZeroHash, ZeroHash);
}
