/**
 * Agents as ERC-8004 names them, and the consent by which a wallet becomes an agent's: what `AgentRegistry` and the deployed identity
 * registries check, for wallets that sign it and for tools that ask them to.
 */

import type { TypedDataDomain, TypedDataField } from "ethers";

/** An address, in whatever case. */
export type Address = `0x${string}`;

/** Seconds that a consent may run ahead, at most. ERC-8004's deployed registries: five minutes. */
export const MAX_CONSENT_DELAY = 300n;

/** The metadata key that shows an agent's wallet and that nobody sets by hand. */
export const WALLET_KEY = "agentWallet";

/** The struct that a wallet signs, as `signTypedData` takes it. */
export const CONSENT_TYPES: Record<"AgentWalletSet", TypedDataField[]> = {
  AgentWalletSet: [
    { name: "agentId", type: "uint256" },
    { name: "newWallet", type: "address" },
    { name: "owner", type: "address" },
    { name: "deadline", type: "uint256" },
  ],
};

/** What a wallet agrees to: to receive what `agentId` earns while `owner` has it, if it is told to the registry by `deadline`, in seconds. */
export interface WalletConsent {
  readonly agentId: bigint;
  readonly newWallet: Address;
  readonly owner: Address;
  readonly deadline: bigint;
}

/** Whoever can sign typed data: a signer of ethers, or a hardware wallet behind the same function. */
export interface ConsentSigner {
  signTypedData(
    domain: TypedDataDomain,
    types: Record<string, TypedDataField[]>,
    value: Record<string, unknown>,
  ): Promise<string>;
}

/** A registry on a chain. */
export interface RegistryPlace {
  readonly chainId: bigint;
  readonly registry: Address;
}

/**
 * The EIP-712 domain of every ERC-8004 identity registry.
 *
 * @param place where the registry stands
 */
export function consentDomain({ chainId, registry }: RegistryPlace): TypedDataDomain {
  return { name: "ERC8004IdentityRegistry", version: "1", chainId, verifyingContract: registry };
}

/**
 * Lets `signer`, which holds the key of the new wallet, consent to become the wallet of an agent.
 *
 * @returns the signature that `setAgentWallet` takes
 */
export async function signConsent(
  signer: ConsentSigner,
  place: RegistryPlace,
  consent: WalletConsent,
): Promise<`0x${string}`> {
  return (await signer.signTypedData(consentDomain(place), CONSENT_TYPES, { ...consent })) as `0x${string}`;
}

/**
 * The name of a registry in registration files, such as "eip155:1:0x8004…".
 *
 * @param place where the registry stands
 */
export function registryName({ chainId, registry }: RegistryPlace): string {
  return `eip155:${String(chainId)}:${registry}`;
}

/**
 * The short name of an agent that ERC-8004 clients use, such as "1:7".
 *
 * @param chainId the chain of its registry
 * @param agentId its number there
 */
export function agentName(chainId: bigint, agentId: bigint): string {
  return `${String(chainId)}:${String(agentId)}`;
}

/**
 * Reads what `agentName` writes.
 *
 * @param name such as "1:7"
 * @throws RangeError where it is something else
 */
export function parseAgentName(name: string): { chainId: bigint; agentId: bigint } {
  const [, chainId, agentId] = /^(\d+):(\d+)$/.exec(name) ?? [];
  if (chainId === undefined || agentId === undefined) {
    throw new RangeError(`"${name}" names no agent; a name is the chain's number and the agent's, such as "1:7"`);
  }
  return { chainId: BigInt(chainId), agentId: BigInt(agentId) };
}
