import type { HardhatEthersSigner } from "@nomicfoundation/hardhat-ethers/types";
import { Contract } from "ethers";

import type { XmeContracts } from "../../src/deployment/contracts.js";
import { formatAmount, formatCount } from "../../src/format.js";
import type { AirdropRow } from "../../src/xme/airdrop.js";
import { EMISSION_DURATION, EMISSION_STREAM, EMISSION_STREAMS, emissionLine } from "../../src/xme/emission.js";
import {
  allocationOf,
  ALLOCATIONS,
  VESTING_SCHEDULES,
  vestedAmount,
  YEAR,
  type AllocationRecipient,
} from "../../src/xme/genesis.js";
import { SaleModel } from "../../src/xme/sale.js";
import { someAddress } from "./accounts.js";
import type { Airdrop } from "./airdrop.js";
import { DECISION_COLUMNS, enact } from "./decisions.js";
import { Refusals, type Shares, tellGovernment } from "./government.js";
import { tellStaking } from "./staking.js";
import { sendFrom } from "./send.js";
import { figure, type Cell } from "./story.js";
import type { Person, XmeWorld } from "./world.js";

const MONTH = YEAR / 12n;
const ONE = 10n ** 18n;
/** Shares of the emission from month 12 on, in basis points: less for mining and voters, more for growth. */
const LATER_SHARES: Shares = [4_000n, 3_000n, 2_000n, 1_000n, 0n, 0n, 0n, 0n];
const SHARE_NAMES: Record<AllocationRecipient, string> = {
  treasury: "treasury (timelock)",
  publicSale: "public sale",
  airdrop: "airdrop",
  teamVesting: "team and advisers, vesting",
  privateSaleVesting: "private sale, vesting",
  liquiditySeeder: "Uniswap V3 pool",
  emissionVault: "emission vault",
};
/** Spares the many equal calls an estimate each. */
const ENOUGH = 300_000n;
/** Rows of the airdrop that nobody claims, so that there is something to sweep. */
const UNCLAIMED = 25;

/** X.me: genesis, pool, sale, government, staking, airdrop, vesting and emission, in the order of the calendar. */
export async function tellXme(world: XmeWorld, airdrop: Airdrop): Promise<void> {
  await tellGenesis(world);
  await tellSale(world);
  await tellGovernment(world);
  await tellStaking(world);
  await tellAirdrop(world, airdrop);
  await tellVestingAndEmission(world);
}

async function tellGenesis({ story, xme, parameters, opening }: XmeWorld): Promise<void> {
  story.chapter(
    "X.me: genesis",
    "One call hands out every XME and XMEX there will ever be, by a table that is part of the code,",
    "and opens the Uniswap V3 pool before anybody else holds a token.",
  );
  const treasury = await xme.timelock.getAddress();
  const holders: Record<AllocationRecipient, { address: string; rest: { XME: bigint; XMEX: bigint } }> = {
    treasury: { address: treasury, rest: { XME: opening.xmeLeft, XMEX: opening.xmexLeft } },
    publicSale: { address: await xme.publicSale.getAddress(), rest: { XME: 0n, XMEX: 0n } },
    airdrop: { address: await xme.airdrop.getAddress(), rest: { XME: 0n, XMEX: 0n } },
    teamVesting: { address: await xme.teamVesting.getAddress(), rest: { XME: 0n, XMEX: 0n } },
    privateSaleVesting: { address: await xme.privateSaleVesting.getAddress(), rest: { XME: 0n, XMEX: 0n } },
    emissionVault: { address: await xme.emissionVault.getAddress(), rest: { XME: 0n, XMEX: 0n } },
    // The seeder keeps nothing: what it got is in the pool, its rest with the treasury.
    liquiditySeeder: {
      address: await xme.pool.getAddress(),
      rest: { XME: -opening.xmeLeft, XMEX: -opening.xmexLeft },
    },
  };
  const rows = await Promise.all(
    ALLOCATIONS.map(async ({ token, recipient, percent, amount }): Promise<Cell[]> => {
      const { address, rest } = holders[recipient];
      const contract = token === "XME" ? xme.xme : xme.xmex;
      return [
        token,
        SHARE_NAMES[recipient],
        `${percent} %`,
        figure(await contract.balanceOf(address), amount + rest[token]),
      ];
    }),
  );
  story.table(
    "Who holds what after genesis (the pool's rest has gone to the treasury)",
    ["token", "for", "share", "holds"],
    rows,
  );

  const { sqrtPriceX96, tick } = await xme.pool.slot0();
  story.table(
    `The pool opens at ${formatAmount(parameters.pool.openingPriceWad)} XMEX for 1 XME, full range, owned by the timelock`,
    ["what", "value"],
    [
      ["√price × 2^96", figure(sqrtPriceX96, opening.sqrtPriceX96, "count")],
      ["tick", figure(tick, opening.tick, "count")],
      ["liquidity", figure(await liquidityOf(xme), opening.liquidity, "count")],
    ],
  );
}

