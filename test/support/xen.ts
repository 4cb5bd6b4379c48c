import { readFileSync } from "node:fs";
import { createRequire } from "node:module";

import { Interface, type JsonFragment, type Signer } from "ethers";

const require = createRequire(import.meta.url);

/** What a truffle artifact of npm's `@faircrypto/xen-crypto` holds that is needed here. */
interface Artifact {
  readonly abi: readonly JsonFragment[];
  readonly bytecode: string;
  readonly deployedBytecode: string;
  readonly immutableReferences: Readonly<
    Record<string, readonly { readonly start: number; readonly length: number }[]>
  >;
}

/** The prebuilt test contracts of XEN that start at another rank. */
export type XenVariant = "XENCrypto5001" | "XENCrypto100001" | "XENCrypto25mm1";

function artifact(name: string): Artifact {
  const path = require.resolve(`@faircrypto/xen-crypto/build/contracts/${name}.json`);
  return JSON.parse(readFileSync(path, "utf8")) as Artifact;
}

/** XEN Crypto's interface, from its prebuilt artifact. */
export const xenInterface = new Interface(artifact("XENCrypto").abi);

/** The two values of `REWARD_AMPLIFIER_START`, as the operand of the instruction that pushes it. */
const OPTIMISM_AMPLIFIER = "61012c";
const MAINNET_AMPLIFIER = "610bb8";
const AMPLIFIER_USES = 3;

/**
 * Sets the amplifier at genesis to 3,000.
 *
 * The prebuilt `XENCrypto` of version 0.6.1 is XEN's Optimism build, whose one difference in behaviour from the Solidity source
 * of the same package is `REWARD_AMPLIFIER_START = 300` instead of 3,000. The constant stands three times in the bytecode, each
 * time as a two-byte operand: in its getter, in the comparison and in the subtraction of the current amplifier.
 */
function withMainnetAmplifier(bytecode: string): string {
  const parts = bytecode.split(OPTIMISM_AMPLIFIER);
  if (parts.length !== AMPLIFIER_USES + 1) {
    throw new Error(
      `XENCrypto's bytecode pushes the amplifier ${parts.length - 1} times, not ${AMPLIFIER_USES} times; check the version of @faircrypto/xen-crypto`,
    );
  }
  return parts.join(MAINNET_AMPLIFIER);
}

async function deploy(signer: Signer, initcode: string): Promise<string> {
  const transaction = await signer.sendTransaction({ data: initcode, gasLimit: 10_000_000n });
  const receipt = await transaction.wait();
  if (receipt?.contractAddress == null) throw new Error("XEN's creation transaction made no contract");
  return receipt.contractAddress;
}

/** Deploys the prebuilt `XENMath` and puts its address where `bytecode` leaves room for it. */
async function linked(signer: Signer, bytecode: string): Promise<string> {
  const library = await deploy(signer, artifact("XENMath").bytecode);
  return bytecode.replace(/__XENMath_+/g, library.slice(2).toLowerCase());
}

/**
 * Deploys the prebuilt `XENCrypto`, linked with its prebuilt `XENMath`.
 * @param amplifier the amplifier at genesis: 3,000 as in the package's source, or 300 for the artifact untouched
 */
export async function deployXen(signer: Signer, amplifier: 300 | 3_000 = 3_000): Promise<string> {
  const bytecode = await linked(signer, artifact("XENCrypto").bytecode);
  return deploy(signer, amplifier === 3_000 ? withMainnetAmplifier(bytecode) : bytecode);
}

/** Deploys one of the prebuilt variants of XEN that start at another rank. */
export async function deployXenVariant(signer: Signer, variant: XenVariant): Promise<string> {
  return deploy(signer, artifact(variant).bytecode);
}

/** Storage slots of `XENCrypto`: three of OpenZeppelin's ERC-20 come first, then its name and symbol. */
const NAME_SLOT = 3;
const SYMBOL_SLOT = 4;
const GLOBAL_RANK_SLOT = 5;

function word(value: bigint): string {
  return value.toString(16).padStart(64, "0");
}

/** Solidity's storage word of a string shorter than 32 bytes. */
function shortString(text: string): bigint {
  const bytes = Buffer.alloc(32);
  bytes.write(text, "utf8");
  bytes[31] = Buffer.byteLength(text) * 2;
  return BigInt(`0x${bytes.toString("hex")}`);
}

/** The two-byte push of a code offset or size. */
function push2(value: number): string {
  return `61${value.toString(16).padStart(4, "0")}`;
}

/**
 * Deploys `XENCrypto` so that it starts at `rank`: the runtime code is that of the prebuilt artifact with the amplifier 3,000;
 * the creation code does what XEN's own constructor does (name, symbol, first rank, genesis time), with another first rank.
 * It lets a trace cross a threshold which the prebuilt variants have already behind them.
 */
export async function deployXenFromRank(signer: Signer, rank: bigint): Promise<string> {
  const { deployedBytecode, immutableReferences } = artifact("XENCrypto");
  const runtime = withMainnetAmplifier(await linked(signer, deployedBytecode)).slice(2);
  const size = runtime.length / 2;
  const stores = [
    [NAME_SLOT, shortString("XEN Crypto")],
    [SYMBOL_SLOT, shortString("opXEN")],
    [GLOBAL_RANK_SLOT, rank],
  ] as const;
  const genesis = Object.values(immutableReferences).flat();
  const prologue = stores.map(([slot, value]) => `7f${word(value)}60${slot.toString(16).padStart(2, "0")}55`).join("");
  // TIMESTAMP goes into each place that the runtime code keeps for the genesis time
  const immutables = genesis.map(({ start }) => `42${push2(start)}52`).join("");
  const copyLength = (push2(0) + push2(0) + "600039").length / 2;
  const epilogue = `${push2(size)}6000f3`;
  const offset = (prologue.length + immutables.length + epilogue.length) / 2 + copyLength;
  const copy = `${push2(size)}${push2(offset)}600039`;
  return deploy(signer, `0x${prologue}${copy}${immutables}${epilogue}${runtime}`);
}
