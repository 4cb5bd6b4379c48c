import { isHexString, type TypedDataDomain, type TypedDataField, ZeroAddress } from "ethers";

import { ExplainedError } from "../../../src/deployment/explained-error.js";
import type { Address } from "../../../src/deployment/folder.js";
import { vxme } from "../../stake/words.js";
import { formatMoment, givenAddress, required } from "../../support/inputs.js";
import { carryOut, type Outcome } from "../../support/outcome.js";
import { type Session, signerOf } from "../../support/session.js";
import { isRecord, parseJson, readText } from "../calls.js";
import { type Government, governmentCall, governmentOf, signedGovernment } from "../government.js";
import { capital, requireState, type Seen, see } from "../proposals.js";
import { type Support, SUPPORTS } from "../words.js";

interface BallotInput {
  readonly id: string;
  readonly support: string;
  readonly reason: string;
}

function givenSupport(text: string): Support {
  const advice = `write one of ${SUPPORTS.join(", ")}`;
  const support = SUPPORTS.find((name) => name === required("support", text, advice));
  if (support) return support;
  throw new ExplainedError(`--support is "${text}": ${advice}.`);
}

/** @throws ExplainedError if the proposal takes no vote of the voter now */
async function requireVotes(government: Government, seen: Seen, voter: Address): Promise<bigint> {
  const { governor, votes } = government;
  const { proposal, standing } = seen;
  requireState(seen, ["active"], "voted on");
  if (await governor.hasVoted(proposal.id, voter)) {
    throw new ExplainedError(`${voter} has voted on ${seen.name} already, and a vote cannot be changed.`);
  }
  const [weight, delegate] = await Promise.all([governor.getVotes(voter, standing.snapshot), votes.delegates(voter)]);
  if (weight > 0n) return weight;
  const elsewhere = delegate !== ZeroAddress && delegate !== voter ? ` Its stake votes with ${delegate} now.` : "";
  throw new ExplainedError(
    `${voter} had no votes at ${formatMoment(standing.snapshot)}, when they were counted for ${seen.name}: what is staked or delegated later ` +
      `counts for later proposals.${elsewhere}`,
  );
}

/** What a vote does to the count. */
function announced({ name, standing }: Seen, voter: Address, support: Support, weight: bigint): readonly string[] {
  const { votes, quorum = 0n } = standing;
  const after = { ...votes, [support]: votes[support] + weight };
  const reached = after.for + after.abstain;
  return [
    `${capital(support)}, with ${vxme(weight)} of votes of ${voter}, on ${name}; it cannot be changed.`,
    `The count is then ${vxme(after.for)} for, ${vxme(after.against)} against, ${vxme(after.abstain)} abstaining: ` +
      (reached >= quorum ? "the quorum is reached." : `${vxme(quorum - reached)} more are needed for the quorum.`),
  ];
}

/** Votes, with the account's votes or by somebody's signature: `hardhat gov vote`. */
export async function vote(session: Session, input: BallotInput & { readonly signature: string }): Promise<Outcome> {
  if (input.signature !== "") return voteBySignature(session, input);
  const support = givenSupport(input.support);
  const government = signedGovernment(session);
  const { governor } = government;
  const seen = await see(government, input.id);
  const weight = await requireVotes(government, seen, session.account);
  const number = BigInt(SUPPORTS.indexOf(support));
  const { id } = seen.proposal;
  const call =
    input.reason === ""
      ? governmentCall(government, governor, [], governor.castVote, id, number)
      : governmentCall(government, governor, [], governor.castVoteWithReason, id, number, input.reason);
  return carryOut(session, call, { token: government.vxme }, () => announced(seen, session.account, support, weight));
}

/** A vote that was signed and not sent. */
export interface SignedBallot {
  readonly network: string;
  readonly governor: Address;
  readonly proposal: bigint;
  readonly support: Support;
  readonly reason: string;
  readonly voter: Address;
  readonly signature: string;
}

const BALLOT: TypedDataField[] = [
  { name: "proposalId", type: "uint256" },
  { name: "support", type: "uint8" },
  { name: "voter", type: "address" },
  { name: "nonce", type: "uint256" },
];

/** The structs that a voter signs, without and with a reason, as `signTypedData` takes them. */
export const BALLOT_TYPES: Readonly<Record<"plain" | "withReason", Record<string, TypedDataField[]>>> = {
  plain: { Ballot: BALLOT },
  withReason: { ExtendedBallot: [...BALLOT, { name: "reason", type: "string" }, { name: "params", type: "bytes" }] },
};