/** Our interface of the pool has only what our contracts call; the story reads one thing more. */
async function liquidityOf({ pool }: XmeContracts): Promise<bigint> {
  const whole = new Contract(await pool.getAddress(), ["function liquidity() view returns (uint128)"], pool.runner);
  return whole.getFunction("liquidity").staticCall() as Promise<bigint>;
}

async function tellSale(world: XmeWorld): Promise<void> {
  const { story, xme, citizens, connection } = world;
  const { ethers } = connection;
  const { sale } = world.parameters;
  story.chapter(
    "X.me: the public sale",
    `XME at ${formatAmount(sale.price, 18, 6)} ETH, at most ${formatAmount(sale.walletCap, 18, 0)} XME for a wallet, until it is sold out or over.`,
  );
  const contract = xme.publicSale;
  const model = new SaleModel(
    { price: sale.price, walletCap: sale.walletCap, start: sale.opens, end: sale.closes },
    allocationOf("XME", "publicSale"),
  );
  const signers = await ethers.getSigners();

  const rows: Cell[][] = [];
  async function buy(name: string, buyer: HardhatEthersSigner, beneficiary: string, wanted: bigint): Promise<void> {
    const value = (wanted * sale.price) / ONE;
    const quoted = model.quote(beneficiary, wanted, await world.now());
    if (typeof quoted === "string") {
      const refused = await contract
        .connect(buyer)
        .buy.staticCall(beneficiary, wanted, 1n, { value })
        .then(
          () => undefined,
          (error: unknown) => String(error),
        );
      rows.push([
        name,
        formatAmount(wanted, 18, 0),
        `refused: ${quoted}`,
        figure(refused?.includes(quoted) ? 0n : 1n, 0n),
        figure(0n, 0n, "ether"),
      ]);
      return;
    }
    const limit = model.room(beneficiary) <= model.remaining ? "the cap" : "the last XME";
    const before = await xme.xme.balanceOf(beneficiary);
    const receipt = await (await contract.connect(buyer).buy(beneficiary, wanted, 1n, { value })).wait();
    const fill = model.buy(beneficiary, wanted, 1n, value, await world.now());
    if (typeof fill === "string" || receipt === null)
      throw new Error(`The model refuses what the chain took: ${String(fill)}.`);
    const log = receipt.logs
      .map((entry) => contract.interface.parseLog(entry))
      .find((entry) => entry?.name === "Bought");
    rows.push([
      name,
      formatAmount(wanted, 18, 0),
      fill.xmeOut < wanted ? `in part: ${limit}` : "bought",
      figure((await xme.xme.balanceOf(beneficiary)) - before, fill.xmeOut),
      figure((log?.args.cost as bigint | undefined) ?? 0n, fill.cost, "ether"),
    ]);
  }

  const [first, second] = [signers[20], signers[21]];
  if (first === undefined || second === undefined) throw new Error("The sale needs more accounts.");
  await buy("Ada", first, first.address, 1_234n * ONE);
  await buy("Ada again, up to her cap", first, first.address, sale.walletCap - 1_234n * ONE);
  await buy("Ada once more", first, first.address, ONE);
  await buy("Ben wants twice his cap, gets it once", second, second.address, 2n * sale.walletCap);

  // A crowd buys up to the cap until less than a cap is left; those who come first have accounts here, and go on.
  const crowd = signers.slice(20);
  let buyers = 0;
  while (model.remaining > sale.walletCap) {
    const citizen = citizens[buyers];
    const payer = citizen?.signer ?? crowd[buyers % crowd.length];
    const wallet = citizen?.address ?? someAddress();
    if (payer === undefined) throw new Error("The crowd is empty.");
    const value = (sale.walletCap * sale.price) / ONE;
    const call = await contract.buy.populateTransaction(wallet, sale.walletCap, sale.walletCap, { value });
    await sendFrom(connection, payer.address, call, ENOUGH);
    const fill = model.buy(wallet, sale.walletCap, sale.walletCap, value, await world.now());
    if (typeof fill === "string") throw new Error(`The model refuses what the chain took: ${fill}.`);
    buyers += 1;
  }
  await buy("Eli, a small lot", crowd[4] ?? first, (crowd[4] ?? first).address, model.remaining - 5n * ONE);
  await buy("Cleo wants 100, gets the last 5", crowd[2] ?? first, (crowd[2] ?? first).address, 100n * ONE);
  await buy("Dan, too late", crowd[3] ?? first, (crowd[3] ?? first).address, ONE);
  story.table(
    `Purchases (between the fourth and the last three, ${formatCount(buyers)} wallets buy up to their cap)`,
    ["who", "wants", "gets", "XME", "ETH paid"],
    rows,
  );

  const treasury = await xme.timelock.getAddress();
  const before = await ethers.provider.getBalance(treasury);
  await contract.connect(first).withdrawProceeds();
  world.treasury.ether += model.raised;
  story.table(
    "The sale at its end",
    ["what", "value"],
    [
      ["XME sold", figure(await contract.totalSold(), model.sold)],
      ["XME left", figure(await contract.remaining(), model.remaining)],
      ["ETH paid out to the treasury", figure((await ethers.provider.getBalance(treasury)) - before, model.raised)],
    ],
  );
}

