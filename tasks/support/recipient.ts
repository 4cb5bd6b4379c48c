import { getAddress } from "ethers";

import { CONTRACTS, type ContractRecord, ECONOMIES } from "../../src/deployment/contracts.js";
import { ExplainedError } from "../../src/deployment/explained-error.js";
import type { Address } from "../../src/deployment/folder.js";
import { givenAddress } from "./inputs.js";
import type { Session } from "./session.js";

/**
 * Contracts of a deployment, by the names of their ABIs, that have a use for whatever is sent to them outright:
 * - a timelock is a treasury, which spends by proposal tokens, content and the chain's currency alike;
 * - a vesting wallet pays its owner any token that it holds, on its schedule.
 *
 * All others are refused. Most count what they are given by their own functions alone, and keep what comes outright for ever. XME that come so to
 * the sale or to the airdrop are sold, or swept into the treasury: whom the sender means gets nothing of them. What a governor or an access manager
 * holds only a proposal can move, and nobody keeps tokens there. What Uniswap's contracts hold outright anybody takes, or nobody.
 */
const RECEIVING: ReadonlySet<string> = new Set(["TimelockController", "Vesting"]);

/** @returns the name of the contract of a deployment that is at an address, if it would lose what is sent to it */
function losing({ deployment: { addresses } }: Pick<Session, "deployment">, at: Address): string | undefined {
  const records = ECONOMIES.flatMap((economy) => Object.values(CONTRACTS[economy]) as ContractRecord[]);
  const found = records.find(({ future }) => {
    const address = addresses.get(future);
    return address !== undefined && getAddress(address) === at;
  });
  return found && !RECEIVING.has(found.contract) ? (found.future.split("#")[1] ?? found.contract) : undefined;
}

/**
 * @param option the option's name, for the message
 * @returns the address to which something of worth goes, with its checksum
 * @throws ExplainedError if it is missing, malformed, or a contract of the deployment that has no use for what it gets
 */
export function givenRecipient(
  session: Pick<Session, "deployment">,
  option: string,
  value: string,
  advice = "give the address that receives it",
): Address {
  const to = givenAddress(option, value, advice);
  const contract = losing(session, to);
  if (contract === undefined) return to;
  throw new ExplainedError(
    `--${option} is ${to}, which is this deployment's contract ${contract} and nobody's account: what is sent there would be lost. Give the address ` +
      "of whom you mean.",
  );
}

/**
 * @returns the address that is given as `--to`, or the account where there is none
 * @throws ExplainedError as `givenRecipient`
 */
export function recipientOf(session: Pick<Session, "account" | "deployment">, to: string): Address {
  return to === "" ? session.account : givenRecipient(session, "to", to);
}
