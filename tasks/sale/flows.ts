import { currencyOf, inCurrency } from "../../src/deployment/chains.js";
import { ExplainedError } from "../../src/deployment/explained-error.js";
import type { Address } from "../../src/deployment/folder.js";
import { formatMoment, tokenAmount } from "../support/inputs.js";
import { carryOut, type Outcome, tokens } from "../support/outcome.js";
import { recipientOf } from "../support/recipient.js";
import { attempt, callOf, type Words } from "../support/send.js";
import { chainTime, type Session, signerOf } from "../support/session.js";

const xme = (wei: bigint): string => tokens(wei, "XME");

/** The sale's refusals to whoever buys or sends on what it holds, each with what to do, and its events. */
export const saleWords = (chainId: bigint): Words => ({
  refusals: {
    PublicSale_NotStarted: (a) => `The sale opens at ${formatMoment(a[0] as bigint)}: wait.`,
    PublicSale_Ended: (a) => `The sale closed at ${formatMoment(a[0] as bigint)}: nothing can be bought any more.`,
    PublicSale_InvalidBeneficiary: (a) => `${String(a[0])} cannot receive XME here: give another --to.`,
    PublicSale_NothingWanted: () => "An amount of zero buys nothing: give a higher --amount.",
    PublicSale_NotFunded: () => "The sale holds no XME yet: its genesis has not allocated.",
    PublicSale_SoldOut: () => "Everything is sold.",
    PublicSale_WalletCapReached: (a) =>
      `${String(a[0])} has all ${xme(a[1] as bigint)} that one wallet gets here: give another --to.`,
    PublicSale_BelowMinimum: (a) =>
      `Cap and sale leave ${xme(a[0] as bigint)}, less than the ${xme(a[1] as bigint)} asked for at least: give a lower --at-least.`,
    PublicSale_PaymentTooLow: (a) =>
      `The purchase costs ${inCurrency(chainId, a[1] as bigint)}, not ${inCurrency(chainId, a[0] as bigint)}: run the command again.`,
    PublicSale_ChangeRefused: (a) =>
      `${String(a[0])} is a contract that takes no ${currencyOf(chainId)}, so ${inCurrency(chainId, a[1] as bigint)} of change cannot come back: run the command again for the exact cost.`,
    PublicSale_TreasuryRefused: (a) =>
      `The treasury ${String(a[0])} does not take ${inCurrency(chainId, a[1] as bigint)}: they stay in the sale until it does.`,
    PublicSale_NotEnded: (a) =>
      `The sale goes on until ${formatMoment(a[0] as bigint)}, and what is not sold stays in it until then: wait.`,
  },
  events: {
    Bought: (a) =>
      `${String(a[0])} bought ${xme(a[2] as bigint)} for ${inCurrency(chainId, a[3] as bigint)}; they went to ${String(a[1])}.`,
    ProceedsWithdrawn: (a) => `${inCurrency(chainId, a[0] as bigint)} of proceeds went to the treasury.`,
    UnsoldSwept: (a) => `${xme(a[0] as bigint)} that nobody bought went to the treasury.`,
  },
});

/**
 * Buys XME: `hardhat sale buy`. The price is fixed and change comes back, so without `atLeast` any part of the amount will do: then
 * nobody can make the purchase fail by giving the receiver a wei.
 */
export async function buy(
  session: Session,
  { amount, to, atLeast = "" }: { amount: string; to: string; atLeast?: string },
): Promise<Outcome> {
  const wanted = tokenAmount("amount", amount, "XME");
  const minimum = atLeast === "" ? 1n : tokenAmount("at-least", atLeast, "XME");
  const { account, connection, deployment } = session;
  const beneficiary = recipientOf(session, to);
  const sale = deployment.xme.publicSale.connect(signerOf(session));
  const { chainId } = deployment;
  const words = saleWords(chainId);
  const [out, cost] = await attempt(sale, words.refusals, () => sale.quote(beneficiary, wanted));
  const balance = await connection.ethers.provider.getBalance(account);
  if (balance < cost) {
    throw new ExplainedError(
      `${xme(out)} cost ${inCurrency(chainId, cost)}, and ${account} holds ${inCurrency(chainId, balance)}: give a lower --amount.`,
    );
  }
  const call = callOf(sale, words, sale.buy, beneficiary, wanted, minimum, { value: cost });
  return carryOut(session, call, { token: "XME" }, async () => {
    const limit = out < (await sale.remaining()) ? `the cap leaves ${beneficiary}` : "is left";
    return [
      `${xme(out)} for ${inCurrency(chainId, cost)}${out < wanted ? `, which is all that ${limit} of the ${xme(wanted)} asked for` : ""}.`,
    ];
  });
}

