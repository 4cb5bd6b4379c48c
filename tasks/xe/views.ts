import { ZeroAddress } from "ethers";

import { LogReader } from "../../src/chain/logs.js";
import type { Address, Hash } from "../../src/deployment/folder.js";
import { encodeAsset } from "../../src/xe/asset.js";
import { stakeOf, UNIT } from "../../src/xe/lease.js";
import { formatDuration, formatMoment } from "../support/inputs.js";
import { chainTime, type Session } from "../support/session.js";
import { inTurns } from "../support/turns.js";
import { findPending, type PendingSend } from "./pending.js";
import { amountOf, type LeaseStateName, leaseState, rates, resources, xe, xusd } from "./words.js";

/** An account and the ledger that it is in; amounts in wei, times in seconds. */
export interface LedgerStatus {
  readonly network: string;
  readonly time: bigint;
  readonly account: Address;
  readonly supply: { readonly xe: bigint; readonly xusd: bigint };
  /** What is pending or in escrow. */
  readonly held: { readonly xe: bigint; readonly xusd: bigint };
  /** Thousandths of one XUSD an hour. */
  readonly rates: { readonly perVCpu: bigint; readonly perMemoryGB: bigint; readonly perDiskGB: bigint };
  readonly faucet: boolean;
  readonly balance: { readonly xe: bigint; readonly xusd: bigint };
  readonly head: Hash;
  readonly pending: readonly PendingSend[];
  /** From when the account can claim from the faucet; zero before its first claim. */
  readonly claimableAt: bigint;
  readonly delegate: Address;
  /** Of those who delegate to the account. */
  readonly votes: bigint;
}

/** Reads the ledger and what an account has in it: `hardhat xe status`. */
export async function readLedger(session: Session): Promise<LedgerStatus> {
  const { account, connection, deployment } = session;
  const { ledger } = deployment.xe;
  const [XE, XUSD] = [encodeAsset("XE"), encodeAsset("XUSD")];
  const own = await ledger.getAddress();
  const [
    time,
    xeSupply,
    xusdSupply,
    xeHeld,
    xusdHeld,
    now,
    faucet,
    xeBalance,
    xusdBalance,
    head,
    claimableAt,
    to,
    votes,
  ] = await Promise.all([
    chainTime(session),
    ledger.totalSupply(XE),
    ledger.totalSupply(XUSD),
    ledger.balanceOf(own, XE),
    ledger.balanceOf(own, XUSD),
    ledger.rates(),
    ledger.faucet(),
    ledger.balanceOf(account, XE),
    ledger.balanceOf(account, XUSD),
    ledger.headOf(account),
    ledger.claimableAt(account),
    ledger.delegates(account),
    ledger.getVotes(account),
  ]);
  return {
    network: connection.networkName,
    time,
    account,
    supply: { xe: xeSupply, xusd: xusdSupply },
    held: { xe: xeHeld, xusd: xusdHeld },
    rates: { perVCpu: now.perVCpu, perMemoryGB: now.perMemoryGB, perDiskGB: now.perDiskGB },
    faucet,
    balance: { xe: xeBalance, xusd: xusdBalance },
    head: head as Hash,
    pending: await findPending(session, account),
    claimableAt,
    delegate: to as Address,
    votes,
  };
}

export function describeLedger(s: LedgerStatus): string {
  const { perVCpu, perMemoryGB, perDiskGB } = s.rates;
  const claim = s.claimableAt <= s.time ? "can claim now" : `can claim again at ${formatMoment(s.claimableAt)}`;
  return [
    `XE/XUSD on network "${s.network}" at ${formatMoment(s.time)}`,
    `supply    ${xe(s.supply.xe)} and ${xusd(s.supply.xusd)}`,
    `held      ${xe(s.held.xe)} and ${xusd(s.held.xusd)} pending or in escrow`,
    `rates     ${rates(perVCpu, perMemoryGB, perDiskGB)}`,
    `account   ${s.account}`,
    `balance   ${xe(s.balance.xe)} and ${xusd(s.balance.xusd)}`,
    /^0x0+$/.test(s.head) ? "chain     has no block yet" : `chain     ends with the block ${s.head}`,
    ...(s.pending.length === 0 ? ["pending   nothing"] : []),
    ...s.pending.map(
      ({ source, asset, amount }, i) =>
        `${i === 0 ? "pending" : "       "}   ${amountOf(amount, asset)} of the send ${source}`,
    ),
    `votes     ${xusd(s.votes)} for the account; its own count for ${countFor(s.account, s.delegate)}`,
    s.faucet ? `faucet    ${claim}` : "faucet    none",
  ].join("\n");
}

/** A lease; amounts in wei of XUSD, times in seconds. */
export interface ListedLease {
  readonly id: Hash;
  readonly state: LeaseStateName;
  readonly consumer: Address;
  /** Who accepted or alone may accept; zero where anybody may. */
  readonly provider: Address;
  readonly cost: bigint;
  readonly stake: bigint;
  readonly vCpus: bigint;
  readonly memoryMB: bigint;
  readonly diskGB: bigint;
  readonly duration: bigint;
  readonly endsAt: bigint;
  readonly since: bigint;
}

