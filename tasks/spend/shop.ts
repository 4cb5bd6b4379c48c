import type { BaseContract, ContractTransactionResponse, FunctionFragment } from "ethers";

import type { XmeContracts } from "../../src/deployment/contracts.js";
import { ExplainedError } from "../../src/deployment/explained-error.js";
import { SPENDING_CATEGORIES } from "../../src/xme/spending.js";
import { carryOutSpending, readToken, type SpendableToken } from "../support/allowance.js";
import { required, tokenAmount, wholeNumber } from "../support/inputs.js";
import type { Outcome } from "../support/outcome.js";
import { type Call, callOf, explaining, type Speaker } from "../support/send.js";
import { type Session, signerOf } from "../support/session.js";
import { CATALOGUE_WORDS, CONTENT_WORDS, GROWTH_WORDS, ITEM_WORDS, sharesIn, SPENDING_WORDS, xmex } from "./words.js";

/** Where XMEX is spent, connected to who signs where there is one. */
export interface Shop {
  readonly spending: XmeContracts["spending"];
  readonly catalogue: XmeContracts["spendingCatalogue"];
  readonly items: XmeContracts["platformItems"];
  readonly xmex: SpendableToken;
  /** All whose refusals and events a purchase may meet. */
  readonly speakers: readonly Speaker[];
}

export async function shopOf(session: Session): Promise<Shop> {
  const { signer, deployment } = session;
  const { spending, spendingCatalogue, platformItems, contentRegistry, userGrowth, xmex } = deployment.xme;
  return {
    spending: signer ? spending.connect(signer) : spending,
    catalogue: signer ? spendingCatalogue.connect(signer) : spendingCatalogue,
    items: signer ? platformItems.connect(signer) : platformItems,
    xmex: await readToken(session, await xmex.getAddress()),
    speakers: [
      { contract: spending, words: SPENDING_WORDS },
      { contract: spendingCatalogue, words: CATALOGUE_WORDS },
      { contract: platformItems, words: ITEM_WORDS },
      { contract: contentRegistry, words: CONTENT_WORDS },
      { contract: userGrowth, words: GROWTH_WORDS },
    ],
  };
}

/** The same for a flow that sends. @throws ExplainedError if nobody here can sign for the account. */
export async function signedShop(session: Session): Promise<Shop> {
  signerOf(session);
  return shopOf(session);
}

/** Reads a view that one of the contracts may refuse. */
export function reading<T>({ speakers }: Shop, view: () => Promise<T>): Promise<T> {
  return explaining(speakers, view);
}

interface Method<A extends unknown[], R> {
  (...args: A): Promise<ContractTransactionResponse>;
  staticCall(...args: A): Promise<R>;
  readonly fragment: FunctionFragment;
}

/** What is bought, as it was quoted. */
interface Purchase {
  readonly category: bigint;
  /** In wei of XMEX, as the contract says it now; the call names it as the most to pay. */
  readonly price: bigint;
  readonly hasCreator: boolean;
  /** The most that the account wants to pay, as it was given; any price if empty. */
  readonly maxPrice?: string;
  /** What is bought, in sentences that come before its price. */
  readonly lines: (price: string) => readonly string[];
}

/** Buys something, in one transaction where the account can sign: a multicall of the signature and the call itself. */
export async function purchase<A extends unknown[], R>(
  session: Session,
  shop: Shop,
  { category, price, hasCreator, maxPrice = "", lines }: Purchase,
  method: Method<A, R>,
  ...args: A
): Promise<Outcome> {
  const most = maxPrice === "" ? price : tokenAmount("max-price", maxPrice, "XMEX");
  if (price > most) {
    throw new ExplainedError(
      `It costs ${xmex(price)}, more than ${xmex(most)}: give a higher --max-price, or leave it.`,
    );
  }
  const { spending, xmex: token, speakers } = shop;
  const plain: Call<unknown> = { ...callOf(spending, SPENDING_WORDS, method, ...args), beyond: speakers.slice(1) };
  return carryOutSpending<unknown>(
    session,
    { token, spender: spending, amount: price },
    (permit) => {
      if (!permit) return plain;
      const { deadline, v, r, s } = permit;
      const calls = [
        spending.interface.encodeFunctionData("permit", [price, deadline, v, r, s]),
        (spending as BaseContract).interface.encodeFunctionData(method.fragment, args),
      ];
      return {
        ...plain,
        probe: () => spending.multicall.staticCall(calls),
        transact: () => spending.multicall(calls),
      };
    },
    { token },
    async () => {
      const parts = await spending.previewParts(category, price, hasCreator);
      return [...lines(xmex(price)), `Of the ${xmex(price)}: ${sharesIn(parts)}.`];
    },
  );
}

/** @returns the number of a content, as its hash or in digits */
export function givenContent(text: string): bigint {
  const advice = "write the content's number, or its hash of 0x and 64 digits";
  return /^0x[0-9a-fA-F]{64}$/.test(text) ? BigInt(text) : wholeNumber("content", text, advice);
}

/** @returns a price of the catalogue, in wei */
export function givenPrice(option: string, text: string): bigint {
  const price = tokenAmount(option, text, "XMEX", 18);
  if (price % 10n ** 9n !== 0n)
    throw new ExplainedError(`--${option} is "${text}": write how many XMEX with at most 9 decimals.`);
  return price;
}

/** @returns the number of a category */
export function givenCategory(text: string): bigint {
  const names = SPENDING_CATEGORIES as readonly string[];
  const index = names.indexOf(required("category", text, `choose one of ${names.join(", ")}`));
  if (index < 0) throw new ExplainedError(`--category is "${text}": choose one of ${names.join(", ")}.`);
  return BigInt(index);
}
