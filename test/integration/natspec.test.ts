import { readFile } from "node:fs/promises";

import { expect } from "chai";
import { Interface, type JsonFragment, type ParamType } from "ethers";
import hre from "hardhat";

/** The parts of the compiler's output that the tests read. */
interface CompiledContract {
  readonly abi: readonly JsonFragment[];
  readonly userdoc: UserDocumentation;
}

interface UserDocumentation {
  readonly methods?: Readonly<Record<string, Notice>>;
  readonly events?: Readonly<Record<string, Notice>>;
  readonly errors?: Readonly<Record<string, readonly Notice[]>>;
}

interface Notice {
  readonly notice?: string;
}

/** A function, event or error of a contract, with what the compiler says of it to users. */
interface Entry {
  readonly contract: string;
  /** Such as "function burn(uint256)". */
  readonly signature: string;
  /** Names of parameters, of results, and of the fields of both. */
  readonly names: readonly string[];
  readonly notice: string | undefined;
}

/** What OpenZeppelin declares without a notice and our contracts inherit or throw as it is. A new line here is a decision. */
const INHERITED_WITHOUT_NOTICE = [
  // access/manager/AccessManaged
  "function authority()",
  "function isConsumingScheduledOp()",
  "function setAuthority(address)",
  "event AuthorityUpdated(address)",
  "error AccessManagedInvalidAuthority(address)",
  "error AccessManagedRequiredDelay(address,uint32)",
  "error AccessManagedUnauthorized(address)",
  // access/Ownable, Ownable2Step
  "function acceptOwnership()",
  "function owner()",
  "function pendingOwner()",
  "event OwnershipTransferred(address,address)",
  "event OwnershipTransferStarted(address,address)",
  "error OwnableInvalidOwner(address)",
  "error OwnableUnauthorizedAccount(address)",
  // finance/VestingWallet, VestingWalletCliff
  "function cliff()",
  "function duration()",
  "function end()",
  "function releasable()",
  "function releasable(address)",
  "function release()",
  "function release(address)",
  "function released()",
  "function released(address)",
  "function start()",
  "function vestedAmount(address,uint64)",
  "function vestedAmount(uint64)",
  "event ERC20Released(address,uint256)",
  "event EtherReleased(uint256)",
  "error InvalidCliffDuration(uint64,uint64)",
  // token/ERC20
  "function allowance(address,address)",
  "function approve(address,uint256)",
  "function balanceOf(address)",
  "function burn(uint256)",
  "function burnFrom(address,uint256)",
  "function decimals()",
  "function name()",
  "function symbol()",
  "function totalSupply()",
  "function transfer(address,uint256)",
  "function transferFrom(address,address,uint256)",
  "event Approval(address,address,uint256)",
  "event Transfer(address,address,uint256)",
  "error ERC20InsufficientAllowance(address,uint256,uint256)",
  "error ERC20InsufficientBalance(address,uint256,uint256)",
  "error ERC20InvalidApprover(address)",
  "error ERC20InvalidReceiver(address)",
  "error ERC20InvalidSender(address)",
  "error ERC20InvalidSpender(address)",
  "error SafeERC20FailedOperation(address)",
  // token/ERC721, ERC721URIStorage
  "function getApproved(uint256)",
  "function isApprovedForAll(address,address)",
  "function safeTransferFrom(address,address,uint256)",
  "function safeTransferFrom(address,address,uint256,bytes)",
  "function setApprovalForAll(address,bool)",
  "function supportsInterface(bytes4)",
  "function tokenURI(uint256)",
  "event ApprovalForAll(address,address,bool)",
  "event BatchMetadataUpdate(uint256,uint256)",
  "event MetadataUpdate(uint256)",
  "error ERC721IncorrectOwner(address,uint256,address)",
  "error ERC721InsufficientApproval(address,uint256)",
  "error ERC721InvalidApprover(address)",
  "error ERC721InvalidOperator(address)",
  "error ERC721InvalidOwner(address)",
  "error ERC721InvalidReceiver(address)",
  "error ERC721InvalidSender(address)",
  "error ERC721NonexistentToken(uint256)",
  // token/ERC1155
  "function balanceOf(address,uint256)",
  "function balanceOfBatch(address[],uint256[])",
  "function safeBatchTransferFrom(address,address,uint256[],uint256[],bytes)",
  "function safeTransferFrom(address,address,uint256,uint256,bytes)",
  "event TransferBatch(address,address,address,uint256[],uint256[])",
  "event TransferSingle(address,address,address,uint256,uint256)",
  "event URI(string,uint256)",
  "error ERC1155InsufficientBalance(address,uint256,uint256,uint256)",
  "error ERC1155InvalidApprover(address)",
  "error ERC1155InvalidArrayLength(uint256,uint256)",
  "error ERC1155InvalidOperator(address)",
  "error ERC1155InvalidReceiver(address)",
  "error ERC1155InvalidSender(address)",
  "error ERC1155MissingApprovalForAll(address,address)",
  // token/ERC20/extensions/ERC20Permit, utils/cryptography
  "function DOMAIN_SEPARATOR()",
  "function eip712Domain()",
  "function nonces(address)",
  "function permit(address,address,uint256,uint256,uint8,bytes32,bytes32)",
  "event EIP712DomainChanged()",
  "error ECDSAInvalidSignature()",
  "error ECDSAInvalidSignatureLength(uint256)",
  "error ECDSAInvalidSignatureS(bytes32)",
  "error ERC2612ExpiredSignature(uint256)",
  "error ERC2612InvalidSigner(address,address)",
  "error InvalidAccountNonce(address,uint256)",
  "error InvalidShortString()",
  "error StringTooLong(string)",
  // governance: Governor and its extensions, Votes, checkpoints
  "error CheckpointUnorderedInsertion()",
  "error ERC5805FutureLookup(uint256,uint48)",
  "error GovernorAlreadyCastVote(address)",
  "error GovernorAlreadyQueuedProposal(uint256)",
  "error GovernorDisabledDeposit()",
  "error GovernorInsufficientProposerVotes(address,uint256,uint256)",
  "error GovernorInvalidProposalLength(uint256,uint256,uint256)",
  "error GovernorInvalidSignature(address)",
  "error GovernorInvalidVoteParams()",
  "error GovernorInvalidVoteType()",
  "error GovernorInvalidVotingPeriod(uint256)",
  "error GovernorNonexistentProposal(uint256)",
  "error GovernorOnlyExecutor(address)",
  "error GovernorPreventLateQuorumVoteExtensionTooLarge(uint256,uint256)",
  "error GovernorProposalQueueingFailed(uint256)",
  "error GovernorProposalQueueingNotRequired(uint256)",
  "error GovernorRestrictedProposer(address)",
  "error GovernorUnableToCancel(uint256,address)",
  "error GovernorUnexpectedProposalState(uint256,uint8,bytes32)",
  "error StringsInsufficientHexLength(uint256,uint256)",
  "error VotesExpiredSignature(uint256)",
  "event DelegateChanged(address,address,address)",
  "event DelegateVotesChanged(address,uint256,uint256)",
  "event LateQuorumVoteExtensionSet(uint64,uint64)",
  "event ProposalCanceled(uint256)",
  "event ProposalCreated(uint256,address,address[],uint256[],string[],bytes[],uint256,uint256,string)",
  "event ProposalExecuted(uint256)",
  "event ProposalExtended(uint256,uint64)",
  "event ProposalQueued(uint256,uint256)",
  "event TimelockChange(address,address)",
  "event VoteCast(address,uint256,uint8,uint256,string)",
  "event VoteCastWithParams(address,uint256,uint8,uint256,string,bytes)",
  "function BALLOT_TYPEHASH()",
  "function EXTENDED_BALLOT_TYPEHASH()",
  "function delegate(address)",
  "function delegateBySig(address,uint256,uint256,uint8,bytes32,bytes32)",
  "function delegates(address)",
  "function getPastTotalSupply(uint256)",
  "function getPastVotes(address,uint256)",
  "function getVotes(address)",
  "function lateQuorumVoteExtension()",
  "function onERC1155BatchReceived(address,address,uint256[],uint256[],bytes)",
  "function onERC1155Received(address,address,uint256,uint256,bytes)",
  "function onERC721Received(address,address,uint256,bytes)",
  "function ownerOf(uint256)",
  "function timelock()",
  "function token()",
  // utils
  "function multicall(bytes[])",
  "error AddressEmptyCode(address)",
  "error FailedCall()",
  "error InsufficientBalance(uint256,uint256)",
  "error ReentrancyGuardReentrantCall()",
  "error SafeCastOverflowedIntDowncast(uint8,int256)",
  "error SafeCastOverflowedIntToUint(int256)",
  "error SafeCastOverflowedUintDowncast(uint8,uint256)",
  "error SafeCastOverflowedUintToInt(uint256)",
] as const;

