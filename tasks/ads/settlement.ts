import type { ContractTransactionResponse } from "ethers";

import { eventsOf } from "../../src/chain/events.js";
import type { XmeContracts } from "../../src/deployment/contracts.js";
import type { Address, Hash } from "../../src/deployment/folder.js";
import { readToken, type SpendableToken } from "../support/allowance.js";
import { wholeNumber } from "../support/inputs.js";
import { attempt, type Call, callOf } from "../support/send.js";
import { type Session, signerOf } from "../support/session.js";
import { AD_WORDS, type Parts } from "./words.js";

/** Advertising settlement, connected to who signs where there is one, and what it is paid in. */
export interface Ads {
  readonly settlement: XmeContracts["adSettlement"];
  readonly address: Address;
  readonly xme: SpendableToken;
}

export async function adsOf(session: Session): Promise<Ads> {
  const { signer, deployment } = session;
  const { adSettlement, xme } = deployment.xme;
  const [address, token] = await Promise.all([
    adSettlement.getAddress() as Promise<Address>,
    xme.getAddress().then((at) => readToken(session, at)),
  ]);
  return { settlement: signer ? adSettlement.connect(signer) : adSettlement, address, xme: token };
}

/** The same for a flow that sends. @throws ExplainedError if nobody here can sign for the account. */
export async function signedAds(session: Session): Promise<Ads> {
  signerOf(session);
  return adsOf(session);
}

type Method<A extends unknown[], R> = {
  (...args: A): Promise<ContractTransactionResponse>;
  staticCall(...args: A): Promise<R>;
};

/** @returns a call of the settlement */
export function adsCall<A extends unknown[], R>({ settlement }: Ads, method: Method<A, R>, ...args: A): Call<R> {
  return callOf(settlement, AD_WORDS, method, ...args);
}

/** Reads a view that the settlement may refuse. */
export function reading<T>({ settlement }: Ads, view: () => Promise<T>): Promise<T> {
  return attempt(settlement, AD_WORDS.refusals, view);
}

/** @returns the number of a campaign as it was given */
export function givenCampaign(text: string): bigint {
  return wholeNumber("campaign", text, "write the campaign's number, such as 1; `hardhat ads list` shows them");
}

/** A report as the settlement told of it. */
export interface SettledReport {
  readonly report: bigint;
  readonly parts: Parts;
  readonly hash: Hash;
  readonly uri: string;
  readonly transaction: Hash;
}

/**
 * @param report one of them alone
 * @returns the reports of a campaign in their order
 */
export async function settledReports(
  { deployment }: Session,
  { settlement }: Ads,
  campaignId: bigint,
  report?: bigint,
): Promise<readonly SettledReport[]> {
  const told = await eventsOf(settlement, settlement.filters.Settled(campaignId, report), deployment.startBlock);
  return told.map(({ args: { report: number, parts, reportHash, uri }, transactionHash }) => {
    const { cost, creators, delegators, burned, treasury } = parts;
    return {
      report: number,
      parts: { cost, creators, delegators, burned, treasury },
      hash: reportHash as Hash,
      uri,
      transaction: transactionHash as Hash,
    };
  });
}
