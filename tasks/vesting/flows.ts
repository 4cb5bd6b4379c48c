import type { ErrorDescription, LogDescription } from "ethers";

import type { Vesting } from "../../typechain-types/index.js";
import { ExplainedError } from "../../src/deployment/explained-error.js";
import type { Address } from "../../src/deployment/folder.js";
import { formatMoment } from "../support/inputs.js";
import { carryOut, type Outcome, tokens } from "../support/outcome.js";
import { callOf, type Wording } from "../support/send.js";
import { chainTime, type Session, signerOf } from "../support/session.js";

/** Which wallet: the names of the command line. */
export const VESTING_WALLETS = ["team", "private-sale"] as const;
type WalletName = (typeof VESTING_WALLETS)[number];

const REFUSALS: Wording<ErrorDescription> = {};
const EVENTS: Wording<LogDescription> = {
  ERC20Released: (a) => `${tokens(a[1] as bigint, "XME")} were released.`,
};

function walletNamed({ deployment }: Session, name: string): Vesting {
  const wallets: Readonly<Record<WalletName, Vesting>> = {
    team: deployment.xme.teamVesting,
    "private-sale": deployment.xme.privateSaleVesting,
  };
  const wallet = wallets[name as WalletName] as Vesting | undefined;
  if (!wallet) {
    throw new ExplainedError(
      `--wallet is ${name === "" ? "missing" : `"${name}"`}: choose one of ${VESTING_WALLETS.join(", ")}.`,
    );
  }
  return wallet;
}

/** Pays out what has vested, to the wallet's owner: `hardhat vesting release`. Anybody may. */
export async function release(session: Session, { wallet: name }: { wallet: string }): Promise<Outcome> {
  const wallet = walletNamed(session, name).connect(signerOf(session));
  const token = await session.deployment.xme.xme.getAddress();
  const [owner, due, cliff, now] = await Promise.all([
    wallet.owner() as Promise<Address>,
    wallet["releasable(address)"](token),
    wallet.cliff(),
    chainTime(session),
  ]);
  if (due === 0n) {
    throw new ExplainedError(
      now < cliff
        ? `Nothing vests before ${formatMoment(cliff)}, and the chain's time is ${formatMoment(now)}: wait.`
        : "Everything that has vested so far is released already.",
    );
  }
  const call = callOf(wallet, { refusals: REFUSALS, events: EVENTS }, wallet["release(address)"], token);
  return carryOut(session, call, { token: "XME", account: owner }, () => [
    `At least ${tokens(due, "XME")} to ${owner}, the wallet's owner.`,
  ]);
}

/** A vesting wallet; amounts in wei, times in seconds. */
export interface VestingStatus {
  readonly wallet: WalletName;
  readonly address: Address;
  readonly owner: Address;
  readonly start: bigint;
  readonly cliff: bigint;
  readonly end: bigint;
  readonly allocated: bigint;
  readonly vested: bigint;
  readonly released: bigint;
  readonly releasable: bigint;
}

/** Reads both wallets: `hardhat vesting status`. */
export async function readVesting(session: Session): Promise<readonly VestingStatus[]> {
  const { xme } = session.deployment.xme;
  const token = await xme.getAddress();
  return Promise.all(
    VESTING_WALLETS.map(async (name) => {
      const wallet = walletNamed(session, name);
      const address = (await wallet.getAddress()) as Address;
      const [owner, start, cliff, end, held, released, releasable] = await Promise.all([
        wallet.owner() as Promise<Address>,
        wallet.start(),
        wallet.cliff(),
        wallet.end(),
        xme.balanceOf(address),
        wallet["released(address)"](token),
        wallet["releasable(address)"](token),
      ]);
      const amounts = { allocated: held + released, vested: released + releasable, released, releasable };
      return { wallet: name, address, owner, start, cliff, end, ...amounts };
    }),
  );
}

export function describeVesting(wallets: readonly VestingStatus[]): string {
  return wallets
    .map((w) =>
      [
        `${w.wallet}: ${tokens(w.allocated, "XME")} for ${w.owner}, in ${w.address}`,
        `  from ${formatMoment(w.start)}, nothing before ${formatMoment(w.cliff)}, all by ${formatMoment(w.end)}`,
        `  vested ${tokens(w.vested, "XME")}, released ${tokens(w.released, "XME")}, to be released now ${tokens(w.releasable, "XME")}`,
      ].join("\n"),
    )
    .join("\n");
}