/** Sends the treasury what buyers paid: `hardhat sale withdraw`. Anybody may, at any time. */
export async function withdrawProceeds(session: Session): Promise<Outcome> {
  const { connection, deployment } = session;
  const { chainId } = deployment;
  const { provider } = connection.ethers;
  const sale = deployment.xme.publicSale.connect(signerOf(session));
  const call = callOf(sale, saleWords(chainId), sale.withdrawProceeds);
  const treasury = (await sale.treasury()) as Address;
  const currency = {
    symbol: currencyOf(chainId),
    decimals: 18,
    balanceOf: (account: Address) => provider.getBalance(account),
  };
  return carryOut(session, call, { token: currency, account: treasury }, (amount) => {
    if (amount === 0n) throw new ExplainedError("No proceeds wait in the sale: they were withdrawn, or nobody bought.");
    return [`${inCurrency(chainId, amount)} that buyers paid, all that the sale holds, to the treasury, ${treasury}.`];
  });
}

/** Sends the treasury what nobody bought: `hardhat sale sweep`. Anybody may, once the sale is over. */
export async function sweepUnsold(session: Session): Promise<Outcome> {
  const { deployment } = session;
  const sale = deployment.xme.publicSale.connect(signerOf(session));
  const call = callOf(sale, saleWords(deployment.chainId), sale.sweepUnsold);
  const treasury = (await sale.treasury()) as Address;
  return carryOut(session, call, { token: "XME", account: treasury }, (amount) => {
    if (amount === 0n) throw new ExplainedError("The sale holds no XME: all were sold, or swept already.");
    return [`${xme(amount)} that nobody bought to the treasury, ${treasury}.`];
  });
}

/** The sale's terms, its progress, and an account's place in it; amounts in wei, times in seconds. */
export interface SaleStatus {
  readonly network: string;
  readonly chainId: bigint;
  readonly account: Address;
  readonly time: bigint;
  readonly price: bigint;
  readonly walletCap: bigint;
  readonly opens: bigint;
  readonly closes: bigint;
  readonly sold: bigint;
  readonly remaining: bigint;
  readonly bought: bigint;
  readonly room: bigint;
}

/** Reads the sale: `hardhat sale status`. */
export async function readSale(session: Session): Promise<SaleStatus> {
  const { account, connection, deployment } = session;
  const { publicSale: sale } = deployment.xme;
  const [time, price, walletCap, opens, closes, sold, remaining, bought, room] = await Promise.all([
    chainTime(session),
    sale.price(),
    sale.walletCap(),
    sale.start(),
    sale.end(),
    sale.totalSold(),
    sale.remaining(),
    sale.bought(account),
    sale.roomOf(account),
  ]);
  return {
    network: connection.networkName,
    chainId: deployment.chainId,
    account,
    time,
    price,
    walletCap,
    opens,
    closes,
    sold,
    remaining,
    bought,
    room,
  };
}

export function describeSale(sale: SaleStatus): string {
  const state = sale.time < sale.opens ? "not open yet" : sale.time < sale.closes ? "open" : "closed";
  return [
    `The sale is ${state} at ${formatMoment(sale.time)} on network "${sale.network}".`,
    `price    ${inCurrency(sale.chainId, sale.price)} for 1 XME, at most ${xme(sale.walletCap)} for each wallet`,
    `window   ${formatMoment(sale.opens)} to ${formatMoment(sale.closes)}`,
    `sold     ${xme(sale.sold)}, ${xme(sale.remaining)} left`,
    `account  ${sale.account} bought ${xme(sale.bought)} and may buy ${xme(sale.room)} more`,
  ].join("\n");
}