async function tellAirdrop(world: XmeWorld, { root, proofs }: Airdrop): Promise<void> {
  const { story, xme, parameters, connection } = world;
  story.chapter(
    "X.me: the airdrop",
    `A list of ${formatCount(proofs.length)} addresses became a Merkle root; each account is paid once, with a proof that the tools look up.`,
    `All but the last ${UNCLAIMED} are claimed; what is left at the deadline goes to the treasury.`,
  );
  const anybody = world.person(0, "anybody");
  const contract = xme.airdrop.connect(anybody.signer);
  const claimed = proofs.slice(0, proofs.length - UNCLAIMED);
  // Some of the list's accounts bought in the sale or vest, so what counts is by how much each balance grew.
  const holdings = (): Promise<bigint[]> => Promise.all(claimed.map(({ account }) => xme.xme.balanceOf(account)));
  const held = await holdings();
  let gas = 0n;
  for (const { index, account, amount, proof } of claimed) {
    const call = await contract.claim.populateTransaction(index, account, amount, proof);
    const hash = await sendFrom(connection, anybody.address, call, ENOUGH);
    const receipt = (await connection.ethers.provider.send("eth_getTransactionReceipt", [hash])) as { gasUsed: string };
    gas += BigInt(receipt.gasUsed);
  }
  const paid = (await holdings()).map((balance, i) => balance - (held[i] ?? 0n));
  const wrong = claimed.filter(({ amount }, i) => paid[i] !== amount).length;
  const sum = (rows: readonly AirdropRow[]): bigint => rows.reduce((total, { amount }) => total + amount, 0n);
  const allocation = allocationOf("XME", "airdrop");
  const again = await contract.isClaimed(claimed[0]?.index ?? 0n);

  await connection.networkHelpers.time.increaseTo(parameters.airdrop.deadline);
  const treasury = await xme.timelock.getAddress();
  const before = await xme.xme.balanceOf(treasury);
  await contract.sweepUnclaimed();
  const swept = (await xme.xme.balanceOf(treasury)) - before;
  world.treasury.xme += allocation - sum(claimed);
  story.table(
    "The airdrop",
    ["what", "XME"],
    [
      [
        "claimed",
        figure(
          paid.reduce((total, amount) => total + amount, 0n),
          sum(claimed),
        ),
      ],
      ["swept to the treasury at the deadline", figure(swept, allocation - sum(claimed))],
      ["left in the contract", figure(await xme.xme.balanceOf(await contract.getAddress()), 0n)],
    ],
  );
  story.table(
    "and its accounts",
    ["what", "count"],
    [
      ["accounts that got what the list says", figure(BigInt(claimed.length - wrong), BigInt(claimed.length), "count")],
      ["root in the contract is the list's", figure(root === (await contract.merkleRoot()) ? 1n : 0n, 1n, "count")],
      ["first row marked as claimed", figure(again ? 1n : 0n, 1n, "count")],
    ],
  );
  story.note(`A claim took ${formatCount(gas / BigInt(claimed.length))} gas on average.`);
}

