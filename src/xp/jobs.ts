/**
 * Reference model of `ServiceMarket`: jobs with escrow, bonds and windows, credits, fees owed and volumes. Source: "XP Flywheel", "How It Actually
 * Works". Amounts in units of the payment token, times in seconds, fees and bonds in basis points, trust with 18 decimals.
 *
 * What may happen is written as a table, and what an outcome pays as a list of pieces that change hands; the contract has neither.
 */

/** States in the order of the contract's enumeration. */
export const JOB_STATES = [
  "Open",
  "Cancelled",
  "Accepted",
  "Delivered",
  "Rejected",
  "Settled",
  "Refunded",
  "RuledForAgent",
  "RuledForClient",
  "Split",
] as const;

export type JobState = (typeof JOB_STATES)[number];

/** Final states of jobs that were accepted. */
export type JobOutcome = Exclude<JobState, "Open" | "Cancelled" | "Accepted" | "Delivered" | "Rejected">;

/** The fee without a tier. Source, "Fee Tier System": Basic, 2.5 %. */
export const BASE_FEE_BPS = 250n;
/** Choice: bonds of 5 %, at most 50 %. */
export const DEFAULT_BOND_BPS = 500n;
export const MAX_BOND_BPS = 5_000n;
/** Choice: three days to review, seven to rule. */
export const REVIEW_WINDOW = 3n * 86_400n;
export const ARBITRATION_WINDOW = 7n * 86_400n;
/** Choice: from an hour to a year to deliver, at most a year open. */
export const MIN_DELIVER_WITHIN = 3_600n;
export const MAX_DELIVER_WITHIN = 365n * 86_400n;
export const MAX_OPEN_FOR = 365n * 86_400n;
/** Source, "Trust Score Calculation": "Max 100". */
export const MAX_TRUST = 100n;
export const MAX_TRUST_WAD = MAX_TRUST * 10n ** 18n;
/** Widths of the contract's storage. */
export const MAX_PAYMENT = 2n ** 96n - 1n;
export const MAX_AGENT_ID = 2n ** 37n - 1n;

const FULL_BPS = 10_000n;

/** Who may do something: the client, whoever acts for the agent, the arbiter, anybody or nobody. */
type Who = "client" | "agent" | "arbiter" | "anybody" | "nobody";

/** What may be done with a job in `state`: by whom until the window is over, and by whom afterwards. */
export interface JobRule {
  readonly state: JobState;
  readonly within: Who;
  readonly after: Who;
}

/** The whole machine, `open` apart. */
export const JOB_RULES = {
  accept: { state: "Open", within: "agent", after: "nobody" },
  cancel: { state: "Open", within: "client", after: "anybody" },
  deliver: { state: "Accepted", within: "agent", after: "nobody" },
  refund: { state: "Accepted", within: "nobody", after: "anybody" },
  reject: { state: "Delivered", within: "client", after: "nobody" },
  settle: { state: "Delivered", within: "client", after: "anybody" },
  rule: { state: "Rejected", within: "arbiter", after: "nobody" },
  split: { state: "Rejected", within: "nobody", after: "anybody" },
} as const satisfies Record<string, JobRule>;

export type JobAction = keyof typeof JOB_RULES;

/** Where the pieces of a job go in each outcome. */
const OUTCOMES: Record<
  JobOutcome,
  { payment: "payee" | "client" | "both"; bonds: keyof JobShares; disputed: boolean }
> = {
  Settled: { payment: "payee", bonds: "toPayee", disputed: false },
  Refunded: { payment: "client", bonds: "toClient", disputed: false },
  RuledForAgent: { payment: "payee", bonds: "toPayee", disputed: true },
  RuledForClient: { payment: "client", bonds: "toClient", disputed: true },
  Split: { payment: "both", bonds: "toTreasury", disputed: true },
};

/** How the money of a job is shared out. */
export interface JobShares {
  toPayee: bigint;
  toClient: bigint;
  toTreasury: bigint;
}

/** Why the market refuses: the contract's error without its prefix, and the error's arguments. */
export class JobRefusal extends Error {
  constructor(
    readonly reason: string,
    readonly values: readonly unknown[],
  ) {
    super(`${reason}(${values.join(", ")})`);
    this.name = "JobRefusal";
  }
}

