import { ZeroAddress } from "ethers";

import { ExplainedError } from "../../src/deployment/explained-error.js";
import type { Address } from "../../src/deployment/folder.js";
import { formatCount } from "../../src/format.js";
import {
  duration as givenDuration,
  formatDuration,
  formatMoment,
  givenAddress,
  tokenAmount,
  wholeNumber,
} from "../support/inputs.js";
import { carryOut, type Outcome } from "../support/outcome.js";
import { givenRecipient } from "../support/recipient.js";
import { type Call, callOf } from "../support/send.js";
import type { Session } from "../support/session.js";
import { givenAsset, givenHash, reading, signing, tokenOf } from "./ledger.js";
import { findPending, type PendingSend } from "./pending.js";
import { amountOf, LEDGER_WORDS, nameOf, rates, resources, xe, xusd } from "./words.js";

/** Most receives of one transaction; a receive takes some 45,000 gas, and up to 90,000 for an account's first. */
const MOST_RECEIVES = 50;

/** Sends XE or XUSD, to be received: `hardhat xe send`. */
export async function sendAsset(
  session: Session,
  { asset: text, to, amount: many }: { readonly asset: string; readonly to: string; readonly amount: string },
): Promise<Outcome> {
  const { name, asset } = givenAsset(text);
  const destination = givenRecipient(session, "to", to, "give the address that it is sent to");
  const amount = tokenAmount("amount", many, name);
  const ledger = signing(session);
  const call = callOf(ledger, LEDGER_WORDS, ledger.send, asset, destination, amount);
  return carryOut(session, call, { token: tokenOf(session, name) }, (hash) => [
    `${amountOf(amount, name)} leave ${session.account} for ${destination}, and cannot be called back.`,
    `They are pending until anybody carries out the receive: \`hardhat xe receive --for ${destination}\`. ` +
      `The send is the block ${hash}, if nothing else of yours comes first.`,
  ]);
}

/** Receives what was sent to an account, one send or all there are: `hardhat xe receive`. */
export async function receive(
  session: Session,
  { for: text, source }: { readonly for: string; readonly source: string },
): Promise<Outcome> {
  const to = text === "" ? session.account : givenAddress("for", text, "give the address that it was sent to");
  const ledger = signing(session);
  const sends = source === "" ? await findPending(session, to) : [await pendingSend(session, to, source)];
  const taken = sends.slice(0, MOST_RECEIVES);
  const [first] = taken;
  if (!first) {
    throw new ExplainedError(`Nothing is pending for ${to}: give --for the account that something was sent to.`);
  }
  const calls = taken.map((send) => ledger.interface.encodeFunctionData("receivePending", [to, send.source]));
  const one = callOf(ledger, LEDGER_WORDS, ledger.receivePending, to, first.source);
  const call: Call<unknown> =
    taken.length === 1
      ? one
      : { ...one, probe: () => ledger.multicall.staticCall(calls), transact: () => ledger.multicall(calls) };
  return carryOut(session, call, { token: tokenOf(session, nameOf(first.asset)), account: to }, () => [
    ...taken.map(
      ({ source: hash, asset, amount }) => `${amountOf(amount, asset)} arrive at ${to}, of the send ${hash}.`,
    ),
    ...(sends.length > taken.length
      ? [`${formatCount(sends.length - taken.length)} more sends are pending: run the same command again for them.`]
      : []),
  ]);
}

async function pendingSend({ deployment }: Session, to: string, text: string): Promise<PendingSend> {
  const source = givenHash("source", text, "give the hash of the block that sent it");
  const { asset, amount } = await deployment.xe.ledger.pendingOf(to, source);
  if (amount === 0n) {
    throw new ExplainedError(
      `Nothing that ${source} sent is pending for ${to}: it was received already, or goes to another account.`,
    );
  }
  return { source, asset, amount };
}