/** The domain in which a governor takes signed votes. */
export async function ballotDomain({ governor, session }: Government): Promise<TypedDataDomain> {
  const [name, version, { chainId }, verifyingContract] = await Promise.all([
    governor.name(),
    governor.version(),
    session.connection.ethers.provider.getNetwork(),
    governor.getAddress(),
  ]);
  return { name, version, chainId, verifyingContract };
}

/** Signs a vote that somebody else may send, and sends nothing: `hardhat gov sign-vote`. */
export async function signVote(
  session: Session,
  input: BallotInput & { readonly voter: string },
): Promise<SignedBallot> {
  const support = givenSupport(input.support);
  const signer = signerOf(session);
  const government = governmentOf(session);
  const { governor } = government;
  const voter = input.voter === "" ? session.account : givenAddress("voter", input.voter, "write whose vote it is");
  if (voter !== session.account && (await session.connection.ethers.provider.getCode(voter)) === "0x") {
    throw new ExplainedError(`--voter is ${voter}, for which only its own key signs: choose it with --account.`);
  }
  const seen = await see(government, input.id);
  requireState(seen, ["pending", "active"], "voted on");
  const { id } = seen.proposal;
  const ballot = {
    proposalId: id,
    support: BigInt(SUPPORTS.indexOf(support)),
    voter,
    nonce: await governor.nonces(voter),
  };
  const domain = await ballotDomain(government);
  session.consent?.expect([
    `${capital(support)}, with the votes of ${voter}, on ${seen.name}: whoever has the signature can cast it.`,
  ]);
  const signature =
    input.reason === ""
      ? await signer.signTypedData(domain, BALLOT_TYPES.plain, ballot)
      : await signer.signTypedData(domain, BALLOT_TYPES.withReason, { ...ballot, reason: input.reason, params: "0x" });
  return {
    network: session.connection.networkName,
    governor: (await governor.getAddress()) as Address,
    proposal: id,
    support,
    reason: input.reason,
    voter,
    signature,
  };
}

/** The signature as `hardhat gov vote --signature` takes it. */
export function describeBallot(ballot: SignedBallot): string {
  return JSON.stringify({ ...ballot, proposal: String(ballot.proposal) }, undefined, 2);
}

function givenBallot(option: string): Omit<SignedBallot, "network"> {
  const document = parseJson("signature", option.trimStart().startsWith("{") ? option : readText("signature", option));
  const { governor, proposal, support, reason, voter, signature } = isRecord(document) ? document : {};
  const good =
    typeof governor === "string" &&
    typeof proposal === "string" &&
    typeof support === "string" &&
    typeof reason === "string" &&
    typeof voter === "string" &&
    isHexString(signature) &&
    /^\d{1,78}$/.test(proposal);
  if (!good) {
    throw new ExplainedError(
      "--signature is none that `hardhat gov sign-vote` printed: give that whole text, or the file that it is in.",
    );
  }
  return {
    governor: givenAddress("signature", governor, ""),
    proposal: BigInt(proposal),
    support: givenSupport(support),
    reason,
    voter: givenAddress("signature", voter, ""),
    signature,
  };
}

async function voteBySignature(
  session: Session,
  input: BallotInput & { readonly signature: string },
): Promise<Outcome> {
  if (input.support !== "" || input.reason !== "") {
    throw new ExplainedError("--signature says already how and why was voted: leave --support and --reason away.");
  }
  const ballot = givenBallot(input.signature);
  const government = signedGovernment(session);
  const { governor } = government;
  const own = await governor.getAddress();
  if (ballot.governor !== own) {
    throw new ExplainedError(
      `--signature is for the governor ${ballot.governor}, and this deployment's is ${own}: choose the other one.`,
    );
  }
  const seen = await see(government, String(ballot.proposal));
  if (input.id !== "") {
    const named = await see(government, input.id);
    if (named.proposal.id !== seen.proposal.id) {
      throw new ExplainedError(
        `--signature is for ${seen.name}, and --id is ${named.name}: leave --id away, or give the signature for it.`,
      );
    }
  }
  const weight = await requireVotes(government, seen, ballot.voter);
  const { voter, reason, signature } = ballot;
  const support = BigInt(SUPPORTS.indexOf(ballot.support));
  const { id } = seen.proposal;
  const call =
    reason === ""
      ? governmentCall(government, governor, [], governor.castVoteBySig, id, support, voter, signature)
      : governmentCall(
          government,
          governor,
          [],
          governor.castVoteWithReasonAndParamsBySig,
          id,
          support,
          voter,
          reason,
          "0x",
          signature,
        );
  return carryOut(session, call, { token: government.vxme, account: voter }, () =>
    announced(seen, voter, ballot.support, weight),
  );
}