/** An agent as the registry has it. */
export interface Agent {
  owner: string;
  wallet?: string | undefined;
  operator?: string | undefined;
}

/** What a client asks for. */
export interface JobTerms {
  agentId: bigint;
  payment: bigint;
  minTrust: bigint;
  openUntil: bigint;
  deliverWithin: bigint;
}

/** What the redistributor was told. */
export interface JobRecord {
  agentId: bigint;
  client: string;
  volume: bigint;
  fee: bigint;
  trustWad: bigint;
}

interface ModelJob extends JobTerms {
  client: string;
  bondBps: bigint;
  state: JobState;
  payee?: string;
  feeBps: bigint;
  /** The last second of the running window, or when the job ended. */
  until: bigint;
}

/**
 * What is left of `amount` for the payee is rounded down, so the fee gets the rest.
 *
 * @returns units of the payment token
 */
export function jobFee(amount: bigint, feeBps: bigint): bigint {
  return amount - (amount * (FULL_BPS - feeBps)) / FULL_BPS;
}

/** The smallest whole number of units that is at least `bondBps` of `payment`. */
export function jobBond(payment: bigint, bondBps: bigint): bigint {
  const floor = (payment * bondBps) / FULL_BPS;
  return floor * FULL_BPS === payment * bondBps ? floor : floor + 1n;
}

/**
 * Hands over the pieces of a job, one by one.
 *
 * @param outcome how it ended
 * @param payment units of the payment token
 * @param bond of each side, in the same
 * @param feeBps of the job
 */
export function jobShares(outcome: JobOutcome, payment: bigint, bond: bigint, feeBps: bigint): JobShares {
  const { payment: winner, bonds, disputed } = OUTCOMES[outcome];
  const shares: JobShares = { toPayee: 0n, toClient: 0n, toTreasury: 0n };
  const forAgent = winner === "payee" ? payment : winner === "both" ? payment / 2n : 0n;
  shares.toClient += payment - forAgent;
  shares.toTreasury += jobFee(forAgent, feeBps);
  shares.toPayee += forAgent - jobFee(forAgent, feeBps);
  shares[bonds] += bond;
  if (disputed) shares[bonds] += bond;
  return shares;
}

/** A market with its surroundings: agents, tiers and trust are set from outside, time and caller come with each call. */
export class JobsModel {
  readonly agents = new Map<bigint, Agent>();
  /** Answers of the fee tiers by owner; what is missing is the base fee. */
  readonly feeBps = new Map<string, bigint>();
  /** Answers of reputation by agent; what is missing nobody can tell. */
  readonly trustWad = new Map<bigint, bigint>();
  readonly arbiters = new Set<string>();
  readonly credits = new Map<string, bigint>();
  readonly records: JobRecord[] = [];
  bondBps = DEFAULT_BOND_BPS;
  /** What waits for the treasury. */
  feesOwed = 0n;
  /** What the market has received less what it has sent. */
  balance = 0n;

  readonly #jobs: ModelJob[] = [];