/** Everything that one build compiled, by source and contract, such as "project/contracts/rank/XRank.sol:XRank". */
async function readBuild(id: string): Promise<ReadonlyMap<string, CompiledContract>> {
  const file = await hre.artifacts.getBuildInfoOutputPath(id);
  if (file === undefined) throw new Error(`The build ${id} has no output: run \`hardhat build --force\`.`);
  const { output } = JSON.parse(await readFile(file, "utf8")) as {
    output: { contracts: Record<string, Record<string, CompiledContract>> };
  };
  return new Map(
    Object.entries(output.contracts).flatMap(([source, contracts]) =>
      Object.entries(contracts).map(([name, contract]) => [`${source}:${name}`, contract] as const),
    ),
  );
}

/** The contract in a fully qualified name. */
function nameOf(qualified: string): string {
  return qualified.replace(/.*:/, "");
}

function namesIn(parameters: readonly ParamType[]): string[] {
  return parameters.flatMap(({ name, components, arrayChildren }) => [
    name,
    ...namesIn(components ?? arrayChildren?.components ?? []),
  ]);
}

function entriesOf(contract: string, { abi, userdoc }: CompiledContract): Entry[] {
  const abi_ = new Interface(abi);
  const entries: Entry[] = [];
  abi_.forEachFunction((one) => {
    const signature = one.format("sighash");
    entries.push({
      contract,
      signature: `function ${signature}`,
      names: namesIn([...one.inputs, ...one.outputs]),
      notice: userdoc.methods?.[signature]?.notice,
    });
  });
  abi_.forEachEvent((one) => {
    const signature = one.format("sighash");
    const notice = userdoc.events?.[signature]?.notice;
    entries.push({ contract, signature: `event ${signature}`, names: namesIn(one.inputs), notice });
  });
  abi_.forEachError((one) => {
    const signature = one.format("sighash");
    const notice = userdoc.errors?.[signature]?.[0]?.notice;
    entries.push({ contract, signature: `error ${signature}`, names: namesIn(one.inputs), notice });
  });
  return entries;
}

