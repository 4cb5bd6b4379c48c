/**
 * Accounts of a published mnemonic, for lists that are claimed on local chains.
 */

import { HDNodeWallet } from "ethers";

/**
 * The mnemonic of every local chain: Hardhat's, anvil's and Ganache's default accounts come from it. Everybody knows its keys: never send it
 * anything of worth.
 */
export const TEST_MNEMONIC = "test test test test test test test test test test test junk";

/**
 * @param count how many
 * @param mnemonic whose accounts
 * @returns the addresses at m/44'/60'/0'/0/0 and on, with their EIP-55 checksums
 */
export function mnemonicAccounts(count: number, mnemonic = TEST_MNEMONIC): string[] {
  const parent = HDNodeWallet.fromPhrase(mnemonic, undefined, "m/44'/60'/0'/0").neuter();
  return Array.from({ length: count }, (_, i) => parent.deriveChild(i).address);
}
