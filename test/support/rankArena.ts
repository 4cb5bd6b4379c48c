import { network } from "hardhat";

import { RankDuel, type Connection } from "./rankDuel.js";
import { xrankError } from "./rankErrors.js";
import { setCounters } from "./rankState.js";
import { deployXen, deployXenFromRank, deployXenVariant, type XenVariant } from "./xen.js";

/** The XEN that XRANK is compared with. */
export type Peer =
  /** XEN Crypto from its first rank; the amplifier at genesis is 3,000, or 300 where the artifact must be untouched. */
  | { readonly kind: "XENCrypto"; readonly amplifier: 300 | 3_000 }
  /** XEN Crypto that gives `rank` first. */
  | { readonly kind: "from rank"; readonly rank: bigint }
  /** One of XEN's own test contracts. */
  | { readonly kind: "variant"; readonly name: XenVariant };

const VARIANT_RANKS: Readonly<Record<XenVariant, bigint>> = {
  XENCrypto5001: 5_001n,
  XENCrypto100001: 100_001n,
  XENCrypto25mm1: 25_000_001n,
};

export interface Arena {
  readonly connection: Connection;
  readonly peer: string;
  readonly ours: string;
  readonly duel: RankDuel;
}

/** The chain of all arenas of a process, and its state before the first: to start one takes longer than to play on it for a while. */
let chain: { readonly connection: Connection; readonly empty: Awaited<ReturnType<typeof snapshotOf>> } | undefined;

const snapshotOf = ({ networkHelpers }: Connection) => networkHelpers.takeSnapshot();

/** @returns a chain on which nothing has happened yet */
async function emptyChain(): Promise<Connection> {
  if (chain !== undefined) {
    await chain.empty.restore();
    return chain.connection;
  }
  const connection = await network.create({
    override: {
      blockGasLimit: 1_000_000_000n,
      allowBlocksWithSameTimestamp: true,
      initialDate: "2030-01-01T00:00:00Z",
    },
  });
  chain = { connection, empty: await snapshotOf(connection) };
  return connection;
}

/** A chain on which a XEN and an XRANK that starts at the same rank were deployed in the same second; it ends the arena before. */
export async function openArena(peer: Peer): Promise<Arena> {
  const connection = await emptyChain();
  const { ethers, networkHelpers } = connection;
  const [signer] = await ethers.getSigners();
  if (signer === undefined) throw new Error("the chain has no funded account");

  const peerAddress =
    peer.kind === "XENCrypto"
      ? await deployXen(signer, peer.amplifier)
      : peer.kind === "variant"
        ? await deployXenVariant(signer, peer.name)
        : await deployXenFromRank(signer, peer.rank);
  await networkHelpers.time.setNextBlockTimestamp(await networkHelpers.time.latest());
  const ours = await ethers.deployContract("XRank");
  if (peer.kind !== "XENCrypto") {
    await setCounters(networkHelpers, ours, { rank: peer.kind === "variant" ? VARIANT_RANKS[peer.name] : peer.rank });
  }
  const address = await ours.getAddress();
  const duel = await RankDuel.create(
    connection,
    peerAddress,
    { address, abi: ours.interface, expected: xrankError, hasPreviews: true },
    peer.kind !== "variant",
  );
  return { connection, peer: peerAddress, ours: address, duel };
}
