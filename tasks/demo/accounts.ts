import { getAddress, HDNodeWallet, hexlify, randomBytes } from "ethers";
import type { EdrNetworkAccountUserConfig, NetworkConfig } from "hardhat/types/config";

/** Wei that each account begins with. */
const BALANCE = 10_000n * 10n ** 18n;

/** The accounts of the network's mnemonic, as many as are wanted: Hardhat would go back to the mnemonic for each, which takes far longer. */
export async function accountsOf(
  network: NetworkConfig | undefined,
  count: number,
): Promise<EdrNetworkAccountUserConfig[]> {
  if (network?.type !== "edr-simulated" || Array.isArray(network.accounts)) {
    throw new Error("The chain in memory has the accounts of a mnemonic.");
  }
  const { mnemonic, path, passphrase } = network.accounts;
  const root = HDNodeWallet.fromPhrase(await mnemonic.get(), await passphrase.get(), path);
  return Array.from({ length: count }, (_, i) => ({ privateKey: root.deriveChild(i).privateKey, balance: BALANCE }));
}

/** An address of nobody in particular. */
export function someAddress(): `0x${string}` {
  return getAddress(hexlify(randomBytes(20))) as `0x${string}`;
}
