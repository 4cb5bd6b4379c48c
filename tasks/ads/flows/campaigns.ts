import { ZeroHash } from "ethers";

import { ExplainedError } from "../../../src/deployment/explained-error.js";
import { formatCount } from "../../../src/format.js";
import { carryOutSpending } from "../../support/allowance.js";
import { formatDuration, formatMoment, givenMoment, textHash, tokenAmount, wholeNumber } from "../../support/inputs.js";
import { carryOut, type Outcome } from "../../support/outcome.js";
import { chainTime, type Session } from "../../support/session.js";
import type { Address } from "../../../src/deployment/folder.js";
import { adsCall, givenCampaign, reading, signedAds } from "../settlement.js";
import { price as inXme, splitIn, xme } from "../words.js";

const DAY = 86_400n;

export interface CreateInput {
  readonly budget: string;
  readonly price: string;
  /** Now where it is empty. */
  readonly start: string;
  readonly end: string;
  /** In place of the end. */
  readonly days: string;
  readonly brief: string;
}

/** @returns the end that the options ask for */
function givenEnd({ end, days }: CreateInput, start: bigint): bigint {
  if (end !== "" && days !== "")
    throw new ExplainedError("--end and --days say different things: give one of them alone.");
  if (end !== "") return givenMoment("end", end);
  return start + wholeNumber("days", days, "write for how many days it runs, such as 30, or give an --end") * DAY;
}

/** Puts a budget in escrow for a campaign: `hardhat ads create`. */
export async function create(session: Session, input: CreateInput): Promise<Outcome> {
  const budget = tokenAmount("budget", input.budget, "XME");
  const pricePerThousand = tokenAmount("price", input.price, "XME");
  const start = input.start === "" ? 0n : givenMoment("start", input.start);
  const brief = input.brief === "" ? ZeroHash : textHash("brief", input.brief, "");
  const ads = await signedAds(session);
  const { settlement } = ads;
  const [now, splitVersion] = await Promise.all([chainTime(session), settlement.splitVersion()]);
  const from = start < now ? now : start;
  const end = givenEnd(input, from);
  const terms = { budget, pricePerThousand, start, end, splitVersion, brief };
  return carryOutSpending(
    session,
    { token: ads.xme, spender: settlement, amount: budget },
    (permit) =>
      permit
        ? adsCall(ads, settlement.createWithPermit, terms, permit.deadline, permit.v, permit.r, permit.s)
        : adsCall(ads, settlement.create, terms),
    { token: ads.xme },
    async (campaignId) => {
      const [split, window] = await Promise.all([settlement.splitOf(splitVersion), settlement.SETTLEMENT_WINDOW()]);
      return [
        `Campaign ${formatCount(campaignId)} or a later number, with ${xme(budget)} in escrow, from ${start <= now ? "now" : formatMoment(start)} to ` +
          `${formatMoment(end)}, ${formatDuration(end - from)}.`,
        `${inXme(pricePerThousand)} for a thousand impressions pay for up to ${formatCount((budget * 1_000n) / pricePerThousand)} of them, spent no faster than ` +
          "the time passes.",
        `What they cost is shared by split ${formatCount(splitVersion)}: ${splitIn(split)}.`,
        `What is not spent comes back with \`hardhat ads refund\` from ${formatMoment(end + window)} on.`,
        ...(brief === ZeroHash ? [] : [`The brief is told as the hash ${brief}: keep the text.`]),
      ];
    },
  );
}

interface CampaignInput {
  readonly campaign: string;
}

/** Adds to a budget: `hardhat ads topup`. Anybody may. */
export async function topUp(
  session: Session,
  { campaign, amount: text }: CampaignInput & { readonly amount: string },
): Promise<Outcome> {
  const campaignId = givenCampaign(campaign);
  const amount = tokenAmount("amount", text, "XME");
  const ads = await signedAds(session);
  const { settlement } = ads;
  return carryOutSpending(
    session,
    { token: ads.xme, spender: settlement, amount },
    (permit) =>
      permit
        ? adsCall(ads, settlement.topUpWithPermit, campaignId, amount, permit.deadline, permit.v, permit.r, permit.s)
        : adsCall(ads, settlement.topUp, campaignId, amount),
    { token: ads.xme },
    async () => {
      const { advertiser, budget, end } = await settlement.campaignOf(campaignId);
      return [
        `${xme(amount)} more for campaign ${formatCount(campaignId)}, whose budget is ${xme(budget + amount)} then, until ${formatMoment(end)}.`,
        `What is not spent goes back to its advertiser, ${advertiser}.`,
      ];
    },
  );
}

/** Ends a campaign early: `hardhat ads stop`. */
export async function stop(session: Session, { campaign }: CampaignInput): Promise<Outcome> {
  const campaignId = givenCampaign(campaign);
  const ads = await signedAds(session);
  const { settlement } = ads;
  return carryOut(session, adsCall(ads, settlement.stop, campaignId), { token: ads.xme }, async (returned) => {
    const [{ budget, spent }, window, now] = await Promise.all([
      settlement.campaignOf(campaignId),
      settlement.SETTLEMENT_WINDOW(),
      chainTime(session),
    ]);
    return [
      `Campaign ${formatCount(campaignId)} ends now, and about ${xme(returned)} that its pace has not reached come back at once.`,
      `What was served can be settled until about ${formatMoment(now + window)}, for at most ${xme(budget - returned - spent)}; the rest comes back from ` +
        "then on with `hardhat ads refund`.",
    ];
  });
}

/** Sends back what a campaign did not spend: `hardhat ads refund`. Anybody may. */
export async function refund(session: Session, { campaign }: CampaignInput): Promise<Outcome> {
  const campaignId = givenCampaign(campaign);
  const ads = await signedAds(session);
  const { settlement } = ads;
  const { advertiser } = await reading(ads, () => settlement.campaignOf(campaignId));
  const call = adsCall(ads, settlement.refund, campaignId);
  return carryOut(session, call, { token: ads.xme, account: advertiser as Address }, (amount) => [
    `${xme(amount)}, all that campaign ${formatCount(campaignId)} did not spend, to its advertiser, ${advertiser}.`,
  ]);
}
