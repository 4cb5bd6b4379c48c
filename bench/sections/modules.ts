/** Emission vault and public sale, which have no peer, and vesting beside OpenZeppelin's wallet. */

import type { BenchChain, Measured, Target } from "../chain.js";
import type { Hex } from "../floor.js";
import type { GasSection } from "../report.js";
import { compareAll, type Scene } from "./compare.js";

const TOKEN = 10n ** 18n;
const DAY = 86_400n;

/** Account 0 holds all tokens, the others play. */
function castOf(chain: BenchChain): { owner: Hex; holder: Hex; empty: Hex; drawer: Hex; other: Hex; treasury: Hex } {
  const [owner, holder, empty, drawer, other, treasury] = [0, 1, 2, 3, 4, 5].map((index) => chain.account(index)) as [
    Hex,
    Hex,
    Hex,
    Hex,
    Hex,
    Hex,
  ];
  return { owner, holder, empty, drawer, other, treasury };
}

/** Measures the vault's calls on a chain of its own. */
export async function emissionSection(chain: BenchChain): Promise<GasSection> {
  const { owner, holder, empty, drawer } = castOf(chain);
  const token = await chain.deploy("XMEX");
  const manager = await chain.deploy("AccessManager", [owner]);
  const shares = [5_000, 5_000, 0, 0, 0, 0, 0, 0];
  const vault = await chain.deploy("EmissionVault", [token.address, manager.address, chain.now, shares]);
  await chain.send({ from: owner, to: vault, method: "setDrawer", args: [0, drawer] });
  await chain.send({
    from: owner,
    to: token,
    method: "transfer",
    args: [vault.address, 90_000_000_000n * TOKEN],
  });
  await chain.send({ from: owner, to: token, method: "transfer", args: [holder, TOKEN] });
  chain.wait(30n * DAY);
  const draw = (to: Hex): { from: Hex; to: Target; method: string; args: readonly unknown[] } => ({
    from: drawer,
    to: vault,
    method: "draw",
    args: [0, to, 1_000n * TOKEN],
  });
  const scene = (call: string, given: string, play: () => Promise<Measured>): Scene<Target> => ({ call, given, play });
  const rows = await compareAll(
    chain,
    [vault],
    [
      scene("draw", "the first of a stream, to an empty account", () => chain.measure(draw(empty))),
      scene("draw", "a later one, to an empty account", async () => {
        await chain.send(draw(holder));
        return chain.measure(draw(empty));
      }),
      scene("draw", "a later one, to a holder", async () => {
        await chain.send(draw(holder));
        return chain.measure(draw(holder));
      }),
      scene("drawAvailable", "after a draw, to a holder", async () => {
        await chain.send(draw(holder));
        return chain.measure({ from: drawer, to: vault, method: "drawAvailable", args: [0, holder] });
      }),
      scene("returnTo", "a part of what was drawn", async () => {
        await chain.send(draw(holder));
        await chain.send({ from: holder, to: token, method: "approve", args: [vault.address, 200n * TOKEN] });
        return chain.measure({ from: holder, to: vault, method: "returnTo", args: [0, 100n * TOKEN] });
      }),
    ],
  );
  return {
    id: "emission",
    title: "Emission vault",
    note: "One of two streams with half of the emission each, 30 days after the start. There is no peer to compare with.",
    peers: [],
    rows,
  };
}

/** Measures the sale's calls on a chain of its own. */
export async function saleSection(chain: BenchChain): Promise<GasSection> {
  const { owner, holder, empty, other, treasury } = castOf(chain);
  const price = 10n ** 14n;
  const token = await chain.deploy("XME");
  const sale = await chain.deploy("PublicSale", [
    token.address,
    treasury,
    price,
    1_000_000n * TOKEN,
    chain.now,
    chain.now + 30n * DAY,
  ]);
  await chain.send({ from: owner, to: token, method: "transfer", args: [sale.address, 250_000_000n * TOKEN] });
  await chain.send({ from: owner, to: token, method: "transfer", args: [holder, TOKEN] });
  const buy = (
    buyer: Hex,
    tip = 0n,
  ): { from: Hex; to: Target; method: string; args: readonly unknown[]; value: bigint } => ({
    from: buyer,
    to: sale,
    method: "buy",
    args: [buyer, 1_000n * TOKEN, 1_000n * TOKEN],
    value: 1_000n * price + tip,
  });
  // Somebody has bought before everybody below.
  await chain.send(buy(other));
  const scene = (call: string, given: string, play: () => Promise<Measured>): Scene<Target> => ({ call, given, play });
  const rows = await compareAll(
    chain,
    [sale],
    [
      scene("buy", "the first of a wallet that holds no XME", () => chain.measure(buy(empty))),
      scene("buy", "the first of a holder", () => chain.measure(buy(holder))),
      scene("buy", "a later one", async () => {
        await chain.send(buy(holder));
        return chain.measure(buy(holder));
      }),
      scene("buy", "a later one, with change", async () => {
        await chain.send(buy(holder));
        return chain.measure(buy(holder, price));
      }),
      scene("withdrawProceeds", "to a treasury without code", () =>
        chain.measure({ from: other, to: sale, method: "withdrawProceeds" }),
      ),
    ],
  );
  return {
    id: "sale",
    title: "Public sale",
    note:
      "Somebody else has bought before. There is no peer to compare with. " +
      "The floor leaves out what the protocol charges for sending ether from a contract: 6,700 in the rows with change and proceeds.",
    peers: [],
    rows,
  };
}

/** Measures vesting on a chain of its own. */
export async function vestingSection(chain: BenchChain): Promise<GasSection> {
  const { owner, holder, other } = castOf(chain);
  const token = await chain.deploy("XME");
  const [cliff, duration] = [365n * DAY, 4n * 365n * DAY];
  const start = chain.now;
  const ours = await chain.deploy("Vesting", [token.address, holder, start, cliff, duration]);
  const plain = await chain.deployBench("BenchVestingWallet", [holder, start, cliff, duration]);
  for (const { address } of [ours, plain]) {
    await chain.send({ from: owner, to: token, method: "transfer", args: [address, 150_000_000n * TOKEN] });
  }
  chain.wait(400n * DAY);
  const release = (wallet: Target): { from: Hex; to: Target; method: string; args: readonly unknown[] } => ({
    from: other,
    to: wallet,
    method: "release(address)",
    args: [token.address],
  });
  const rows = await compareAll(
    chain,
    [ours, plain],
    [
      { call: "release", given: "the first, to an empty account", play: (wallet) => chain.measure(release(wallet)) },
      {
        call: "release",
        given: "a later one, to a holder",
        play: async (wallet) => {
          await chain.send(release(wallet));
          chain.wait(30n * DAY);
          return chain.measure(release(wallet));
        },
      },
    ],
  );
  return {
    id: "vesting",
    title: "Vesting beside OpenZeppelin's VestingWalletCliff",
    note: "Four years with a cliff of one, both wallets with the same XME for the same owner.",
    peers: ["VestingWalletCliff"],
    rows,
  };
}
