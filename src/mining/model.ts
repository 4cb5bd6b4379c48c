/**
 * Reference model of the rules: what `rules.sql` computes, said again with loops over all rows in memory. It shares the values with it (they
 * stand in one place) and nothing else. Expects a log and facts that have passed their checks.
 */

import { DAY_SECONDS, epochBounds, type LogRow } from "./behaviours.js";
import type { CheckIn, CompletedInvitation, Multiplier, RegisteredContent } from "./facts.js";
import type { Rule } from "./rules.js";

/** The facts of an epoch, all in memory. */
export interface ModelFacts {
  epoch: bigint;
  weights: readonly bigint[];
  checkIns: readonly CheckIn[];
  invitations: readonly CompletedInvitation[];
  contents: readonly RegisteredContent[];
  multipliers: readonly Multiplier[];
}

interface Act {
  account: string;
  rule: Rule;
  subject: string;
  time: bigint;
}

const dayOf = (time: bigint): bigint => time / DAY_SECONDS;

function add(counts: Map<string, bigint>, key: string, value: bigint): void {
  counts.set(key, (counts.get(key) ?? 0n) + value);
}

/** Earlier ones first; of one second, in ascending order of the subjects' bytes. */
function inOrder(a: Act, b: Act): number {
  if (a.time !== b.time) return a.time < b.time ? -1 : 1;
  if (a.subject === b.subject) return 0;
  return a.subject < b.subject ? -1 : 1;
}

/** Of each group, the first so many in order. */
function firstOf(acts: readonly Act[], groupOf: (act: Act) => string, most: (rule: Rule) => number | undefined): Act[] {
  const taken = new Map<string, number>();
  return [...acts].sort(inOrder).filter((act) => {
    const limit = most(act.rule);
    if (limit === undefined) return true;
    const group = groupOf(act);
    const count = taken.get(group) ?? 0;
    taken.set(group, count + 1);
    return count < limit;
  });
}

/**
 * @param values of the rules
 * @returns points of each account that has any, by its address in lower case
 */
export function modelPoints(log: readonly LogRow[], facts: ModelFacts, values: readonly Rule[]): Map<string, bigint> {
  const { starts } = epochBounds(facts.epoch);
  const ruleOf = new Map(values.map((rule) => [rule.behaviour, rule]));
  const creatorOf = new Map<string, { creator: string; time: bigint }>();
  for (const { content, creator, time } of facts.contents)
    creatorOf.set(content.toString(), { creator: creator.toLowerCase(), time });
  const multiplierOf = new Map(facts.multipliers.map((multiplier) => [multiplier.account.toLowerCase(), multiplier]));

  // Everything that somebody did, from the log and from the chain.
  const done: (Omit<Act, "rule"> & { behaviour: string; duration: bigint })[] = [];
  for (const { account, behaviour, subject, time, duration } of log) {
    const isAccount = behaviour === "follow";
    done.push({
      account: account.toLowerCase(),
      behaviour,
      subject: isAccount ? subject.toLowerCase() : subject,
      time,
      duration: duration ?? 0n,
    });
  }
  for (const { account, time } of facts.checkIns)
    done.push({ account: account.toLowerCase(), behaviour: "check_in", subject: "", time, duration: 0n });
  for (const { inviter, invitee, time } of facts.invitations) {
    const [account, subject] = [inviter.toLowerCase(), invitee.toLowerCase()];
    done.push({ account, behaviour: "invite", subject, time, duration: 0n });
  }
  for (const { content, creator, time } of facts.contents) {
    if (time < starts) continue;
    const [account, subject] = [creator.toLowerCase(), content.toString()];
    done.push({ account, behaviour: "create", subject, time, duration: 0n });
  }

  // Once in its time, at its first time.
  const first = new Map<string, Act>();
  for (const { account, behaviour, subject, time, duration } of done) {
    const rule = ruleOf.get(behaviour);
    if (rule === undefined) throw new RangeError(`There is no rule for "${behaviour}".`);
    if (duration < rule.minSeconds || account === subject) continue;
    if (behaviour !== "create" && creatorOf.get(subject)?.creator === account) continue;
    if (behaviour === "advanced_task" && multiplierOf.get(account)?.advancedTasksUnlocked !== true) continue;
    const key = [account, behaviour, subject, (time / rule.oncePer).toString()].join();
    const earlier = first.get(key);
    if (earlier === undefined || time < earlier.time) first.set(key, { account, rule, subject, time });
  }

  const bySubject = firstOf(
    [...first.values()],
    ({ account, rule, subject, time }) => [account, rule.behaviour, subject, dayOf(time)].join(),
    (rule) => rule.perSubjectDay,
  );
  const counted = firstOf(
    bySubject,
    ({ account, rule, time }) => [account, rule.behaviour, dayOf(time)].join(),
    (rule) => rule.perDay,
  );

  const points = new Map<string, bigint>();
  const credit = (account: string, weightOf: number, isAdvanced: boolean): void => {
    const { incentivePercent = 100n, highValuePercent = 100n } = multiplierOf.get(account) ?? {};
    const value = (facts.weights[weightOf] ?? 0n) * incentivePercent * (isAdvanced ? highValuePercent : 100n);
    if (value > 0n) add(points, account, value);
  };
  for (const { account, rule, subject, time } of counted) {
    credit(account, rule.weightOf, rule.behaviour === "advanced_task");
    const registered = creatorOf.get(subject);
    if (rule.receivedAs !== undefined && registered !== undefined && registered.time <= time)
      credit(registered.creator, rule.receivedAs, false);
  }
  return points;
}
