/**
 * Reference model of `EpochRedistributor`: XP Flywheel, "XP Distribution Formula" and "The Burn-Redistribute Cycle". XP in wei, fees and
 * volumes in units of the payment token, trust in WAD, epochs counted from 1. It keeps every job, burn and claim it ever saw and adds
 * everything up again for each answer, where the contract keeps only sums. It supposes that nobody but the redistributor mints.
 */

/** Wei of XP that will ever exist at one time. Choice: a hundred million. */
export const MAX_XP_SUPPLY = 100_000_000n * 10n ** 18n;

/** Epochs over which what may exist grows to the maximum. Choice: a year. */
export const BOOTSTRAP_EPOCHS = 52n;

/** Epochs after which what nobody claimed may be burned. Choice: a year. */
export const EXPIRY_EPOCHS = 52n;

/** Wei of XP for each whole unit of fee. Source: 250 of fees earn 5,000 XP, and 375 earn 7,500. */
export const INITIAL_KAPPA = 20n * 10n ** 18n;

/** Whole units of volume that count as settled from the start of every agent's epoch. Choice. */
export const PRIOR_VOLUME = 1_000n;

/** Whole units of fee that a client must have paid an agent in an epoch to count. Choice. */
export const CLIENT_FEE_FLOOR = 1n;

/** Clients beyond which more do not count. Choice. */
export const CLIENT_TARGET = 10n;

/** Success and trust as rates have twelve decimals. */
export const RATE_ONE = 10n ** 12n;

/** Percent of what is released that each score shares out. Source, "XP Distribution Formula": 0.40, 0.30, 0.20 and 0.10. */
export const PARTS = { fees: 40n, success: 30n, clients: 20n, trust: 10n } as const;

/** A job that came to its end: `fee` is zero exactly where it failed. */
export interface SettledJob {
  readonly agent: bigint;
  readonly client: string;
  readonly volume: bigint;
  readonly fee: bigint;
  readonly trustWad: bigint;
}

/** What one agent did in one epoch. */
export interface Work {
  readonly fees: bigint;
  readonly acceptedVolume: bigint;
  readonly settledVolume: bigint;
  /** Distinct clients whose fees reached the floor, no more than the target. */
  readonly clients: bigint;
  /** Accepted / (settled + prior) volume, × 1e12, rounded down. */
  readonly success: bigint;
  /** Σ fee × trust, × 1e12. */
  readonly feesByTrust: bigint;
}

/** An epoch in which something was recorded. */
export interface RecordedEpoch {
  readonly epoch: bigint;
  readonly pool: bigint;
  readonly kappa: bigint;
  /** What it releases once it is over, or would if it ended now. */
  readonly released: bigint;
}

/** What may exist by `epoch`: 1e26 × n(105 − n) / 2,756, n = min(epoch, 52), in wei, rounded down. */
export function fundedBy(epoch: bigint): bigint {
  const n = epoch < BOOTSTRAP_EPOCHS ? epoch : BOOTSTRAP_EPOCHS;
  return (MAX_XP_SUPPLY * n * (105n - n)) / 2_756n;
}

type Entry =
  | { readonly kind: "job"; readonly epoch: bigint; readonly job: SettledJob }
  | { readonly kind: "burn"; readonly epoch: bigint; readonly amount: bigint }
  | { readonly kind: "kappa"; readonly kappa: bigint }
  | { readonly kind: "refusal"; readonly epoch: bigint }
  | { readonly kind: "claim"; readonly epoch: bigint; readonly agent: bigint; readonly amount: bigint }
  | { readonly kind: "expiry"; readonly epoch: bigint; readonly amount: bigint };

/** Everything that ever happened to a redistributor and its successors, in order, and what follows from it. */
export class RedistributionModel {
  readonly #unit: bigint;
  readonly #entries: Entry[] = [];

  /** @param decimals of the payment token */
  constructor(decimals: bigint) {
    this.#unit = 10n ** decimals;
    this.#entries.push({ kind: "kappa", kappa: INITIAL_KAPPA });
  }

  /** A job settled in `epoch`, never before an earlier one's. */
  record(epoch: bigint, job: SettledJob): void {
    this.#entries.push({ kind: "job", epoch, job });
  }

  /** `amount` of XP burned in `epoch`, for a tier or for nothing. */
  burn(epoch: bigint, amount: bigint): void {
    this.#entries.push({ kind: "burn", epoch, amount });
  }

  /** Another κ for epochs that open from now on. */
  setKappa(kappa: bigint): void {
    this.#entries.push({ kind: "kappa", kappa });
  }

  /** A successor takes over with the next epoch: pools go on as if it were the same contract, κ starts anew. */
  replace(): void {
    this.setKappa(INITIAL_KAPPA);
  }