/** What a wallet shows: a deployment carries these sentences in its `docs` folder. */
describe("User documentation", () => {
  let ours: readonly Entry[];
  let openZeppelins: ReadonlySet<string>;
  /** Contracts, interfaces, functions, constants, events and errors of this project, by the names that a sentence may use. */
  let known: ReadonlySet<string>;

  before(async () => {
    const contracts = [...(await hre.artifacts.getAllFullyQualifiedNames())].filter((name) =>
      name.startsWith("contracts/"),
    );
    const builds = new Map<string, ReadonlyMap<string, CompiledContract>>();
    const found: Entry[] = [];
    for (const name of contracts) {
      // Builds that only some files went through stand beside each other: each contract is asked for in its own.
      const id = await hre.artifacts.getBuildInfoId(name);
      if (id === undefined) throw new Error(`The artifact of ${name} names no build: run \`hardhat build --force\`.`);
      const build = builds.get(id) ?? (await readBuild(id));
      builds.set(id, build);
      const contract = build.get(`project/${name}`);
      if (!contract) throw new Error(`The build ${id} has no ${name}: run \`hardhat build --force\`.`);
      found.push(...entriesOf(nameOf(name), contract));
    }
    ours = found;
    known = new Set([...contracts.map(nameOf), ...ours.map(({ signature }) => signature.replace(/^\w+ |\(.*/g, ""))]);
    openZeppelins = new Set(
      [...builds.values()]
        .flatMap((build) => [...build])
        .filter(([name]) => name.startsWith("npm/@openzeppelin/"))
        .flatMap(([name, contract]) => entriesOf(nameOf(name), contract).map(({ signature }) => signature)),
    );
  });

  it("has a notice for every function, event and error that this project declares", () => {
    expect(ours.length, "functions, events and errors found").to.be.greaterThan(200);
    const silent = new Set(ours.filter(({ notice }) => !notice).map(({ signature }) => signature));
    expect([...silent].sort(), "declared without a notice").to.deep.equal([...INHERITED_WITHOUT_NOTICE].sort());
    expect(
      INHERITED_WITHOUT_NOTICE.filter((signature) => !openZeppelins.has(signature)),
      "not declared by OpenZeppelin, so it needs a notice",
    ).to.deep.equal([]);
  });

  it("has every notice as one sentence", () => {
    // A sentence begins with a capital letter, or with the parameter that it speaks of.
    const sentence = /^([A-Z]|`\w+`)(?:(?![.!?]\s+["“]?[A-Z`])[^])*[^\s.]\.$/;
    const others = ours.filter(({ notice }) => notice && !sentence.test(notice));
    expect(others.map(({ contract, signature, notice }) => `${contract}: ${signature}: ${notice ?? ""}`)).to.deep.equal(
      [],
    );
  });

  it("has nothing in backticks but parameters and names that the ABI declares", () => {
    const unknown = ours.flatMap(({ contract, signature, names, notice = "" }) =>
      [...notice.matchAll(/`([^`]*)`/g)]
        .map(([, word = ""]) => word)
        .filter((word) => !names.includes(word) && !known.has(word))
        .map((word) => `${contract}: ${signature}: ${word}`),
    );
    expect(unknown).to.deep.equal([]);
  });
});