/** Claims XUSD from the faucet: `hardhat xe claim`. */
export async function claim(session: Session): Promise<Outcome> {
  const ledger = signing(session);
  return carryOut(
    session,
    callOf(ledger, LEDGER_WORDS, ledger.claim),
    { token: tokenOf(session, "XUSD") },
    async () => [`The faucet pays ${xusd(await ledger.CLAIM_AMOUNT())} to ${session.account}, and again in 24 hours.`],
  );
}

interface LeaseInput {
  readonly vcpus: string;
  readonly memory: string;
  readonly disk: string;
  readonly duration: string;
  readonly provider: string;
  readonly maxCost: string;
}

/** Opens a lease and pays for it: `hardhat xe lease`. */
export async function lease(session: Session, input: LeaseInput): Promise<Outcome> {
  const terms = {
    vCpus: wholeNumber("vcpus", input.vcpus, "write a whole number of virtual CPUs, such as 4"),
    memoryMB: wholeNumber("memory", input.memory, "write a whole number of MB, such as 8192"),
    diskGB: wholeNumber("disk", input.disk, "write a whole number of GB, such as 100"),
    duration: givenDuration("duration", input.duration),
  };
  const provider =
    input.provider === "" ? ZeroAddress : givenAddress("provider", input.provider, "give who may accept it");
  const most = input.maxCost === "" ? undefined : tokenAmount("max-cost", input.maxCost, "XUSD");
  const ledger = signing(session);
  const { cost: quoted, stake } = await reading(session, async () => ledger.quoteLease(terms));
  const call = callOf(ledger, LEDGER_WORDS, ledger.lease, terms, provider, most ?? quoted);
  return carryOut(session, call, { token: tokenOf(session, "XUSD") }, async ({ cost }) => {
    const { perVCpu, perMemoryGB, perDiskGB } = await ledger.rates();
    return [
      `${resources(terms.vCpus, terms.memoryMB, terms.diskGB)} for ${formatDuration(terms.duration)} cost ${xusd(cost)} now.`,
      `The rates are ${rates(perVCpu, perMemoryGB, perDiskGB)}; the hours and the whole are rounded up.`,
      `${provider === ZeroAddress ? "Anybody" : provider} may accept it with a stake of ${xusd(stake)}; your payment is burned then. ` +
        "Until then `hardhat xe cancel` takes all of it back.",
    ];
  });
}

const LEASE_ADVICE = "give the lease, as `hardhat xe leases` shows it";
interface LeaseId {
  readonly id: string;
}

/** Accepts a lease: `hardhat xe accept`. */
export async function accept(session: Session, { id: text }: LeaseId): Promise<Outcome> {
  const id = givenHash("id", text, LEASE_ADVICE);
  const ledger = signing(session);
  const call = callOf(ledger, LEDGER_WORDS, ledger.acceptLease, id);
  return carryOut(session, call, { token: tokenOf(session, "XUSD") }, async ({ stake, endsAt }) => {
    const { cost } = await ledger.leaseOf(id);
    return [
      `${xusd(stake)} of ${session.account} are held as its stake until the lease is settled; an objection that is upheld burns them.`,
      `The term ends at about ${formatMoment(endsAt)}. Settling then brings ${xe(cost * 10n ** 18n)} and the stake back.`,
    ];
  });
}

/** Takes a lease back that nobody accepted: `hardhat xe cancel`. */
export async function cancel(session: Session, { id: text }: LeaseId): Promise<Outcome> {
  const ledger = signing(session);
  const call = callOf(ledger, LEDGER_WORDS, ledger.cancelLease, givenHash("id", text, LEASE_ADVICE));
  return carryOut(session, call, { token: tokenOf(session, "XUSD") }, (cost) => [
    `${xusd(cost)} come back, and nobody can accept the lease any more.`,
  ]);
}

