import { expect } from "chai";
import { network } from "hardhat";

import {
  deployUniswapV3,
  linkBytecode,
  liquidityForAmounts,
  MAX_TICK,
  sqrtPriceAtTick,
  sqrtPriceOfAmounts,
  squareRoot,
  tickAtSqrtPrice,
  uniswapArtifact,
  uniswapContract,
  type Address,
  type UniswapPart,
} from "../../../src/uniswap/index.js";
import {
  allocationOf,
  ALLOCATIONS,
  openingPool,
  OPENING_PRICE_BOUNDS,
  XME_SUPPLY,
  XMEX_SUPPLY,
} from "../../../src/xme/genesis.js";
import { accounts, addressOf, deployAllocated, deployGround } from "../../support/xmeGenesis.js";

const connection = await network.create();
const { ethers } = connection;

const WAD = 10n ** 18n;
const SEED = process.env.XONOMY_SEED ?? ethers.hexlify(ethers.randomBytes(4));
/** TickMath.MIN_SQRT_RATIO and MAX_SQRT_RATIO of @uniswap/v3-core. */
const UNISWAP_MIN_SQRT_RATIO = 4_295_128_739n;
const UNISWAP_MAX_SQRT_RATIO = 1_461_446_703_485_210_103_287_273_052_203_988_822_378_723_970_342n;

/** A number below `limit` that the seed decides. */
function random(what: string, limit: bigint): bigint {
  return BigInt(ethers.id(`${SEED} ${what}`)) % limit;
}