  /** XP refused to mint what `epoch` releases when it was finalised. */
  refuseRelease(epoch: bigint): void {
    this.#entries.push({ kind: "refusal", epoch });
  }

  /**
   * Pays what `agent` earned in `epoch`.
   *
   * @param now the running epoch
   * @returns wei of XP
   * @throws RangeError where there is nothing to pay, or not yet, or no more
   */
  claim(now: bigint, agent: bigint, epoch: bigint): bigint {
    if (epoch >= now) throw new RangeError(`epoch ${epoch} is not over in epoch ${now}`);
    const amount = this.claimable(agent, epoch);
    if (amount === 0n) throw new RangeError(`agent ${agent} has nothing to claim for epoch ${epoch}`);
    this.#entries.push({ kind: "claim", epoch, agent, amount });
    return amount;
  }

  /**
   * Burns what nobody claimed for `epoch`; it counts as burned in `now`.
   *
   * @returns wei of XP
   * @throws RangeError where `epoch` can be claimed from for longer
   */
  expire(now: bigint, epoch: bigint): bigint {
    if (now <= epoch + EXPIRY_EPOCHS) throw new RangeError(`epoch ${epoch} has not expired in epoch ${now}`);
    const amount = this.remaining(epoch);
    this.#entries.push({ kind: "expiry", epoch, amount });
    this.burn(now, amount);
    return amount;
  }