/** Objects to a lease: `hardhat xe object`. */
export async function objectTo(session: Session, { id: text }: LeaseId): Promise<Outcome> {
  const ledger = signing(session);
  const call = callOf(ledger, LEDGER_WORDS, ledger.objectToLease, givenHash("id", text, LEASE_ADVICE));
  return carryOut(session, call, { token: tokenOf(session, "XUSD") }, ({ bond, rulingEndsAt }) => [
    `${xusd(bond)} are held as your bond; the arbiter can rule until about ${formatMoment(rulingEndsAt)}.`,
    "Upheld, the bond comes back and the provider loses its stake; rejected, the bond is the provider's; without a ruling it comes back, and the " +
      "lease goes on. What was paid for the lease comes back in no case.",
  ]);
}

/** Rules on an objection: `hardhat xe rule`. */
export async function rule(
  session: Session,
  { id: text, uphold, reject }: LeaseId & { readonly uphold: boolean; readonly reject: boolean },
): Promise<Outcome> {
  const id = givenHash("id", text, LEASE_ADVICE);
  if (uphold === reject) throw new ExplainedError("Give either --uphold or --reject.");
  const ledger = signing(session);
  const { consumer, provider, cost } = await ledger.leaseOf(id);
  const call = callOf(ledger, LEDGER_WORDS, ledger.rule, id, uphold);
  const bond = xusd((cost / 5n > 1n ? cost / 5n : 1n) * 10n ** 18n);
  return carryOut(
    session,
    call,
    { token: tokenOf(session, "XUSD"), account: uphold ? (consumer as Address) : (provider as Address) },
    () => [
      uphold
        ? `The bond of ${bond} goes back to the consumer ${consumer}; as much of the provider ${provider} is burned, and it earns no XE.`
        : `The bond of ${bond} goes to the provider ${provider}, and the lease goes on.`,
      "A ruling is final.",
    ],
  );
}

/** Gives a bond back that the arbiter did not rule on: `hardhat xe lapse`. */
export async function lapse(session: Session, { id: text }: LeaseId): Promise<Outcome> {
  const id = givenHash("id", text, LEASE_ADVICE);
  const ledger = signing(session);
  const { consumer } = await ledger.leaseOf(id);
  const call = callOf(ledger, LEDGER_WORDS, ledger.lapseObjection, id);
  return carryOut(session, call, { token: tokenOf(session, "XUSD"), account: consumer as Address }, (bond) => [
    `The bond of ${xusd(bond)} goes back to the consumer ${consumer}, and the lease goes on.`,
  ]);
}

/** Settles a lease whose term is over: `hardhat xe settle`. */
export async function settle(session: Session, { id: text }: LeaseId): Promise<Outcome> {
  const id = givenHash("id", text, LEASE_ADVICE);
  const ledger = signing(session);
  const { provider } = await ledger.leaseOf(id);
  const call = callOf(ledger, LEDGER_WORDS, ledger.settleLease, id);
  return carryOut(
    session,
    call,
    { token: tokenOf(session, "XE"), account: provider as Address },
    ({ emission, stake }) => [`${provider} earns ${xe(emission)} and gets its stake of ${xusd(stake)} back.`],
  );
}

/** Lets the account's XUSD count as somebody's votes: `hardhat xe votes --delegate`. */
export async function delegate(session: Session, { delegate: text }: { readonly delegate: string }): Promise<Outcome> {
  const to =
    text === "me"
      ? session.account
      : text === "nobody"
        ? ZeroAddress
        : givenAddress("delegate", text, "give an address");
  const ledger = signing(session);
  const call = callOf(ledger, LEDGER_WORDS, ledger.delegate, to);
  return carryOut(session, call, { token: tokenOf(session, "XUSD") }, async () => {
    const balance = xusd(await tokenOf(session, "XUSD").balanceOf(session.account));
    return to === ZeroAddress
      ? [`The ${balance} of ${session.account}, and all it gets later, count for nobody then.`]
      : [
          `The ${balance} of ${session.account}, and all it gets later, count as votes of ${to}; XE never counts. It keeps them and can spend them.`,
        ];
  });
}