export interface LeaseList {
  readonly network: string;
  readonly time: bigint;
  readonly leases: readonly ListedLease[];
}

/** Lists leases: those that are not over, and with an account all of its own: `hardhat xe leases`. */
export async function listLeases(
  session: Session,
  { account, all }: { readonly account: string; readonly all: boolean },
): Promise<LeaseList> {
  const { connection, deployment } = session;
  const { ledger } = deployment.xe;
  const { provider } = connection.ethers;
  const filter = { address: String(ledger.target), topics: [ledger.interface.getEvent("LeaseOpened").topicHash] };
  const opened: { readonly id: Hash; readonly vCpus: bigint; readonly memoryMB: bigint; readonly diskGB: bigint }[] =
    [];
  for await (const { logs } of new LogReader(provider).read(
    filter,
    deployment.startBlock,
    await provider.getBlockNumber(),
  )) {
    for (const log of logs) {
      const args = ledger.interface.parseLog(log)?.args;
      if (!args) continue;
      const [id, , , vCpus, memoryMB, diskGB] = args as unknown as [Hash, Address, Address, bigint, bigint, bigint];
      opened.push({ id, vCpus, memoryMB, diskGB });
    }
  }
  const leases = await inTurns(opened, async (asked) => {
    const { consumer, provider: by, cost, duration, state, endsAt, since } = await ledger.leaseOf(asked.id);
    const [c, p] = [consumer as Address, by as Address];
    const [paid, stake] = [cost * UNIT, stakeOf(cost) * UNIT];
    return { ...asked, state: leaseState(state), consumer: c, provider: p, cost: paid, stake, duration, endsAt, since };
  });
  const isOver = new Set<LeaseStateName>(["settled", "cancelled", "upheld"]);
  return {
    network: connection.networkName,
    time: await chainTime(session),
    leases: leases.filter(
      (lease) =>
        (all || !isOver.has(lease.state)) &&
        (account === "" || lease.consumer === session.account || lease.provider === session.account),
    ),
  };
}

function describeLease(lease: ListedLease, time: bigint): string {
  const { state, provider, endsAt, since, cost, stake } = lease;
  const by = provider === ZeroAddress ? "anybody" : provider;
  const where: Readonly<Record<LeaseStateName, string>> = {
    none: "none",
    open: `open to ${by} since ${formatMoment(since)}`,
    running: `running with ${by}, ${endsAt > time ? `for another ${formatDuration(endsAt - time)}` : "to be settled with `hardhat xe settle`"}`,
    objected: `running with ${by} until ${formatMoment(endsAt)}, with an objection of ${formatMoment(since)}`,
    settled: `settled by ${by} at ${formatMoment(since)}`,
    cancelled: `cancelled at ${formatMoment(since)}`,
    upheld: `ended at ${formatMoment(since)} by an objection against ${by} that was upheld`,
  };
  return [
    lease.id,
    `  ${resources(lease.vCpus, lease.memoryMB, lease.diskGB)} for ${formatDuration(lease.duration)}`,
    `  ${xusd(cost)} paid by ${lease.consumer}, stake ${xusd(stake)}`,
    `  ${where[state]}`,
  ].join("\n");
}

export function describeLeases({ leases, network, time }: LeaseList): string {
  if (leases.length === 0) return `There is no such lease on network "${network}".`;
  return leases.map((lease) => describeLease(lease, time)).join("\n");
}

/** The votes of an account; in wei of XUSD. */
export interface VotesStatus {
  readonly network: string;
  readonly account: Address;
  readonly balance: bigint;
  readonly delegate: Address;
  readonly votes: bigint;
  /** What a proposal needs now, and what it takes to make one. */
  readonly quorum: bigint;
  readonly threshold: bigint;
}

/** Reads what votes an account has, and whose its own are: `hardhat xe votes`. */
export async function readVotes(session: Session): Promise<VotesStatus> {
  const { account, connection, deployment } = session;
  const { ledger, governor } = deployment.xe;
  const time = await chainTime(session);
  const [balance, to, votes, quorum, threshold] = await Promise.all([
    ledger.balanceOf(account, encodeAsset("XUSD")),
    ledger.delegates(account),
    ledger.getVotes(account),
    governor.quorum(time - 1n),
    governor.proposalThreshold(),
  ]);
  const network = connection.networkName;
  return { network, account, balance, delegate: to as Address, votes, quorum, threshold };
}

/** @returns whose votes an account's XUSD are, to go on a sentence with */
function countFor(account: Address, delegate: Address): string {
  if (delegate === ZeroAddress) return "nobody: `hardhat xe votes --delegate me` makes its XUSD count";
  return delegate === account ? "itself" : delegate;
}

export function describeVotes({ network, account, balance, delegate, votes, quorum, threshold }: VotesStatus): string {
  return [
    `Votes of ${account} on network "${network}"`,
    `votes     ${xusd(votes)}; a proposal takes ${xusd(threshold)} to make and ${xusd(quorum)} to decide`,
    `own       ${xusd(balance)}, which count for ${countFor(account, delegate)}`,
  ].join("\n");
}
