import type { Address } from "../../../src/deployment/folder.js";
import { formatCount } from "../../../src/format.js";
import { xme } from "../../stake/words.js";
import { formatDuration, formatMoment, wholeNumber } from "../../support/inputs.js";
import { carryOut, type Outcome, tokens } from "../../support/outcome.js";
import { refusalIn } from "../../support/send.js";
import { chainTime, type Session } from "../../support/session.js";
import { inTurns } from "../../xp/flywheel.js";
import { percent } from "../../xp/words.js";
import { type Government, governmentCall, governmentOf, reading, signedGovernment } from "../government.js";
import { capital } from "../proposals.js";

/** A buyback plan; amounts in units of its token, times in seconds. */
export interface PlanStatus {
  readonly plan: bigint;
  readonly token: Address;
  readonly symbol: string;
  readonly decimals: number;
  readonly pool: Address;
  readonly feeMillionths: bigint;
  readonly slice: bigint;
  readonly interval: bigint;
  readonly end: bigint;
  readonly left: bigint;
  readonly dueAt: bigint;
  /** What running a slice now would pay, and the least XME it would burn; undefined where it would be refused. */
  readonly next: { readonly pays: bigint; readonly minXme: bigint } | undefined;
  /** Why a slice would be refused now. */
  readonly refusal: string | undefined;
}

export interface Buybacks {
  readonly network: string;
  readonly time: bigint;
  readonly plans: readonly PlanStatus[];
}

function givenPlan(text: string): bigint {
  return wholeNumber("plan", text, "write the plan's number, as `hardhat gov buyback status` shows it");
}

async function readPlan(government: Government, number: bigint): Promise<PlanStatus> {
  const { buybackBurner: burner, book } = government;
  // Not by name: "slice" is what every list of ethers can do.
  const [asset, end, interval, pool, poolFee, , , slice, left] = await reading(government, () => burner.plan(number));
  const [token, dueAt, preview] = await Promise.all([book.token(asset), burner.dueAt(number), burner.preview(number)]);
  const refused = preview.refusal !== "0x";
  return {
    plan: number,
    token: asset as Address,
    symbol: token?.symbol ?? `units of ${asset}`,
    decimals: token?.decimals ?? 0,
    pool: pool as Address,
    feeMillionths: poolFee,
    slice,
    interval,
    end,
    left,
    dueAt,
    next: refused ? undefined : { pays: preview.amountIn, minXme: preview.minXme },
    refusal: refused ? (refusalIn(book.speakers([]), { data: preview.refusal }) ?? preview.refusal) : undefined,
  };
}

/** Reads the buyback plans, or one: `hardhat gov buyback status`. */
export async function readBuybacks(session: Session, { plan }: { readonly plan: string }): Promise<Buybacks> {
  const government = governmentOf(session);
  const count = Number(await government.buybackBurner.planCount());
  const numbers = plan === "" ? Array.from({ length: count }, (_, i) => BigInt(count - i)) : [givenPlan(plan)];
  return {
    network: session.connection.networkName,
    time: await chainTime(session),
    plans: await inTurns(numbers, (number) => readPlan(government, number)),
  };
}

export function describeBuybacks({ network, time, plans }: Buybacks): string {
  if (plans.length === 0) return `No buyback was ever decided on network "${network}".`;
  return [
    `${plans.length === 1 ? "A buyback plan" : `${formatCount(plans.length)} buyback plans`} on network "${network}" at ${formatMoment(time)}`,
    ...plans.flatMap((p) => {
      const amount = (units: bigint): string => tokens(units, p.symbol, p.decimals);
      return [
        "",
        `plan ${formatCount(p.plan)}  ${amount(p.left)} left, ${amount(p.slice)} every ${formatDuration(p.interval)} at most, until ${formatMoment(p.end)}, ` +
          `in the pool ${p.pool} with a fee of ${percent(p.feeMillionths / 100n)}`,
        p.next === undefined
          ? `slice   ${p.refusal ?? ""}`
          : `slice   due: pays up to ${amount(p.next.pays)} for at least ${xme(p.next.minXme)}; \`hardhat gov buyback execute --plan ${String(p.plan)}\` runs it`,
      ];
    }),
  ].join("\n");
}

/** Runs a slice that is due: `hardhat gov buyback execute`. Anybody may. */
export async function executeSlice(session: Session, { plan }: { readonly plan: string }): Promise<Outcome> {
  const number = givenPlan(plan);
  const government = signedGovernment(session);
  const { buybackBurner: burner } = government;
  const call = governmentCall(government, burner, [], burner.execute, number);
  return carryOut(session, call, { token: "XME" }, async ({ paid, burned }) => {
    const before = await readPlan(government, number);
    const amount = (units: bigint): string => tokens(units, before.symbol, before.decimals);
    return [
      `A slice of plan ${formatCount(number)}: about ${xme(burned)} bought for ${amount(paid)} and burned; ${amount(before.left - paid)} are left then.`,
      `Whoever runs it gets nothing for it. The next is due ${formatDuration(before.interval)} later.`,
    ];
  });
}

/** Sends back what is left of a plan that is over: `hardhat gov buyback close`. Anybody may. */
export async function closePlan(session: Session, { plan }: { readonly plan: string }): Promise<Outcome> {
  const number = givenPlan(plan);
  const government = signedGovernment(session);
  const { buybackBurner: burner } = government;
  const call = governmentCall(government, burner, [], burner.close, number);
  return carryOut(session, call, { token: "XME" }, async (returned) => {
    const { symbol, decimals } = await readPlan(government, number);
    return [
      capital(
        `${tokens(returned, symbol, decimals)} that plan ${formatCount(number)} did not spend, back to the treasury.`,
      ),
    ];
  });
}