async function tellVestingAndEmission(world: XmeWorld): Promise<void> {
  const { story, xme, parameters, connection, emission: model } = world;
  const { emission } = parameters;
  const { emissionVault: vault, votes, nodes } = xme;
  story.chapter(
    "X.me: vesting and emission",
    "Team and advisers: nothing for a year, all after four. Private sale: nothing for half a year, all after two.",
    "XMEX incentives unlock evenly over eight years; holders of votes say who may draw from which stream, and how large each is.",
  );
  const anybody = world.person(0, "anybody");
  const mining = { stream: EMISSION_STREAM.socialMining, drawer: world.person(9, "mining's drawer") };
  const growth = { stream: EMISSION_STREAM.userGrowth, drawer: world.person(10, "growth's drawer") };
  const drawn: { readonly stream: number; readonly drawer: Person }[] = [mining];
  const vesting: Cell[][] = [];
  const emitted: Cell[][] = [];
  const waiting: Cell[][] = [];

  async function release(month: bigint): Promise<void> {
    for (const wallet of ["teamVesting", "privateSaleVesting"] as const) {
      const contract = xme[wallet];
      const token = await xme.xme.getAddress();
      await contract.connect(anybody.signer)["release(address)"](token);
      const since = (await world.now()) - world.genesisAt;
      const vested = vestedAmount(VESTING_SCHEDULES[wallet], allocationOf("XME", wallet), since);
      vesting.push([SHARE_NAMES[wallet], `${month}`, figure(await contract["released(address)"](token), vested)]);
    }
  }

  async function emit(label: string): Promise<void> {
    const at = await world.now();
    const gone = Array.from({ length: EMISSION_STREAMS }, (_, stream) => model.netDrawn(stream));
    emitted.push([
      label,
      formatAmount(emissionLine(at - emission.start), 18, 0),
      figure(await vault.unlocked(), model.unlocked(at)),
      figure(
        await xme.xmex.balanceOf(await vault.getAddress()),
        gone.reduce((rest, amount) => rest - amount, allocationOf("XMEX", "emissionVault")),
      ),
    ]);
    const streams = Object.values(EMISSION_STREAM).map(async (stream) =>
      figure(await vault.available(stream), model.available(stream, at)),
    );
    waiting.push([label, ...(await Promise.all(streams))]);
  }

  /** Half of what it has by each drawer; all of the stakings' streams, by anybody's call. */
  async function draw(): Promise<void> {
    for (const { stream, drawer } of drawn) {
      const amount = model.available(stream, await world.now()) / 2n;
      const call = vault.draw.populateTransaction(stream, drawer.address, amount);
      model.draw(stream, await world.send(drawer, call), amount);
    }
    world.nodes.collectIncome(await world.send(anybody, nodes.collectIncome.populateTransaction()));
    world.votes.advance(await world.send(anybody, votes.advance.populateTransaction()));
  }

  let shared: readonly Cell[][] = [];
  let named: readonly Cell[][] = [];
  const refusals = new Refusals(world);
  for (const month of [6n, 12n, 18n, 24n, 48n]) {
    await world.goTo(world.genesisAt + month * MONTH - 1n);
    await release(month);
    await emit(`month ${month}`);
    await draw();
    if (month === 12n) {
      const title = "Less of the emission for mining and votes, more for growth";
      const { at, rows } = await enact(
        world,
        title,
        [await vault.setShares.populateTransaction(LATER_SHARES)],
        anybody,
      );
      model.setShares(at, LATER_SHARES);
      shared = rows;
    }
    if (month === 24n) {
      await world.goTo(parameters.governance.sunset);
      const deed = await vault.setDrawer.populateTransaction(growth.stream, growth.drawer.address);
      const title = "Growth gets another drawer";
      const { rows } = await enact(world, title, [deed], anybody, async ({ decided }) => {
        const call = xme.governor.cancel.populateTransaction(...decided);
        const guardian = world.person(1, "the guardian");
        await refusals.add(guardian, "cancel it after its sunset", xme.governor, call, "GovernorUnableToCancel");
      });
      drawn.push(growth);
      named = rows;
    }
  }
  await world.goTo(emission.start + EMISSION_DURATION);
  await emit("year 8");
  await world.goTo((await world.now()) + YEAR);
  await emit("year 9");
  story.table("Vesting: what the beneficiary has been paid", ["wallet", "month", "XME"], vesting);
  story.table(
    "Month 12: the emission's shares change from 55, 10, 20 and 15 % to 40, 30, 20 and 10 %",
    DECISION_COLUMNS,
    shared,
  );
  story.table("Month 24: growth gets another drawer, whatever the guardian does", DECISION_COLUMNS, named);
  refusals.tell("The guardian's time is over");
  story.table(
    "Emission: unlocked against its line, and what of it is still in the vault",
    ["when", "line", "unlocked", "XMEX in the vault"],
    emitted,
  );
  story.table(
    "What each stream has: the drawers of mining and growth take half each time, nodes and votes get theirs when anybody calls",
    ["when", "0: mining", "1: growth", "2: nodes", "3: votes"],
    waiting,
  );
  const treasury = await xme.timelock.getAddress();
  story.table(
    "X.me in the end",
    ["what", "amount"],
    [
      ["XME in existence", figure(await xme.xme.totalSupply(), world.supply)],
      ["XME in the treasury", figure(await xme.xme.balanceOf(treasury), world.treasury.xme)],
      ["XMEX in the treasury", figure(await xme.xmex.balanceOf(treasury), world.treasury.xmex)],
      ["ether in the treasury", figure(await connection.ethers.provider.getBalance(treasury), world.treasury.ether)],
    ],
  );
}