  get jobCount(): bigint {
    return BigInt(this.#jobs.length);
  }

  /** @returns the job's number, from 1 */
  open(at: bigint, client: string, terms: JobTerms): bigint {
    const { agentId, payment, minTrust, openUntil, deliverWithin } = terms;
    if (payment < 1n || payment > MAX_PAYMENT) throw new JobRefusal("PaymentOutOfRange", [payment, MAX_PAYMENT]);
    if (minTrust > MAX_TRUST) throw new JobRefusal("TrustOutOfRange", [minTrust, MAX_TRUST]);
    if (openUntil < at || openUntil > at + MAX_OPEN_FOR) {
      throw new JobRefusal("OpenUntilOutOfRange", [openUntil, at, at + MAX_OPEN_FOR]);
    }
    if (deliverWithin < MIN_DELIVER_WITHIN || deliverWithin > MAX_DELIVER_WITHIN) {
      throw new JobRefusal("DeliverWithinOutOfRange", [deliverWithin, MIN_DELIVER_WITHIN, MAX_DELIVER_WITHIN]);
    }
    if (agentId !== 0n && this.#agent(agentId).owner === client) throw new JobRefusal("OwnAgent", [agentId, client]);
    this.#jobs.push({ ...terms, client, bondBps: this.bondBps, state: "Open", feeBps: 0n, until: openUntil });
    this.balance += payment;
    return this.jobCount;
  }

  cancel(at: bigint, caller: string, jobId: bigint): void {
    const job = this.#allow("cancel", at, caller, jobId);
    job.state = "Cancelled";
    this.#credit(job.client, job.payment);
  }

  accept(at: bigint, caller: string, jobId: bigint, agentId: bigint, maxFeeBps: bigint): void {
    const { state } = this.job(jobId);
    if (state !== "Open") throw new JobRefusal("WrongState", [jobId, BigInt(JOB_STATES.indexOf(state))]);
    const job = this.#job(jobId);
    if (at > job.until) throw new JobRefusal("TooLate", [jobId, job.until]);
    if (agentId > MAX_AGENT_ID) throw new JobRefusal("AgentOutOfRange", [agentId, MAX_AGENT_ID]);
    if (job.agentId !== 0n && job.agentId !== agentId) {
      throw new JobRefusal("OtherAgentWanted", [jobId, agentId, job.agentId]);
    }
    const agent = this.#agent(agentId);
    const payee = agent.wallet ?? agent.owner;
    const own = new JobRefusal("OwnAgent", [agentId, job.client]);
    if (job.client === agent.owner || job.client === payee) throw own;
    const needed = job.minTrust * 10n ** 18n;
    if (needed > 0n) {
      const trust = this.#trust(agentId);
      if (trust === undefined) throw new JobRefusal("TrustUnknown", [agentId]);
      if (trust < needed) throw new JobRefusal("TrustTooLow", [agentId, trust, needed]);
    }
    if (job.client === caller) throw own;
    if (caller !== agent.owner && caller !== agent.operator) throw new JobRefusal("NotAgent", [agentId, caller]);
    const feeBps = this.feeOf(agent.owner);
    if (feeBps > maxFeeBps) throw new JobRefusal("FeeAboveMaximum", [feeBps, maxFeeBps]);
    Object.assign(job, { state: "Accepted", agentId, payee, feeBps, until: at + job.deliverWithin });
    this.balance += jobBond(job.payment, job.bondBps);
  }

  deliver(at: bigint, caller: string, jobId: bigint): void {
    const job = this.#allow("deliver", at, caller, jobId);
    Object.assign(job, { state: "Delivered", until: at + REVIEW_WINDOW });
  }

  reject(at: bigint, caller: string, jobId: bigint): void {
    const job = this.#allow("reject", at, caller, jobId);
    Object.assign(job, { state: "Rejected", until: at + ARBITRATION_WINDOW });
    this.balance += jobBond(job.payment, job.bondBps);
  }

  settle(at: bigint, caller: string, jobId: bigint): void {
    this.#end(this.#allow("settle", at, caller, jobId), "Settled", at);
  }

  refund(at: bigint, caller: string, jobId: bigint): void {
    this.#end(this.#allow("refund", at, caller, jobId), "Refunded", at);
  }

  rule(at: bigint, caller: string, jobId: bigint, forAgent: boolean): void {
    this.#end(this.#allow("rule", at, caller, jobId), forAgent ? "RuledForAgent" : "RuledForClient", at);
  }

  split(at: bigint, caller: string, jobId: bigint): void {
    this.#end(this.#allow("split", at, caller, jobId), "Split", at);
  }

  /** @returns what `account` takes away */
  withdraw(account: string): bigint {
    const amount = this.credits.get(account) ?? 0n;
    if (amount === 0n) throw new JobRefusal("NothingToWithdraw", [account]);
    this.credits.set(account, 0n);
    this.balance -= amount;
    return amount;
  }

  /** @returns what the treasury gets */
  collectFees(): bigint {
    const amount = this.feesOwed;
    if (amount === 0n) throw new JobRefusal("NothingToCollect", []);
    this.feesOwed = 0n;
    this.balance -= amount;
    return amount;
  }

  /** The job as it stands. */
  job(jobId: bigint): Readonly<ModelJob> {
    return this.#job(jobId);
  }

  /** What the market holds for a job that has not ended: payment and bonds posted so far. */
  held(jobId: bigint): bigint {
    const { state, payment, bondBps } = this.#job(jobId);
    const bond = jobBond(payment, bondBps);
    const held: Partial<Record<JobState, bigint>> = {
      Open: payment,
      Accepted: payment + bond,
      Delivered: payment + bond,
      Rejected: payment + 2n * bond,
    };
    return held[state] ?? 0n;
  }

  /** The fee, in basis points, that the market fixes for `owner`. */
  feeOf(owner: string): bigint {
    const answer = this.feeBps.get(owner);
    return answer === undefined || answer < 1n || answer > BASE_FEE_BPS ? BASE_FEE_BPS : answer;
  }

  /** Payments of all jobs of `agentId` that count: those accepted, and those accepted or failed. */
  volumesOf(agentId: bigint): { accepted: bigint; settled: bigint } {
    const of = (...states: JobState[]) =>
      this.#jobs
        .filter((job) => job.agentId === agentId && states.includes(job.state))
        .reduce((sum, { payment }) => sum + payment, 0n);
    return {
      accepted: of("Settled", "RuledForAgent"),
      settled: of("Settled", "RuledForAgent", "Refunded", "RuledForClient"),
    };
  }

  #end(job: ModelJob, outcome: JobOutcome, at: bigint): void {
    const shares = jobShares(outcome, job.payment, jobBond(job.payment, job.bondBps), job.feeBps);
    Object.assign(job, { state: outcome, until: at });
    this.#credit(job.payee ?? "", shares.toPayee);
    this.#credit(job.client, shares.toClient);
    this.feesOwed += shares.toTreasury;
    if (outcome === "Split") return;
    const failed = OUTCOMES[outcome].payment === "client";
    this.records.push({
      agentId: job.agentId,
      client: job.client,
      volume: job.payment,
      fee: failed ? 0n : shares.toTreasury,
      trustWad: failed ? 0n : (this.#trust(job.agentId) ?? 0n),
    });
  }

  /** Reads the table: first the state, then who, then when. */
  #allow(action: Exclude<JobAction, "accept">, at: bigint, caller: string, jobId: bigint): ModelJob {
    const rule: JobRule = JOB_RULES[action];
    if (rule.within === "arbiter" && !this.arbiters.has(caller)) {
      throw new JobRefusal("AccessManagedUnauthorized", [caller]);
    }
    const job = this.#job(jobId);
    if (job.state !== rule.state) throw new JobRefusal("WrongState", [jobId, BigInt(JOB_STATES.indexOf(job.state))]);
    const is: Record<Who, boolean> = {
      client: caller === job.client,
      agent: this.#actsFor(job, caller),
      arbiter: this.arbiters.has(caller),
      anybody: true,
      nobody: false,
    };
    if (rule.after === "anybody") {
      if (at <= job.until && !is[rule.within]) throw new JobRefusal("TooEarly", [jobId, job.until]);
      return job;
    }
    if (!is[rule.within]) {
      throw rule.within === "client"
        ? new JobRefusal("NotClient", [jobId, caller])
        : new JobRefusal("NotAgent", [job.agentId, caller]);
    }
    if (at > job.until) throw new JobRefusal("TooLate", [jobId, job.until]);
    return job;
  }

  #actsFor(job: ModelJob, caller: string): boolean {
    const agent = this.agents.get(job.agentId);
    return job.payee === caller || agent?.owner === caller || agent?.operator === caller;
  }

  #trust(agentId: bigint): bigint | undefined {
    const answer = this.trustWad.get(agentId);
    return answer !== undefined && answer > MAX_TRUST_WAD ? MAX_TRUST_WAD : answer;
  }

  #credit(account: string, amount: bigint): void {
    this.credits.set(account, (this.credits.get(account) ?? 0n) + amount);
  }

  #agent(agentId: bigint): Agent {
    const agent = this.agents.get(agentId);
    if (!agent) throw new JobRefusal("ERC721NonexistentToken", [agentId]);
    return agent;
  }

  #job(jobId: bigint): ModelJob {
    const job = jobId < 1n ? undefined : this.#jobs[Number(jobId - 1n)];
    if (!job) throw new JobRefusal("UnknownJob", [jobId]);
    return job;
  }
}