  /**
   * The epochs with records up to `last`, each with its pool: what may exist by it, plus what was burned before it, less what all
   * earlier ones released, whenever that was minted.
   */
  epochs(last?: bigint): readonly RecordedEpoch[] {
    const numbers = [...new Set(this.#jobs().map(({ epoch }) => epoch))].filter((e) => last === undefined || e <= last);
    const recorded: RecordedEpoch[] = [];
    for (const epoch of numbers) {
      const pool = fundedBy(epoch) + this.#burnedBefore(epoch) - sum(recorded.map(({ released }) => released));
      const kappa = this.#kappaOf(epoch);
      const fees = sum(this.#jobs(epoch).map(({ job }) => job.fee));
      const cap = (kappa * fees) / this.#unit;
      const refused = this.#entries.some((entry) => entry.kind === "refusal" && entry.epoch === epoch);
      recorded.push({ epoch, pool, kappa, released: refused ? 0n : cap < pool ? cap : pool });
    }
    return recorded;
  }

  /** Wei of XP that an epoch can release if its first job is recorded in it, as things stand. */
  pool(epoch: bigint): bigint {
    const released = this.epochs(epoch - 1n).map((each) => each.released);
    return fundedBy(epoch) + this.#burnedBefore(epoch) - sum(released);
  }

  /** Wei of XP that exist in epoch `now` once all that is over is finalised. */
  supply(now: bigint): bigint {
    const burned = this.#entries.map((entry) => (entry.kind === "burn" ? entry.amount : 0n));
    return sum(this.epochs(now - 1n).map(({ released }) => released)) - sum(burned);
  }

  /** What `agent` did in `epoch`, claimed or not. */
  work(agent: bigint, epoch: bigint): Work {
    const jobs = this.#jobs(epoch, agent).map(({ job }) => job);
    const accepted = jobs.filter(({ fee }) => fee > 0n);
    const feesOf = (client: string) => sum(accepted.filter((job) => job.client === client).map(({ fee }) => fee));
    const counting = [...new Set(accepted.map(({ client }) => client))].filter(
      (client) => feesOf(client) >= CLIENT_FEE_FLOOR * this.#unit,
    );
    const acceptedVolume = sum(accepted.map(({ volume }) => volume));
    const settledVolume = sum(jobs.map(({ volume }) => volume));
    const clients = BigInt(counting.length);
    return {
      fees: sum(accepted.map(({ fee }) => fee)),
      acceptedVolume,
      settledVolume,
      clients: clients < CLIENT_TARGET ? clients : CLIENT_TARGET,
      success: (acceptedVolume * RATE_ONE) / (settledVolume + PRIOR_VOLUME * this.#unit),
      feesByTrust: sum(accepted.map(({ fee, trustWad }) => fee * ((trustWad * RATE_ONE) / (100n * 10n ** 18n)))),
    };
  }

  /** The agents that worked in `epoch`, in the order in which they first did. */
  agents(epoch: bigint): readonly bigint[] {
    return [...new Set(this.#jobs(epoch).map(({ job }) => job.agent))];
  }

  /**
   * What `agent` earned in `epoch`, claimed or not, or would if that ended now: four shares of what is released, each rounded down, and
   * never more than κ × its fees.
   *
   * @returns wei of XP
   */
  earned(agent: bigint, epoch: bigint): bigint {
    const recorded = this.epochs(epoch).find((each) => each.epoch === epoch);
    if (recorded === undefined) return 0n;
    const own = weightsOf(this.work(agent, epoch));
    const all = this.agents(epoch).map((each) => weightsOf(this.work(each, epoch)));
    let shares = 0n;
    for (const part of ["fees", "success", "clients", "trust"] as const) {
      const total = sum(all.map((weights) => weights[part]));
      if (total > 0n) shares += (recorded.released * PARTS[part] * own[part]) / (total * 100n);
    }
    const cap = (recorded.kappa * own.fees) / this.#unit;
    return shares < cap ? shares : cap;
  }

  /** Wei of XP that `agent` can still claim for `epoch`, once that is over. */
  claimable(agent: bigint, epoch: bigint): bigint {
    const gone = this.#entries.some(
      (entry) =>
        (entry.kind === "expiry" && entry.epoch === epoch) ||
        (entry.kind === "claim" && entry.epoch === epoch && entry.agent === agent),
    );
    return gone ? 0n : this.earned(agent, epoch);
  }

  /** Wei of XP released for `epoch` and neither claimed nor burned at its expiry. */
  remaining(epoch: bigint): bigint {
    const released = this.epochs(epoch).find((each) => each.epoch === epoch)?.released ?? 0n;
    const left = this.#entries.map((entry) =>
      (entry.kind === "claim" || entry.kind === "expiry") && entry.epoch === epoch ? entry.amount : 0n,
    );
    return released - sum(left);
  }

  #jobs(epoch?: bigint, agent?: bigint) {
    return this.#entries
      .filter((entry) => entry.kind === "job")
      .filter((entry) => epoch === undefined || entry.epoch === epoch)
      .filter((entry) => agent === undefined || entry.job.agent === agent);
  }

  #burnedBefore(epoch: bigint): bigint {
    return sum(this.#entries.map((entry) => (entry.kind === "burn" && entry.epoch < epoch ? entry.amount : 0n)));
  }

  /** The κ in force when the first job of `epoch` was recorded. */
  #kappaOf(epoch: bigint): bigint {
    let kappa = 0n;
    for (const entry of this.#entries) {
      if (entry.kind === "kappa") kappa = entry.kappa;
      if (entry.kind === "job" && entry.epoch === epoch) break;
    }
    return kappa;
  }
}

/** What `failureShifts` compares with: markets that are alike but for their success, in parts of a thousand. */
const MARKETS = { proven: 1_000n, small: 200n } as const;

/** One line of `failureShifts`: what an agent wins by letting its failures happen to a second identity. */
export interface FailureShift {
  /** Whole units. */
  readonly acceptedVolume: bigint;
  /** Whole units. */
  readonly failedVolume: bigint;
  /** Success × 1e12 with the failures on the same identity, and with them on another. */
  readonly success: { readonly together: bigint; readonly apart: bigint };
  /** Wei of XP, both identities together, beside a market of each kind. */
  readonly xp: Readonly<Record<keyof typeof MARKETS, { readonly together: bigint; readonly apart: bigint }>>;
  /** Basis points of XP more, rounded down, beside a market of each kind. */
  readonly gainBps: Readonly<Record<keyof typeof MARKETS, bigint>>;
}

/** The jobs of `failureShifts` in an epoch; `failing` is the identity that fails, 1 or 2, and agent 3 is the market. */
export function failureShiftJobs(
  acceptedVolume: bigint,
  failedVolume: bigint,
  failing: 1n | 2n,
  market: keyof typeof MARKETS,
): readonly SettledJob[] {
  const job = (agent: bigint, client: string, volume: bigint, accepted: boolean, trustWad: bigint): SettledJob => {
    const units = volume * 10n ** 6n;
    return { agent, client, volume: units, fee: accepted ? units / 40n : 0n, trustWad };
  };
  const perfect = 50n * 10n ** 18n;
  // Trust is that of a life before this week with the same part of failures: 50 × accepted / settled.
  const trust = failing === 1n ? (perfect * acceptedVolume) / (acceptedVolume + failedVolume) : perfect;
  const others = 1_000_000_000n;
  return [
    job(1n, "a client", acceptedVolume, true, trust),
    job(failing, "another client", failedVolume, false, 0n),
    job(3n, "everybody else", others, true, perfect),
    job(3n, "everybody else", (others * (1_000n - MARKETS[market])) / MARKETS[market], false, 0n),
  ].filter(({ volume }) => volume > 0n);
}

/**
 * What can be gained by moving failures to a second identity, for agents from a tenth of the prior volume to a thousand times it of which
 * one, two or five tenths of all volume fail: success and trust then show the accepted work alone. It is measured beside a market of a
 * thousand times the largest of them that succeeds in everything, and beside one of small agents, 250 units of volume each, whose success is a
 * fifth because of the prior. The pool is the first epoch's, so far below κ × fees that no cap hides the gain.
 */
export function failureShifts(): readonly FailureShift[] {
  const shifts: FailureShift[] = [];
  for (const acceptedVolume of [100n, 1_000n, 10_000n, 100_000n, 1_000_000n]) {
    for (const failedTenths of [1n, 2n, 5n]) {
      const failedVolume = (acceptedVolume * failedTenths) / (10n - failedTenths);
      const outcome = (market: keyof typeof MARKETS, failing: 1n | 2n) => {
        const model = new RedistributionModel(6n);
        for (const job of failureShiftJobs(acceptedVolume, failedVolume, failing, market)) model.record(1n, job);
        return { success: model.work(1n, 1n).success, xp: model.earned(1n, 1n) + model.earned(2n, 1n) };
      };
      const beside = (market: keyof typeof MARKETS) => {
        const [together, apart] = [outcome(market, 1n), outcome(market, 2n)];
        return {
          success: { together: together.success, apart: apart.success },
          together: together.xp,
          apart: apart.xp,
        };
      };
      const [proven, small] = [beside("proven"), beside("small")];
      const gain = ({ together, apart }: { readonly together: bigint; readonly apart: bigint }) =>
        ((apart - together) * 10_000n) / together;
      shifts.push({
        acceptedVolume,
        failedVolume,
        success: proven.success,
        xp: { proven, small },
        gainBps: { proven: gain(proven), small: gain(small) },
      });
    }
  }
  return shifts;
}

/** `failureShifts` as a table in Markdown, for the documentation. */
export function failureShiftTable(): string {
  const rate = (value: bigint) => `${decimal((value * 10_000n) / RATE_ONE)} %`;
  const rows = failureShifts().map(({ acceptedVolume, failedVolume, success, gainBps }) =>
    [
      acceptedVolume.toLocaleString("en"),
      failedVolume.toLocaleString("en"),
      rate(success.together),
      rate(success.apart),
      `${decimal(gainBps.proven)} %`,
      `${decimal(gainBps.small)} %`,
    ].join(" | "),
  );
  return [
    "| accepted volume | failed volume | success with them | success without | XP won beside proven agents | beside small ones |",
    "| ---: | ---: | ---: | ---: | ---: | ---: |",
    ...rows.map((row) => `| ${row} |`),
  ].join("\n");
}

/** What an agent earns whose clients let its work be settled week by week, or all of it in the last week. */
export interface BatchedWeeks {
  /** Wei of XP in all weeks. */
  readonly weekly: bigint;
  readonly together: bigint;
  /** Basis points of XP more, rounded down. */
  readonly gainBps: bigint;
}

/**
 * What is gained by settling late: four weeks of 1,020 units of volume for three clients each, settled weekly or together in the fourth,
 * beside 300 agents of 250 units with five clients each in every week. The first year is over and each week has the same pool of 9,000 XP,
 * less than a quarter of κ × fees.
 */
export function batchedWeeks(): BatchedWeeks {
  const [weekly, together] = [false, true].map((batched) => {
    const model = new RedistributionModel(6n);
    const trustWad = 50n * 10n ** 18n;
    const unit = 10n ** 6n;
    // Everything that may exist is paid out first, and what is burned afterwards is the pool.
    const first = 53n;
    const all = MAX_XP_SUPPLY / INITIAL_KAPPA + 1n;
    model.record(first, { agent: 999n, client: "all", volume: all * 40n * unit, fee: all * unit, trustWad });
    let xp = 0n;
    for (const week of [1n, 2n, 3n, 4n]) {
      model.burn(first + week - 1n, 9_000n * 10n ** 18n);
      const works = batched ? (week === 4n ? [1n, 2n, 3n, 4n] : []) : [week];
      for (const done of works) {
        for (const client of [1n, 2n, 3n]) {
          const volume = 340n * unit;
          model.record(first + week, { agent: 1n, client: `${done} ${client}`, volume, fee: volume / 40n, trustWad });
        }
      }
      for (let rival = 100n; rival < 400n; rival++) {
        for (const client of [1n, 2n, 3n, 4n, 5n]) {
          const volume = 50n * unit;
          model.record(first + week, { agent: rival, client: `${client}`, volume, fee: volume / 40n, trustWad });
        }
      }
      xp += model.earned(1n, first + week);
    }
    return xp;
  });
  if (weekly === undefined || together === undefined) throw new Error("two histories have two outcomes");
  return { weekly, together, gainBps: ((together - weekly) * 10_000n) / weekly };
}

/** Hundredths with two decimals. */
function decimal(hundredths: bigint): string {
  return `${hundredths / 100n}.${(hundredths % 100n).toString().padStart(2, "0")}`;
}

function weightsOf({ fees, success, clients, feesByTrust }: Work) {
  return { fees, success: fees * success, clients: fees * clients, trust: feesByTrust };
}

function sum(values: readonly bigint[]): bigint {
  return values.reduce((total, value) => total + value, 0n);
}
