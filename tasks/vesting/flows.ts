import { ZeroAddress } from "ethers";

import type { Vesting } from "../../typechain-types/index.js";
import { ExplainedError } from "../../src/deployment/explained-error.js";
import type { Address } from "../../src/deployment/folder.js";
import { formatMoment } from "../support/inputs.js";
import { carryOut, type Outcome, tokens } from "../support/outcome.js";
import { givenRecipient } from "../support/recipient.js";
import { callOf, type Words } from "../support/send.js";
import { chainTime, type Session, signerOf } from "../support/session.js";

/** Which wallet: the names of the command line. */
export const VESTING_WALLETS = ["team", "private-sale"] as const;
type WalletName = (typeof VESTING_WALLETS)[number];

/** How a vesting wallet reads. */
export const VESTING_WORDS: Words = {
  refusals: {
    OwnableUnauthorizedAccount: (a) =>
      `${String(a[0])} is not who may do that: the wallet's owner offers it, and only whom it is offered to accepts it; \`hardhat vesting status\` shows both.`,
  },
  events: {
    ERC20Released: (a) => `${tokens(a[1] as bigint, "XME")} were released.`,
    OwnershipTransferStarted: (a) =>
      a[1] === ZeroAddress
        ? `${String(a[0])} offers the wallet to nobody now.`
        : `${String(a[0])} offers the wallet to ${String(a[1])}, and keeps it until that accepts.`,
    OwnershipTransferred: (a) => `The wallet belongs to ${String(a[1])} now, and not to ${String(a[0])}.`,
  },
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
  const call = callOf(wallet, VESTING_WORDS, wallet["release(address)"], token);
  return carryOut(session, call, { token: "XME", account: owner }, () => [
    `At least ${tokens(due, "XME")} to ${owner}, the wallet's owner.`,
  ]);
}

/** Offers a wallet to another owner: `hardhat vesting offer`, for its owner. */
export async function offer(
  session: Session,
  { wallet: name, to: text }: { readonly wallet: string; readonly to: string },
): Promise<Outcome> {
  const wallet = walletNamed(session, name).connect(signerOf(session));
  const to =
    text === "nobody"
      ? ZeroAddress
      : givenRecipient(session, "to", text, "give the address that is to own it, or nobody to take an offer back");
  if (to === ZeroAddress && text !== "nobody") {
    throw new ExplainedError("--to is the zero address, which takes an offer back: write nobody if that is meant.");
  }
  const call = callOf(wallet, VESTING_WORDS, wallet.transferOwnership, to);
  return carryOut(session, call, { token: "XME" }, () => [
    to === ZeroAddress
      ? `The ${name} wallet stays with ${session.account}, and nobody can accept it.`
      : `The ${name} wallet stays with ${session.account} until ${to} runs \`hardhat vesting accept --wallet ${name}\`; from then on all that it releases ` +
        "goes there.",
  ]);
}

/** Takes over a wallet that was offered: `hardhat vesting accept`. */
export async function accept(session: Session, { wallet: name }: { readonly wallet: string }): Promise<Outcome> {
  const wallet = walletNamed(session, name).connect(signerOf(session));
  const call = callOf(wallet, VESTING_WORDS, wallet.acceptOwnership);
  return carryOut(session, call, { token: "XME" }, async () => [
    `The ${name} wallet goes from ${await wallet.owner()} to ${session.account}, and so does all that it releases from now on.`,
  ]);
}

/** A vesting wallet; amounts in wei, times in seconds. */
export interface VestingStatus {
  readonly wallet: WalletName;
  readonly address: Address;
  readonly owner: Address;
  /** Whom the owner offers it to; undefined where that is nobody. */
  readonly offeredTo: Address | undefined;
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
      const [owner, pending, start, cliff, end, held, released, releasable] = await Promise.all([
        wallet.owner() as Promise<Address>,
        wallet.pendingOwner() as Promise<Address>,
        wallet.start(),
        wallet.cliff(),
        wallet.end(),
        xme.balanceOf(address),
        wallet["released(address)"](token),
        wallet["releasable(address)"](token),
      ]);
      const amounts = { allocated: held + released, vested: released + releasable, released, releasable };
      const offeredTo = pending === ZeroAddress ? undefined : pending;
      return { wallet: name, address, owner, offeredTo, start, cliff, end, ...amounts };
    }),
  );
}

export function describeVesting(wallets: readonly VestingStatus[]): string {
  return wallets
    .map((w) =>
      [
        `${w.wallet}: ${tokens(w.allocated, "XME")} for ${w.owner}, in ${w.address}`,
        ...(w.offeredTo === undefined ? [] : [`  offered to ${w.offeredTo}, who has not accepted it yet`]),
        `  from ${formatMoment(w.start)}, nothing before ${formatMoment(w.cliff)}, all by ${formatMoment(w.end)}`,
        `  vested ${tokens(w.vested, "XME")}, released ${tokens(w.released, "XME")}, to be released now ${tokens(w.releasable, "XME")}`,
      ].join("\n"),
    )
    .join("\n");
}