describe("The model of genesis", () => {
  describe("the allocation table", () => {
    it("should give away all of either token, as section 8 says", () => {
      const million = 1_000_000n * WAD;
      expect(ALLOCATIONS.map(({ token, recipient, amount }) => [token, recipient, amount / million])).to.deep.equal([
        ["XME", "treasury", 250n],
        ["XME", "publicSale", 250n],
        ["XME", "airdrop", 150n],
        ["XME", "teamVesting", 150n],
        ["XME", "privateSaleVesting", 100n],
        ["XME", "liquiditySeeder", 100n],
        ["XMEX", "emissionVault", 90_000n],
        ["XMEX", "treasury", 5_000n],
        ["XMEX", "liquiditySeeder", 5_000n],
      ]);
      const total = (wanted: string) =>
        ALLOCATIONS.filter(({ token }) => token === wanted).reduce((sum, { amount }) => sum + amount, 0n);
      expect([total("XME"), total("XMEX")]).to.deep.equal([XME_SUPPLY, XMEX_SUPPLY]);
    });

    it("should give nothing to those it does not name", () => {
      expect(allocationOf("XMEX", "teamVesting")).to.equal(0n);
      expect(allocationOf("XME", "emissionVault")).to.equal(0n);
    });
  });

  describe("the opening pool", () => {
    const low = `0x${"11".repeat(20)}` as const;
    const high = `0x${"ee".repeat(20)}` as const;
    const terms = { priceWad: 100n * WAD, fee: 3_000n, xmeAmount: XME_SUPPLY / 10n, xmexAmount: XMEX_SUPPLY / 20n };

    it("should mirror itself when the token order changes", () => {
      const first = openingPool({ ...terms, xme: low, xmex: high });
      const second = openingPool({ ...terms, xme: high, xmex: low });
      expect([first.xmeIsToken0, second.xmeIsToken0]).to.deep.equal([true, false]);
      // √100 = 10 exactly; √0.01 is rounded down; 1.0001^46054 ≤ 100 < 1.0001^46055.
      expect(first.sqrtPriceX96).to.equal(10n << 96n);
      expect(second.sqrtPriceX96).to.equal((1n << 96n) / 10n);
      expect([first.tick, second.tick]).to.deep.equal([46_054n, -46_055n]);
      for (const { xmeIn, xmexIn, xmeLeft, xmexLeft } of [first, second]) {
        expect([xmeIn + xmeLeft, xmexIn + xmexLeft]).to.deep.equal([terms.xmeAmount, terms.xmexAmount]);
      }
      expect(first.xmeIn).to.be.closeTo(second.xmeIn, 10n ** 12n);
      expect(first.xmexIn).to.be.closeTo(second.xmexIn, 10n ** 12n);
    });

    it("given a price out of bounds, should refuse", () => {
      const { minimum, maximum } = OPENING_PRICE_BOUNDS;
      for (const priceWad of [minimum, maximum]) openingPool({ ...terms, priceWad, xme: low, xmex: high });
      for (const priceWad of [0n, -1n, minimum - 1n, maximum + 1n]) {
        expect(() => openingPool({ ...terms, priceWad, xme: low, xmex: high })).to.throw(RangeError, /is not between/);
      }
    });

    it("given a fee that Uniswap does not have, should refuse", () => {
      expect(() => openingPool({ ...terms, fee: 123n, xme: low, xmex: high })).to.throw(RangeError, /fee of 123/);
    });
  });

  describe("prices and ticks", () => {
    it("should have Uniswap's ends", () => {
      expect(sqrtPriceAtTick(-MAX_TICK)).to.equal(UNISWAP_MIN_SQRT_RATIO);
      expect(sqrtPriceAtTick(MAX_TICK)).to.equal(UNISWAP_MAX_SQRT_RATIO);
      expect(sqrtPriceAtTick(0n)).to.equal(1n << 96n);
    });

    it(`should find the tick that a real pool finds, for any price (seed ${SEED})`, async () => {
      const { factory } = await deployGround(connection);
      const { deployer } = await accounts(connection);
      for (let index = 0; index < 25; index++) {
        // Prices of every magnitude: as many bits as the dice say. A pool needs no tokens for that, only two addresses.
        const bits = 33n + random(`bits ${String(index)}`, 127n);
        const sqrtPriceX96 = (1n << bits) + random(`price ${String(index)}`, 1n << bits);
        const tokens = ["a", "b"].map((name) => ethers.id(`${SEED} ${name} ${String(index)}`).slice(0, 42));
        await factory.getFunction("createPool").send(...tokens, 3_000n);
        const address = (await factory.getFunction("getPool").staticCall(...tokens, 3_000n)) as Address;
        const pool = uniswapContract("pool", address, deployer);
        await pool.getFunction("initialize").send(sqrtPriceX96);
        const [, tick] = (await pool.getFunction("slot0").staticCall()) as [bigint, bigint];
        expect(tickAtSqrtPrice(sqrtPriceX96), String(sqrtPriceX96)).to.equal(tick);
      }
    });

    it("should take a tick's own price as that tick, and the price before it as the tick before", () => {
      for (let index = 0; index < 50; index++) {
        const tick = random(`tick ${String(index)}`, 2n * MAX_TICK - 1n) - MAX_TICK + 1n;
        const price = sqrtPriceAtTick(tick);
        expect(tickAtSqrtPrice(price)).to.equal(tick);
        expect(tickAtSqrtPrice(price - 1n)).to.equal(tick - 1n);
      }
    });

    it("given a tick or a price beyond the ends, should refuse", () => {
      expect(() => sqrtPriceAtTick(MAX_TICK + 1n)).to.throw(RangeError, /beyond/);
      expect(() => sqrtPriceAtTick(-MAX_TICK - 1n)).to.throw(RangeError, /beyond/);
      expect(() => tickAtSqrtPrice(UNISWAP_MIN_SQRT_RATIO - 1n)).to.throw(RangeError, /outside/);
      expect(() => tickAtSqrtPrice(UNISWAP_MAX_SQRT_RATIO)).to.throw(RangeError, /outside/);
      const range = { sqrtPriceX96: 10n, sqrtLowerX96: 10n, sqrtUpperX96: 20n };
      expect(() => liquidityForAmounts(range, 1n, 1n)).to.throw(RangeError, /not inside/);
      expect(() => sqrtPriceOfAmounts(0n, 1n)).to.throw(RangeError, /two positive amounts/);
    });
  });

  describe("square roots", () => {
    it("should be the largest whole number whose square is not above", () => {
      const values = [0n, 1n, 2n, 3n, 4n, 8n, 9n, 15n, 16n];
      for (let bits = 1n; bits <= 512n; bits += 7n) {
        const value = random(`root ${String(bits)}`, 1n << bits);
        values.push(value, value ** 2n, value ** 2n + 2n * value, value ** 2n + 2n * value + 1n);
      }
      for (const value of values) {
        const root = squareRoot(value);
        expect(root ** 2n <= value && (root + 1n) ** 2n > value, String(value)).to.equal(true);
      }
    });

    it("given a negative number, should refuse", () => {
      expect(() => squareRoot(-1n)).to.throw(RangeError, /negative/);
    });
  });

  describe("Uniswap V3 from its packages", () => {
    it("should draw a position, with the library linked", async () => {
      const { positionManager } = await deployAllocated(connection);
      const uri = (await positionManager.getFunction("tokenURI").staticCall(1n)) as string;
      const json = ethers.toUtf8String(ethers.decodeBase64(uri.slice("data:application/json;base64,".length)));
      const { name } = JSON.parse(json) as { readonly name: string };
      expect(name).to.match(/^Uniswap - 0\.3% - (XME\/XMEX|XMEX\/XME) - /);
    });

    it("should hand the factory to the owner named, or keep it with the deploying account", async () => {
      const { deployer, alice } = await accounts(connection);
      const wrappedEther = await addressOf(await ethers.deployContract("GenesisWrappedEther"));
      const kept = await deployUniswapV3(deployer, { wrappedEther });
      const handed = await deployUniswapV3(deployer, { wrappedEther, owner: alice.address as Address });
      const ownerOf = async (factory: Address) =>
        (await uniswapContract("factory", factory, deployer).getFunction("owner").staticCall()) as string;
      expect(await ownerOf(kept.factory)).to.equal(deployer.address);
      expect(await ownerOf(handed.factory)).to.equal(alice.address);
    });

    it("given a library's address is missing, should refuse to link", () => {
      expect(() => linkBytecode(uniswapArtifact("positionDescriptor"), {})).to.throw(
        /needs the address of the library/,
      );
    });

    it("given a part that the packages lack, should say so", () => {
      expect(() => uniswapArtifact("hook" as UniswapPart)).to.throw(/Uniswap's hook cannot be read/);
    });
  });
});
