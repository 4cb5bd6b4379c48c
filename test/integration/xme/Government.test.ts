import { expect } from "chai";
import {
  type BaseContract,
  type ContractTransactionResponse,
  Contract,
  Interface,
  Signature,
  ZeroAddress,
  ZeroHash,
  concat,
  getBytes,
  id,
  toBeHex,
} from "ethers";
import { network } from "hardhat";

import type { HardhatEthersSigner } from "@nomicfoundation/hardhat-ethers/types";
import { BuybackPlan } from "../../../src/xme/buyback.js";
import { EmissionModel } from "../../../src/xme/emission.js";
import {
  GRACE_PERIOD,
  MIN_QUORUM,
  PROPOSAL_THRESHOLD,
  SUPPORT,
  TIMELOCK_DELAY,
  VOTING_DELAY,
  VOTING_PERIOD,
  type Support,
  isExecutable,
  proposalState,
  proposalTimes,
  quorum,
} from "../../../src/xme/governance.js";
import { UNSTAKE_DELAY } from "../../../src/xme/votes.js";
import {
  DAY,
  FIRST_SHARES,
  FIRST_SPLIT,
  MILLION,
  NODES_STREAM,
  POOL_FEE,
  SETTLER_ROLE,
  TOKEN,
  TREASURY_XME,
  TREASURY_XMEX,
  VOTES_STREAM,
  type Call,
  type Decision,
  type Deployed,
  type Government,
  type Proposal,
  type Refused,
  type Shares,
  bitmap,
  callOf,
  decided,
  deployGovernment,
  deploySettledGovernment,
  drafted,
  expectSame,
  govern,
  numberOfState,
  proposalOf,
  restricted,
} from "../../support/government.js";
import { effort } from "../../support/effort.js";
import { Random, seedOfThisRun } from "../../support/rankRandom.js";

const connection = await network.create();
const { ethers, networkHelpers } = connection;

const SEED = seedOfThisRun();
const [FOR, AGAINST] = [1n, 0n];
const NEXT_SHARES: Shares = [3_000n, 500n, 3_000n, 2_500n, 1_000n, 0n, 0n, 0n];
const PLAN = { total: 1_000n * MILLION, slice: 2n * MILLION, interval: DAY };

/** OpenZeppelin's IGovernor, IVotes and ERC-6372 as their documentation writes them; nothing here is read from our artifacts. */
const IGOVERNOR = [
  "function name() view returns (string)",
  "function version() view returns (string)",
  "function COUNTING_MODE() view returns (string)",
  "function hashProposal(address[] targets, uint256[] values, bytes[] calldatas, bytes32 descriptionHash) view returns (uint256)",
  "function getProposalId(address[] targets, uint256[] values, bytes[] calldatas, bytes32 descriptionHash) view returns (uint256)",
  "function state(uint256 proposalId) view returns (uint8)",
  "function proposalThreshold() view returns (uint256)",
  "function proposalSnapshot(uint256 proposalId) view returns (uint256)",
  "function proposalDeadline(uint256 proposalId) view returns (uint256)",
  "function proposalProposer(uint256 proposalId) view returns (address)",
  "function proposalEta(uint256 proposalId) view returns (uint256)",
  "function proposalNeedsQueuing(uint256 proposalId) view returns (bool)",
  "function votingDelay() view returns (uint256)",
  "function votingPeriod() view returns (uint256)",
  "function quorum(uint256 timepoint) view returns (uint256)",
  "function getVotes(address account, uint256 timepoint) view returns (uint256)",
  "function getVotesWithParams(address account, uint256 timepoint, bytes params) view returns (uint256)",
  "function hasVoted(uint256 proposalId, address account) view returns (bool)",
  "function propose(address[] targets, uint256[] values, bytes[] calldatas, string description) returns (uint256)",
  "function queue(address[] targets, uint256[] values, bytes[] calldatas, bytes32 descriptionHash) returns (uint256)",
  "function execute(address[] targets, uint256[] values, bytes[] calldatas, bytes32 descriptionHash) payable returns (uint256)",
  "function cancel(address[] targets, uint256[] values, bytes[] calldatas, bytes32 descriptionHash) returns (uint256)",
  "function castVote(uint256 proposalId, uint8 support) returns (uint256)",
  "function castVoteWithReason(uint256 proposalId, uint8 support, string reason) returns (uint256)",
  "function castVoteWithReasonAndParams(uint256 proposalId, uint8 support, string reason, bytes params) returns (uint256)",
  "function castVoteBySig(uint256 proposalId, uint8 support, address voter, bytes signature) returns (uint256)",
  "function castVoteWithReasonAndParamsBySig(uint256 proposalId, uint8 support, address voter, string reason, bytes params, bytes signature) returns (uint256)",
];
const GOVERNOR_EVENTS = [
  "event ProposalCreated(uint256 proposalId, address proposer, address[] targets, uint256[] values, string[] signatures, bytes[] calldatas, uint256 voteStart, uint256 voteEnd, string description)",
  "event ProposalQueued(uint256 proposalId, uint256 etaSeconds)",
  "event ProposalExecuted(uint256 proposalId)",
  "event ProposalCanceled(uint256 proposalId)",
  "event VoteCast(address indexed voter, uint256 proposalId, uint8 support, uint256 weight, string reason)",
  "event VoteCastWithParams(address indexed voter, uint256 proposalId, uint8 support, uint256 weight, string reason, bytes params)",
];
/** What indexers of governors ask nodes for. */
const WELL_KNOWN_TOPICS = {
  ProposalCreated: "0x7d84a6263ae0d98d3329bd7b46bb4e8d6f98cd35a7adb45c274c8b7fd5ebd5e0",
  ProposalQueued: "0x9a2e42fd6722813d69113e7d0079d3d940171428df7373df9c7f7617cfda2892",
  ProposalExecuted: "0x712ae1383f79ac853f8d882153778e0260ef8f03b504e2866e0593e04d2b291f",
  ProposalCanceled: "0x789cf55be980739dad1d0699b93b58e806b51c9d96619bfa8fe0a28abaa7b30c",
  VoteCast: "0xb8e138887d0aa13bab447e82de9d5c1777041ecd21ca36ba824ff1e6c07ddda4",
};
const IVOTES = [
  "function clock() view returns (uint48)",
  "function CLOCK_MODE() view returns (string)",
  "function getVotes(address account) view returns (uint256)",
  "function getPastVotes(address account, uint256 timepoint) view returns (uint256)",
  "function getPastTotalSupply(uint256 timepoint) view returns (uint256)",
  "function delegates(address account) view returns (address)",
  "error ERC5805FutureLookup(uint256 timepoint, uint48 clock)",
];
const ERC6372 = ["function clock() view returns (uint48)", "function CLOCK_MODE() view returns (string)"];
const ERC5267 = [
  "function eip712Domain() view returns (bytes1 fields, string name, string version, uint256 chainId, address verifyingContract, bytes32 salt, uint256[] extensions)",
];

const BALLOT = {
  Ballot: [
    { name: "proposalId", type: "uint256" },
    { name: "support", type: "uint8" },
    { name: "voter", type: "address" },
    { name: "nonce", type: "uint256" },
  ],
};
const EXTENDED_BALLOT = {
  ExtendedBallot: [...BALLOT.Ballot, { name: "reason", type: "string" }, { name: "params", type: "bytes" }],
};
const DELEGATION = {
  Delegation: [
    { name: "delegatee", type: "address" },
    { name: "nonce", type: "uint256" },
    { name: "expiry", type: "uint256" },
  ],
};

/** The EIP-712 domain as a wallet learns it from the contract itself (ERC-5267). */
async function domainOf(contract: BaseContract) {
  const read = new Contract(contract.target as string, ERC5267, ethers.provider);
  const answer = (await read.getFunction("eip712Domain").staticCall()) as unknown[];
  const [fields, name, version, chainId, verifyingContract] = answer as [string, string, string, bigint, string];
  expect(fields, "name, version, chain and contract").to.equal("0x0f");
  return { name, version, chainId, verifyingContract };
}

/** The ERC-165 number of an interface: all selectors of its functions, one against the other. */
function interfaceId(abi: readonly string[]): string {
  let bits = 0n;
  new Interface([...abi]).forEachFunction(({ selector }) => (bits ^= BigInt(selector)));
  return toBeHex(bits, 4);
}

/** What the timelock calls the batch of a proposal of `governor`. */
function operationOf(governor: BaseContract, { targets, values, calldatas, description }: Proposal) {
  const salt = toBeHex(BigInt(concat([governor.target as string, new Uint8Array(12)])) ^ BigInt(id(description)), 32);
  return [targets, values, calldatas, ZeroHash, salt] as const;
}

/** The answers to the calls of a `GovernmentAccount`, in their order. */
async function answersOf(account: BaseContract, sent: Promise<ContractTransactionResponse>) {
  const receipt = await (await sent).wait();
  const logs = receipt?.logs.filter(({ address }) => address === account.target) ?? [];
  return logs.map((log) => {
    const [, success, answer] = account.interface.parseLog(log)?.args.toArray() as [bigint, boolean, string];
    return { success, answer };
  });
}

/** Expects that `answer` is the error `name` of `contract` with `args`. */
function expectError(contract: BaseContract, { success, answer }: { success: boolean; answer: string }, name: string) {
  expect(success, name).to.equal(false);
  const error = contract.interface.parseError(answer);
  expect(error?.name, answer).to.equal(name);
  return error?.args.toArray();
}

describe("Government", () => {
  const empty = () => deployGovernment(connection);
  const settled = () => deploySettledGovernment(connection);
  const load = async (fixture: () => Promise<Deployed>): Promise<Government> =>
    govern(connection, await networkHelpers.loadFixture(fixture));

  /** A million XME for the outsider. */
  const spend = ({ xme, outsider }: Government, description: string, amount = MILLION) =>
    proposalOf(description, [callOf(xme, "transfer", [outsider.address, amount])]);

  /** What `contract` told of its roles, replayed: who has which. */
  async function rolesOf(contract: BaseContract, roleIn: number, accountIn: number) {
    const logs = await ethers.provider.getLogs({ address: contract.target as string, fromBlock: 0 });
    const holders = new Map<string, Set<string>>();
    for (const log of logs) {
      const event = contract.interface.parseLog(log);
      if (event?.name !== "RoleGranted" && event?.name !== "RoleRevoked") continue;
      const [role, account] = [String(event.args[roleIn]), String(event.args[accountIn])];
      const known = holders.get(role) ?? new Set();
      if (event.name === "RoleGranted") known.add(account);
      else known.delete(account);
      holders.set(role, known);
    }
    return new Map([...holders].map(([role, accounts]) => [role, [...accounts]]));
  }

  describe("as it is deployed", () => {
    it("leaves every role with the governor and its timelock, and none with the deployer", async () => {
      const world = await load(settled);
      const { timelock, manager, governor, settler, deployer } = world;
      const [itself, only] = [timelock.target as string, governor.target as string];
      expectSame(
        await rolesOf(timelock, 0, 1),
        new Map([
          [ZeroHash, [itself]],
          [await timelock.PROPOSER_ROLE(), [only]],
          [await timelock.EXECUTOR_ROLE(), [only]],
          [await timelock.CANCELLER_ROLE(), [only]],
        ]),
      );
      expectSame(
        await rolesOf(manager, 0, 1),
        new Map([
          ["0", [itself]],
          [String(SETTLER_ROLE), [settler.address]],
        ]),
      );
      for (const module of [world.vault, world.policies, world.badge, world.ads, world.burner]) {
        expect(await module.authority()).to.equal(manager.target);
      }
      expect(await timelock.getMinDelay()).to.equal(TIMELOCK_DELAY);
      for (let stream = 0n; stream < 8n; stream++) {
        expect(await world.vault.drawerOf(stream)).to.equal(
          stream === VOTES_STREAM ? world.voting.target : ZeroAddress,
        );
      }
      expectSame(await manager.hasRole(0n, deployer), [false, 0n]);
    });
  });

  /** One decision of each kind, and how each of its calls is refused from anybody but a proposal. */
  async function deeds(world: Government) {
    const { vault, voting, xme, xmex, manager, timelock, burner, ads, badge, policies, governor, outsider } = world;
    const nextVoting = await ethers.deployContract("VotingXME", [xme, xmex, vault, VOTES_STREAM]);
    const end = (await world.now()) + 60n * DAY;
    const plan = [xmex.target, POOL_FEE, PLAN.total, PLAN.slice, PLAN.interval, end];
    const split = { creatorsBps: 7_000n, delegatorsBps: 1_000n, burnBps: 1_500n, treasuryBps: 500n };
    const tiers = [{ name: "Citizen", minimum: 5n * TOKEN, entitlements: ["a vote"] }];
    const policy = ["recommendation algorithm", id("the text"), "ipfs://bafy/policy.md"] as const;
    const calls = {
      shares: callOf(vault, "setShares", [NEXT_SHARES]),
      drawer: callOf(vault, "setDrawer", [VOTES_STREAM, nextVoting.target]),
      grant: callOf(manager, "grantRole", [SETTLER_ROLE, outsider.address, 0n]),
      revoke: callOf(manager, "revokeRole", [SETTLER_ROLE, world.settler.address]),
      approve: callOf(xmex, "approve", [burner.target, PLAN.total]),
      plan: callOf(burner, "startPlan", plan),
      payXme: callOf(xme, "transfer", [outsider.address, 3n * MILLION]),
      payXmex: callOf(xmex, "transfer", [outsider.address, 700n * MILLION]),
      split: callOf(ads, "setSplit", [split]),
      tiers: callOf(badge, "setTiers", [tiers]),
      policy: callOf(policies, "publish", [...policy]),
      delay: callOf(timelock, "updateDelay", [5n * DAY]),
    };
    const administrators = (call: Call): Refused => ({
      call,
      by: manager,
      error: "AccessManagerUnauthorizedAccount",
      args: (caller) => [caller, 0n],
    });
    const roleNeeded = (role: string, call: Call): Refused => ({
      call,
      by: timelock,
      error: "AccessControlUnauthorizedAccount",
      args: (caller) => [caller, role],
    });
    const [proposer, executor] = [await timelock.PROPOSER_ROLE(), await timelock.EXECUTOR_ROLE()];
    const byAllowance = (token: BaseContract, amount: bigint): Refused => ({
      call: callOf(token, "transferFrom", [timelock.target, outsider.address, amount]),
      by: token,
      error: "ERC20InsufficientAllowance",
      args: (caller) => [caller, 0n, amount],
    });
    const payment = [calls.payXme.target, 0n, calls.payXme.data, ZeroHash, ZeroHash] as const;
    const byManager = (name: "execute" | "schedule", args: readonly unknown[], data: string): Refused => ({
      call: callOf(manager, name, args),
      by: manager,
      error: "AccessManagerUnauthorizedCall",
      args: (caller) => [caller, vault.target, data.slice(0, 10)],
    });
    const byGovernor = (name: string, args: readonly unknown[]): Refused => ({
      call: callOf(governor, name, args),
      by: governor,
      error: "GovernorOnlyExecutor",
      args: (caller) => [caller],
    });
    const refused: Refused[] = [
      restricted(vault, calls.shares),
      restricted(vault, calls.drawer),
      restricted(burner, calls.plan),
      restricted(burner, callOf(burner, "cancelPlan", [1n])),
      restricted(ads, calls.split),
      restricted(ads, callOf(ads, "setIncome", [ZeroAddress])),
      restricted(ads, callOf(ads, "settle", [1n, 1n, [], ZeroHash, ""])),
      restricted(badge, calls.tiers),
      restricted(policies, calls.policy),
      administrators(calls.grant),
      administrators(calls.revoke),
      administrators(callOf(manager, "grantRole", [0n, outsider.address, 0n])),
      administrators(callOf(manager, "setTargetFunctionRole", [vault.target, [calls.shares.data.slice(0, 10)], 7n])),
      administrators(callOf(manager, "setTargetClosed", [vault.target, true])),
      administrators(callOf(manager, "updateAuthority", [vault.target, outsider.address])),
      administrators(callOf(manager, "setRoleAdmin", [SETTLER_ROLE, 7n])),
      byManager("execute", [vault.target, calls.shares.data], calls.shares.data),
      byManager("schedule", [vault.target, calls.shares.data, 0n], calls.shares.data),
      byAllowance(xme, 3n * MILLION),
      byAllowance(xmex, 700n * MILLION),
      roleNeeded(ZeroHash, callOf(timelock, "grantRole", [proposer, outsider.address])),
      roleNeeded(ZeroHash, callOf(timelock, "revokeRole", [proposer, governor.target])),
      {
        call: calls.delay,
        by: timelock,
        error: "TimelockUnauthorizedCaller",
        args: (caller) => [caller],
      },
      byGovernor("relay", [calls.payXme.target, 0n, calls.payXme.data]),
      byGovernor("updateTimelock", [outsider.address]),
      byGovernor("setLateQuorumVoteExtension", [0n]),
      {
        call: callOf(vault, "draw", [VOTES_STREAM, outsider.address, 1n]),
        by: vault,
        error: "EmissionVault_NotDrawer",
        args: (caller) => [VOTES_STREAM, caller, voting.target],
      },
      {
        call: callOf(vault, "drawAvailable", [NODES_STREAM, outsider.address]),
        by: vault,
        error: "EmissionVault_NotDrawer",
        args: (caller) => [NODES_STREAM, caller, ZeroAddress],
      },
    ];
    const schedule = roleNeeded(proposer, callOf(timelock, "schedule", [...payment, TIMELOCK_DELAY]));
    const executeDirectly = roleNeeded(executor, callOf(timelock, "execute", [...payment]));
    return { calls, end, split, tiers, policy, nextVoting, refused, schedule, executeDirectly };
  }

  describe("what a proposal can do, and nobody else", () => {
    it("changes the shares of the emission from the second of its execution, and leaves what was accrued", async () => {
      const world = await load(settled);
      const { vault, start, now, enact } = world;
      const { calls } = await deeds(world);
      const sent = await enact(proposalOf("More for nodes and voters", [calls.shares]));
      await expect(sent).to.emit(vault, "SharesChanged").withArgs(NEXT_SHARES);
      const model = new EmissionModel(start, FIRST_SHARES);
      const executedAt = await now();
      const expected = FIRST_SHARES.map((_, stream) => model.accrued(stream, executedAt));
      model.setShares(executedAt, NEXT_SHARES);
      for (const [stream, accrued] of expected.entries()) expect(await vault.accrued(stream)).to.equal(accrued);
      await networkHelpers.time.increase(100n * DAY);
      const later = await now();
      for (const stream of FIRST_SHARES.keys()) {
        expect(await vault.accrued(stream)).to.equal(model.accrued(stream, later));
      }
      expectSame([...(await vault.shares())], NEXT_SHARES);
    });

    it("pays a new module all that waits in a stream, and leaves holders of the old what is theirs", async () => {
      const world = await load(settled);
      const { vault, voting, xme, xmex, ada, now, enact, reach } = world;
      const { calls, nextVoting } = await deeds(world);
      const month = await voting.MONTH();
      await reach(((await now()) / month + 1n) * month);
      await voting.advance();
      const before = await vault.netDrawn(VOTES_STREAM);
      expect(before > 0n, "the old module drew").to.equal(true);
      await reach(((await now()) / month + 1n) * month);

      const sent = await enact(proposalOf("Voters are paid by another module", [calls.drawer]));
      await expect(sent).to.emit(vault, "DrawerChanged").withArgs(VOTES_STREAM, voting.target, nextVoting.target);
      await reach(((await now()) / month + 1n) * month);
      await expect(voting.advance()).not.to.emit(vault, "Drawn");
      const drawn = nextVoting.advance();
      await expect(drawn).to.emit(vault, "Drawn");
      const net = await vault.netDrawn(VOTES_STREAM);
      expect(net).to.equal(await vault.accrued(VOTES_STREAM));
      expect(await xmex.balanceOf(nextVoting)).to.equal(net - before);

      const [claimable, held] = [await voting.previewClaim(ada), await xme.balanceOf(ada)];
      expect(claimable > 0n, "Ada earned").to.equal(true);
      await voting.connect(ada).claim(ada);
      expect((await xmex.balanceOf(ada)) >= claimable).to.equal(true);
      await voting.connect(ada).requestUnstake(12n * MILLION);
      await networkHelpers.time.increase(UNSTAKE_DELAY);
      await voting.connect(ada).withdraw(ada);
      expect(await xme.balanceOf(ada)).to.equal(held + 12n * MILLION);
    });

    it("lets a new settler go on where the old one is refused", async () => {
      const world = await load(settled);
      const { xme, ads, manager, settler, outsider, cleo, advertiser, now, enact } = world;
      const { calls } = await deeds(world);
      await xme.connect(advertiser).approve(ads, MILLION);
      const begin = await now();
      await ads.connect(advertiser).create({
        budget: MILLION,
        pricePerThousand: 10n * TOKEN,
        start: begin,
        end: begin + 60n * DAY,
        splitVersion: 1n,
        brief: ZeroHash,
      });
      await networkHelpers.time.increase(10n * DAY);
      const rows = [{ creator: cleo.address, impressions: 1_000_000n }];
      await ads.connect(settler).settle(1n, 1n, rows, id("first report"), "ipfs://first");
      const credit = (10_000n * TOKEN * FIRST_SPLIT.creatorsBps) / 10_000n;
      expect(await ads.creditOf(cleo)).to.equal(credit);

      await enact(proposalOf("Another settler", [calls.grant, calls.revoke]));
      expectSame(await manager.hasRole(SETTLER_ROLE, settler), [false, 0n]);
      await expect(ads.connect(settler).settle(1n, 2n, rows, id("second report"), "ipfs://second"))
        .to.be.revertedWithCustomError(ads, "AccessManagedUnauthorized")
        .withArgs(settler.address);
      await ads.connect(outsider).settle(1n, 2n, rows, id("second report"), "ipfs://second");
      expect(await ads.creditOf(cleo), "what the old one credited stays").to.equal(2n * credit);
      await ads.connect(cleo).withdraw(cleo);
    });

    it("burns by anybody's slice of an approved plan what the model burns", async () => {
      const world = await load(settled);
      const { xme, xmex, burner, timelock, market, outsider, now, enact } = world;
      const { calls, end } = await deeds(world);
      const sent = await enact(proposalOf("Buy back and burn", [calls.approve, calls.plan]));
      await expect(sent)
        .to.emit(burner, "PlanStarted")
        .withArgs(1n, xmex.target, market.address, PLAN.total, PLAN.slice, PLAN.interval, end);
      expect(await xmex.balanceOf(timelock)).to.equal(TREASURY_XMEX - PLAN.total);
      expect(await xmex.allowance(timelock, burner)).to.equal(0n);

      const model = new BuybackPlan(market.model(), market.tokenIsToken0, { ...PLAN, end });
      for (let slice = 0; slice < 2; slice++) {
        const supply = await xme.totalSupply();
        await burner.connect(outsider).execute(1n);
        const outcome = model.execute(await now());
        if (typeof outcome === "string") throw new Error(`the model refuses: ${outcome}`);
        expect(supply - (await xme.totalSupply()), "burned").to.equal(outcome.burned);
        expect((await burner.plan(1n)).left, "left").to.equal(model.left);
        expect(outcome.paid, "the slice is not cut").to.equal(PLAN.slice);
        await networkHelpers.time.increase(PLAN.interval);
      }
      const { left } = model;
      await enact(proposalOf("Enough", [callOf(burner, "cancelPlan", [1n])]));
      expect(await xmex.balanceOf(timelock)).to.equal(TREASURY_XMEX - PLAN.total + left);
    });

    it("pays XME and XMEX from the treasury, exactly", async () => {
      const world = await load(settled);
      const { xme, xmex, timelock, outsider, enact } = world;
      const { calls } = await deeds(world);
      const before = await xme.balanceOf(outsider);
      const sent = await enact(proposalOf("A grant", [calls.payXme, calls.payXmex]));
      await expect(sent)
        .to.emit(xme, "Transfer")
        .withArgs(timelock, outsider.address, 3n * MILLION);
      expect(await xme.balanceOf(outsider)).to.equal(before + 3n * MILLION);
      expect(await xme.balanceOf(timelock)).to.equal(TREASURY_XME - 3n * MILLION);
      expect(await xmex.balanceOf(outsider)).to.equal(700n * MILLION);
      expect(await xmex.balanceOf(timelock)).to.equal(TREASURY_XMEX - 700n * MILLION);
    });

    it("changes the rules of several modules in one second, and leaves what began before", async () => {
      const world = await load(settled);
      const { xme, ads, badge, policies, ada, advertiser, now, enact } = world;
      const { calls, split, tiers, policy } = await deeds(world);
      await badge.connect(ada).mint();
      await xme.connect(advertiser).approve(ads, MILLION);
      const begin = await now();
      const terms = {
        budget: MILLION,
        pricePerThousand: TOKEN,
        start: begin,
        end: begin + 60n * DAY,
        splitVersion: 1n,
        brief: ZeroHash,
      };
      await ads.connect(advertiser).create(terms);
      await enact(proposalOf("New rules", [calls.split, calls.tiers, calls.policy]));
      const executedAt = await now();
      expectSame([...(await ads.splitOf(2n))], Object.values(split));
      expect((await ads.campaignOf(1n)).splitVersion, "the campaign keeps its split").to.equal(1n);
      expectSame([...(await badge.entitlementsOf(ada))], tiers[0]?.entitlements, "a badge is worth what holds now");
      expectSame([...(await policies.policy(policy[0]))], [1n, policy[1], policy[2], executedAt]);
    });

    it("holds a new delay of the timelock for what is queued after it, and for nothing that is queued already", async () => {
      const world = await load(settled);
      const { propose, carry, queue, execute, queuedFor, timesOf } = world;
      const { calls } = await deeds(world);
      const slower = await propose(proposalOf("Five days of delay", [calls.delay]));
      const already = await propose(spend(world, "queued before"));
      const after = await propose(spend(world, "queued after"));
      for (const decision of [slower, already, after]) await carry(decision);
      for (const decision of [slower, already]) await queue(decision);
      await execute(slower);
      const eta = await queue(after);
      expect(eta - (await timesOf(after)).deadline > 5n * DAY).to.equal(true);
      expect((await queuedFor(already)) < (await world.now()) + TIMELOCK_DELAY).to.equal(true);
      await execute(already);
      await execute(after);
    });

    it("leaves a governor that handed over to another without power, also over what it has queued", async () => {
      const world = await load(settled);
      const { governor, voting, timelock, guardian, xme, ada, ben, outsider, now, propose, carry, queue } = world;
      const next = await ethers.deployContract("XmeGovernor", [voting, timelock, guardian, (await now()) + 365n * DAY]);
      const roles = await Promise.all([timelock.PROPOSER_ROLE(), timelock.EXECUTOR_ROLE(), timelock.CANCELLER_ROLE()]);
      const [proposerRole, executorRole] = roles;
      const handOver = await propose(
        proposalOf("Another governor", [
          ...roles.map((role) => callOf(timelock, "grantRole", [role, next.target])),
          ...roles.map((role) => callOf(timelock, "revokeRole", [role, governor.target])),
        ]),
      );
      const queued = await propose(spend(world, "queued in the old one"));
      const carried = await propose(spend(world, "carried in the old one"));
      for (const decision of [handOver, queued, carried]) await carry(decision);
      await queue(handOver);
      await queue(queued);
      await world.execute(handOver);
      await expect(governor.queue(...decided(carried.proposal)))
        .to.be.revertedWithCustomError(timelock, "AccessControlUnauthorizedAccount")
        .withArgs(governor.target, proposerRole);
      await world.reach(await world.queuedFor(queued));
      await expect(governor.execute(...decided(queued.proposal)))
        .to.be.revertedWithCustomError(timelock, "AccessControlUnauthorizedAccount")
        .withArgs(governor.target, executorRole);
      expect(await xme.balanceOf(timelock)).to.equal(TREASURY_XME);

      const proposal = spend(world, "decided by the new one");
      await next.connect(ada).propose(...drafted(proposal));
      const proposalId = await next.hashProposal(...decided(proposal));
      await networkHelpers.time.increase(VOTING_DELAY);
      for (const voter of [ada, ben]) await next.connect(voter).castVote(proposalId, FOR);
      await networkHelpers.time.increase(VOTING_PERIOD);
      await next.queue(...decided(proposal));
      await networkHelpers.time.increase(TIMELOCK_DELAY);
      const before = await xme.balanceOf(outsider);
      await next.execute(...decided(proposal));
      expect(await xme.balanceOf(outsider)).to.equal(before + MILLION);
    });

    it("lets a decision lock the treasury for ever, by a delay that no time reaches: an honest limit", async () => {
      const world = await load(settled);
      const { governor, timelock, outsider, enact, propose, carry, timesOf, reach, agree } = world;
      const delay = 2n ** 64n;
      await enact(proposalOf("wait for ever", [callOf(timelock, "updateDelay", [delay])]));
      expect(await timelock.getMinDelay()).to.equal(delay);
      const back = await propose(proposalOf("wait no more", [callOf(timelock, "updateDelay", [2n * DAY])]));
      await carry(back);
      await reach((await timesOf(back)).deadline + 1n);
      expect(await agree(back), "decided, and never to be queued").to.equal("succeeded");
      await expect(governor.connect(outsider).queue(...decided(back.proposal))).to.be.revertedWithCustomError(
        governor,
        "SafeCastOverflowedUintDowncast",
      );
    });

    it("refuses the same from an outsider, the deployer, the guardian, a great holder and the governor itself", async () => {
      const world = await load(settled);
      const { governor, vault, xme, xmex, timelock, manager, deployer, guardian, whale, outsider, stake } = world;
      const { refused, schedule, executeDirectly } = await deeds(world);
      await stake(whale, 300n * MILLION);
      const asGovernor = await ethers.getImpersonatedSigner(governor.target as string);
      await networkHelpers.setBalance(asGovernor.address, 10n ** 18n);
      const people = [outsider, deployer, guardian, whale];
      const attempt = async (caller: HardhatEthersSigner, { call, by, error, args }: Refused) => {
        await expect(caller.sendTransaction({ to: call.target, data: call.data }), `${error} for ${call.data}`)
          .to.be.revertedWithCustomError(by, error)
          .withArgs(...args(caller.address));
      };
      for (const caller of [...people, asGovernor]) {
        for (const one of refused) await attempt(caller, one);
      }
      for (const caller of people) {
        for (const one of [schedule, executeDirectly]) await attempt(caller, one);
      }
      expectSame([...(await vault.shares())], FIRST_SHARES);
      expect(await vault.drawerOf(VOTES_STREAM)).to.equal(world.voting.target);
      expect(await xme.balanceOf(timelock)).to.equal(TREASURY_XME);
      expect(await xmex.balanceOf(timelock)).to.equal(TREASURY_XMEX);
      expectSame(await manager.hasRole(SETTLER_ROLE, world.settler), [true, 0n]);
    });
  });

  describe("attacks", () => {
    it("defeats all of a nearly empty vXME, far above four percent and below ten million by one wei", async () => {
      for (const [amount, outcome] of [
        [PROPOSAL_THRESHOLD, "defeated"],
        [MIN_QUORUM - 1n, "defeated"],
        [MIN_QUORUM, "succeeded"],
      ] as const) {
        const world = await load(empty);
        const { governor, voting, outsider, guardian, stake, propose, vote, reach, agree, timesOf, unexpected } = world;
        await stake(outsider, amount);
        await networkHelpers.mine();
        const decision = await propose(spend(world, "all that is there", TREASURY_XME), outsider);
        await reach(decision.snapshot);
        await vote(decision, outsider, "for");
        expect((await governor.proposalVotes(decision.proposalId)).forVotes, "everybody is for it").to.equal(
          await voting.getPastTotalSupply(decision.snapshot),
        );
        expect((amount * 100n) / (await voting.totalSupply()), "of a hundred percent").to.equal(100n);
        await reach((await timesOf(decision)).deadline + 1n);
        expect(await agree(decision)).to.equal(outcome);
        const call = decided(decision.proposal);
        if (outcome === "defeated") {
          await unexpected(governor.queue(...call), decision, "defeated", bitmap("succeeded"));
          await unexpected(governor.execute(...call), decision, "defeated", bitmap("queued"));
        } else await world.cancel(decision, guardian);
      }
    });

    describe("given XME from a flash loan", () => {
      const LOAN = 100n * MILLION;

      /** A vote that is open, one that is to come in this second, and somebody who can borrow far more than a quorum. */
      async function tempted(own: bigint) {
        const world = await load(settled);
        const { xme, governor, voting, propose, reach } = world;
        const lender = await ethers.deployContract("GovernmentLender");
        await xme.transfer(lender, LOAN);
        const account = await ethers.deployContract("GovernmentAccount", [world.outsider]);
        if (own > 0n) await xme.transfer(account, own);
        const open = await propose(spend(world, "open", TREASURY_XME));
        await reach(open.snapshot);
        const another = spend(world, "proposed on loan", TREASURY_XME);
        const calls = [
          callOf(xme, "approve", [voting.target, LOAN]),
          callOf(voting, "stake", [LOAN]),
          callOf(voting, "delegate", [account.target]),
          callOf(voting, "getVotes", [account.target]),
          callOf(governor, "castVote", [open.proposalId, FOR]),
          callOf(governor, "propose", [...drafted(another)]),
          callOf(voting, "requestUnstake", [LOAN]),
          callOf(voting, "withdraw", [account.target]),
        ];
        const attack = () => account.runWithLoan(lender, xme, LOAN, calls);
        return { ...world, lender, account, open, another, attack };
      }

      it("cannot pay the loan back, because unstaking waits", async () => {
        const { xme, voting, governor, lender, account, open, attack, agree } = await tempted(0n);
        await expect(attack())
          .to.be.revertedWithCustomError(xme, "ERC20InsufficientBalance")
          .withArgs(account.target, 0n, LOAN);
        expect(await xme.balanceOf(lender)).to.equal(LOAN);
        expect(await voting.balanceOf(account)).to.equal(0n);
        expect(await governor.hasVoted(open.proposalId, account)).to.equal(false);
        await networkHelpers.mine();
        expect(await agree(open)).to.equal("active");
      });

      it("counts nothing at a snapshot in whose second the loan was there and gone", async () => {
        const world = await tempted(LOAN);
        const { governor, voting, account, attack, propose, at, reach, votes, counted } = world;
        const coming = await propose(spend(world, "its snapshot is now"));
        await at(coming.snapshot);
        const cast = callOf(governor, "castVote", [coming.proposalId, FOR]);
        const answers = await answersOf(account, attack());
        expect(BigInt(answers[3]?.answer ?? 0n), "the votes were really there").to.equal(LOAN);
        votes.stake(account.target as string, LOAN, coming.snapshot);
        votes.requestUnstake(account.target as string, LOAN, coming.snapshot);
        await reach(coming.snapshot + 1n);
        expect(await voting.getPastVotes(account, coming.snapshot)).to.equal(0n);
        expect(await voting.getPastTotalSupply(coming.snapshot), "nor for the quorum").to.equal(21n * MILLION);
        await account.run([cast]);
        expect((await counted(coming, account.target as string, "for")).weight).to.equal(0n);
      });

      it("has no vote and no proposal with it, where the loan is paid back from elsewhere", async () => {
        const world = await tempted(LOAN);
        const { xme, voting, governor, lender, account, open, another, attack, at, now, agree, votes } = world;
        const time = (await now()) + 10n;
        await at(time);
        const answers = await answersOf(account, attack());
        votes.stake(account.target as string, LOAN, time);
        votes.requestUnstake(account.target as string, LOAN, time);
        const [, , , inHand, cast, proposed, requested, withdrawn] = answers;
        if (!inHand || !cast || !proposed || !requested || !withdrawn) throw new Error("eight answers expected");
        expect(BigInt(inHand.answer), "the votes were really there").to.equal(LOAN);
        expect(BigInt(cast.answer), "cast, and worth nothing").to.equal(0n);
        expectSame(expectError(governor, proposed, "GovernorInsufficientProposerVotes"), [
          account.target,
          0n,
          PROPOSAL_THRESHOLD,
        ]);
        expect(requested.success).to.equal(true);
        expectSame(expectError(voting, withdrawn, "VotingXME_StillWaiting"), [
          account.target,
          time + UNSTAKE_DELAY,
          time,
        ]);
        expect(await xme.balanceOf(lender), "paid back, out of its own").to.equal(LOAN);
        await world.counted(open, account.target as string, "for");
        expectSame(
          open.facts.votes.map(({ weight }) => weight),
          [0n],
        );
        expect(await governor.proposalSnapshot(await governor.hashProposal(...decided(another)))).to.equal(0n);
        expect(await agree(open)).to.equal("active");
        expect(await voting.getPastVotes(account, time - 1n)).to.equal(0n);
        await networkHelpers.mine();
        expect(await voting.getPastVotes(account, time), "nor in any later snapshot").to.equal(0n);
      });
    });

    /** A contract that has staked `amount`, and does several things in one transaction. */
    async function withAccount(amount: bigint) {
      const world = await load(settled);
      const { xme, voting, outsider, votes, now } = world;
      const account = await ethers.deployContract("GovernmentAccount", [outsider]);
      const itself = account.target as string;
      await xme.transfer(account, amount);
      await account.run([callOf(xme, "approve", [voting.target, 2n * amount]), callOf(voting, "stake", [amount])]);
      votes.stake(itself, amount, await now());
      return { ...world, account, itself };
    }

    it("counts votes that move in the snapshot's second once, for the last of their delegates", async () => {
      const world = await withAccount(10n * MILLION);
      const { voting, account, itself, votes, ben, cleo, outsider, propose, at, vote, agree } = world;
      const decision = await propose(spend(world, "moved in the second of the snapshot"));
      await at(decision.snapshot);
      await account.run([ben, cleo, outsider].map(({ address }) => callOf(voting, "delegate", [address])));
      for (const { address } of [ben, cleo, outsider]) votes.delegate(itself, address, decision.snapshot);
      const weights: bigint[] = [];
      for (const voter of [ben, cleo, outsider]) weights.push((await vote(decision, voter, "for")).weight);
      expectSame(weights, [6n * MILLION, 3n * MILLION, 10n * MILLION]);
      await account.run([callOf(world.governor, "castVote", [decision.proposalId, FOR])]);
      expect((await world.counted(decision, itself, "for")).weight, "its own delegate voted").to.equal(0n);
      expect(await agree(decision)).to.equal("active");
    });

    it("counts votes that were cast and delegated again in one block once", async () => {
      const world = await load(settled);
      const { governor, voting, ada, outsider, votes, propose, reach, now, counted } = world;
      const decision = await propose(spend(world, "cast, delegated and cast"));
      await reach(decision.snapshot);
      await ethers.provider.send("evm_setAutomine", [false]);
      const sent = [
        await governor.connect(ada).castVote(decision.proposalId, FOR, { gasLimit: 1_000_000n }),
        await voting.connect(ada).delegate(outsider, { gasLimit: 1_000_000n, nonce: await ada.getNonce("pending") }),
        await governor.connect(outsider).castVote(decision.proposalId, FOR, { gasLimit: 1_000_000n }),
      ];
      await networkHelpers.mine();
      await ethers.provider.send("evm_setAutomine", [true]);
      const receipts = await Promise.all(sent.map(({ hash }) => ethers.provider.getTransactionReceipt(hash)));
      expect(new Set(receipts.map((receipt) => receipt?.blockNumber)).size, "one block").to.equal(1);
      expectSame(
        receipts.map((receipt) => receipt?.status),
        [1, 1, 1],
      );
      votes.delegate(ada.address, outsider.address, await now());
      expect(await voting.getVotes(outsider), "they did move").to.equal(12n * MILLION);
      const before = { at: await now(), support: "for" as const, weight: 12n * MILLION };
      decision.facts = { ...decision.facts, votes: [before] };
      expect((await counted(decision, outsider.address, "for")).weight).to.equal(0n);
    });

    it("counts votes that were asked back and staked again in one second once", async () => {
      const world = await withAccount(10n * MILLION);
      const { voting, account, itself, votes, propose, at, counted, governor } = world;
      const decision = await propose(spend(world, "back and forth"));
      await at(decision.snapshot);
      const amount = 10n * MILLION;
      await account.run(
        [0, 1, 2].flatMap(() => [callOf(voting, "requestUnstake", [amount]), callOf(voting, "restake", [amount])]),
      );
      votes.requestUnstake(itself, amount, decision.snapshot);
      votes.restake(itself, amount, decision.snapshot);
      expect(await voting.getVotes(account)).to.equal(amount);
      await account.run([callOf(governor, "castVote", [decision.proposalId, FOR])]);
      expect((await counted(decision, itself, "for")).weight).to.equal(amount);
      const again = await answersOf(account, account.run([callOf(governor, "castVote", [decision.proposalId, FOR])]));
      const [second] = again;
      if (!second) throw new Error("an answer expected");
      expectSame(expectError(governor, second, "GovernorAlreadyCastVote"), [itself]);
    });

    it("holds the XME of a vote until it is over, so that nobody can stake it again", async () => {
      const world = await load(settled);
      const { voting, ada, outsider, propose, reach, at, vote, requestUnstake, timesOf, now, agree } = world;
      const decision = await propose(spend(world, "voted, and away"));
      await reach(decision.snapshot);
      await vote(decision, ada, "for");
      for (const move of [
        voting.connect(ada).transfer(outsider, 1n),
        voting.connect(ada).approve(outsider, 1n),
        voting.connect(outsider).transferFrom(ada, outsider, 1n),
      ]) {
        await expect(move).to.be.revertedWithCustomError(voting, "VotingXME_NotTransferable");
      }
      await requestUnstake(ada, 12n * MILLION);
      const availableAt = (await now()) + UNSTAKE_DELAY;
      const { deadline } = await timesOf(decision);
      expect(availableAt > deadline, "not before the vote is over").to.equal(true);
      await at(deadline);
      await expect(voting.connect(ada).withdraw(outsider))
        .to.be.revertedWithCustomError(voting, "VotingXME_StillWaiting")
        .withArgs(ada.address, availableAt, deadline);
      await networkHelpers.mine();
      expect(await agree(decision), "its vote counts to the end").to.equal("active");
      await reach(availableAt - 1n);
      await voting.connect(ada).withdraw(outsider);
      expect(await agree(decision), "and after it").to.equal("succeeded");
    });

    it("lets XME go in the days by which a late quorum extends its vote: an honest limit", async () => {
      const world = await load(settled);
      const { voting, ada, ben, propose, reach, at, vote, requestUnstake, timesOf, now, agree } = world;
      const decision = await propose(spend(world, "voted, away, and extended"));
      await reach(decision.snapshot);
      await vote(decision, ben, "for");
      await requestUnstake(ben, 6n * MILLION);
      const availableAt = (await now()) + UNSTAKE_DELAY;
      const { deadline } = await timesOf(decision);
      await at(deadline);
      await vote(decision, ada, "for");
      expect((await timesOf(decision)).deadline, "two days from the quorum").to.equal(deadline + 2n * DAY);
      await at(availableAt);
      await voting.connect(ben).withdraw(ben);
      expect(await agree(decision), "the vote goes on, and what left counts in it").to.equal("active");
    });

    it("counts nothing of XME that was staked after the snapshot, and in full what left after it", async () => {
      const world = await load(settled);
      const { whale, ada, ben, propose, reach, stake, requestUnstake, vote, agree, timesOf, execute, queue } = world;
      const decision = await propose(spend(world, "too late to stop"));
      await reach(decision.snapshot);
      await stake(whale, 300n * MILLION);
      await requestUnstake(ada, 12n * MILLION);
      expect((await vote(decision, whale, "against")).weight).to.equal(0n);
      expect((await vote(decision, ada, "for")).weight).to.equal(12n * MILLION);
      await vote(decision, ben, "for");
      expect(await agree(decision)).to.equal("active");
      expect(quorum(world.factsOf(decision).supply), "of 21 million, not of 321").to.equal(MIN_QUORUM);
      await reach((await timesOf(decision)).deadline);
      await queue(decision);
      await execute(decision);
      const next = await propose(spend(world, "in time"), whale);
      await reach(next.snapshot);
      expect((await vote(next, whale, "against")).weight).to.equal(300n * MILLION);
      expect((await vote(next, ada, "for")).weight).to.equal(0n);
    });

    it("lets a great holder who stakes for the second of the snapshot alone raise the quorum, for a week of its XME", async () => {
      const world = await load(settled);
      const { governor, voting, whale, propose, at, stake, requestUnstake, carry, timesOf, agree, reach, now } = world;
      const decision = await propose(spend(world, "drowned"));
      await at(decision.snapshot);
      await stake(whale, 300n * MILLION);
      await requestUnstake(whale, 300n * MILLION);
      const availableAt = (await now()) + UNSTAKE_DELAY;
      await carry(decision);
      // 321 million at the snapshot: four percent are 12.84 million, and Ada and Ben have 18.
      expect(await governor.quorum(decision.snapshot)).to.equal((321n * MILLION * 4n) / 100n);
      const { deadline } = await timesOf(decision);
      await at(deadline);
      await expect(voting.connect(whale).withdraw(whale))
        .to.be.revertedWithCustomError(voting, "VotingXME_StillWaiting")
        .withArgs(whale.address, availableAt, deadline);
      await reach(deadline + 1n);
      expect(await agree(decision)).to.equal("succeeded");
    });

    it("refuses to queue late, and to execute early, late or twice", async () => {
      const world = await load(settled);
      const { governor, timelock, propose, carry, queue, queuedFor, timesOf, at, agree, execute, unexpected } = world;
      const late = await propose(spend(world, "queued late"));
      const early = await propose(spend(world, "executed early, and twice"));
      const expired = await propose(spend(world, "executed late"));
      for (const decision of [late, early, expired]) await carry(decision);
      const call = (decision: Decision) => decided(decision.proposal);
      await unexpected(governor.execute(...call(early)), early, "active", bitmap("queued"));
      await unexpected(governor.queue(...call(early)), early, "active", bitmap("succeeded"));
      for (const decision of [early, expired]) await queue(decision);

      const operation = await timelock.hashOperationBatch(...operationOf(governor, early.proposal));
      const eta = await queuedFor(early);
      await at(eta - 1n);
      await expect(governor.execute(...call(early)))
        .to.be.revertedWithCustomError(timelock, "TimelockUnexpectedOperationState")
        .withArgs(operation, toBeHex(1n << 2n, 32));
      expect(isExecutable(world.factsOf(early), eta - 1n), "the model").to.equal(false);
      await networkHelpers.mine();
      await execute(early);
      await unexpected(governor.execute(...call(early)), early, "executed", bitmap("queued"));

      const { expiry } = await timesOf(late);
      await at(expiry + 1n);
      await unexpected(governor.queue(...call(late)), late, "expired", bitmap("succeeded"));
      await networkHelpers.mine();
      expect(await agree(late)).to.equal("expired");
      const end = (await queuedFor(expired)) + GRACE_PERIOD;
      await at(end + 1n);
      await unexpected(governor.execute(...call(expired)), expired, "expired", bitmap("queued"));
      expect(isExecutable(world.factsOf(expired), end), "the model, a second before").to.equal(true);
      await networkHelpers.mine();
      expect(await agree(expired)).to.equal("expired");
      expect(await world.xme.balanceOf(timelock), "one of three was paid").to.equal(TREASURY_XME - MILLION);
    });

    it("refuses another calldata than was queued, by the governor and by the timelock", async () => {
      const world = await load(settled);
      const { governor, timelock, xme, xmex, outsider, cleo, enqueue, reach, queuedFor, execute, agree } = world;
      const decision = await enqueue(spend(world, "a million for the outsider"));
      await reach(await queuedFor(decision));
      const { proposal } = decision;
      const pay = (to: string, amount: bigint) => [xme.interface.encodeFunctionData("transfer", [to, amount])];
      const asGovernor = await ethers.getImpersonatedSigner(governor.target as string);
      await networkHelpers.setBalance(asGovernor.address, 10n ** 18n);
      for (const other of [
        { ...proposal, calldatas: pay(outsider.address, TREASURY_XME) },
        { ...proposal, calldatas: pay(cleo.address, MILLION) },
        { ...proposal, targets: [xmex.target as string] },
        { ...proposal, values: [1n] },
        { ...proposal, description: `${proposal.description} ` },
        {
          ...proposal,
          targets: [...proposal.targets, ...proposal.targets],
          values: [0n, 0n],
          calldatas: [...proposal.calldatas, ...proposal.calldatas],
        },
      ]) {
        await expect(governor.connect(outsider).execute(...decided(other)))
          .to.be.revertedWithCustomError(governor, "GovernorNonexistentProposal")
          .withArgs(await governor.hashProposal(...decided(other)));
        const operation = operationOf(governor, other);
        await expect(timelock.connect(asGovernor).executeBatch(...operation), "even from the governor")
          .to.be.revertedWithCustomError(timelock, "TimelockUnexpectedOperationState")
          .withArgs(await timelock.hashOperationBatch(...operation), toBeHex(1n << 2n, 32));
      }
      await networkHelpers.mine();
      expect(await agree(decision)).to.equal("queued");
      await execute(decision);
    });

    it("carries out once what executes itself again", async () => {
      const world = await load(settled);
      const { governor, timelock, xme, outsider, enqueue, execute } = world;
      const account = await ethers.deployContract("GovernmentAccount", [outsider]);
      const proposal = proposalOf("again and again", [
        callOf(account, "runPrepared", []),
        callOf(xme, "transfer", [outsider.address, MILLION]),
      ]);
      const operation = operationOf(governor, proposal);
      await account.prepare([
        callOf(governor, "execute", [...decided(proposal)]),
        callOf(governor, "queue", [...decided(proposal)]),
        callOf(timelock, "executeBatch", [...operation]),
      ]);
      const decision = await enqueue(proposal);
      const [first, second, third] = await answersOf(account, execute(decision));
      if (!first || !second || !third) throw new Error("three answers expected");
      expectSame(expectError(governor, first, "GovernorUnexpectedProposalState"), [
        decision.proposalId,
        numberOfState("executed"),
        bitmap("queued"),
      ]);
      expectSame(expectError(governor, second, "GovernorUnexpectedProposalState"), [
        decision.proposalId,
        numberOfState("executed"),
        bitmap("succeeded"),
      ]);
      expectSame(expectError(timelock, third, "AccessControlUnauthorizedAccount"), [
        account.target,
        await timelock.EXECUTOR_ROLE(),
      ]);
      expect(await xme.balanceOf(timelock)).to.equal(TREASURY_XME - MILLION);
    });

    /** Something that is queued, and can be executed two days after the sunset. */
    async function atSunset() {
      const world = await load(settled);
      const { sunset, reach, propose, carry, queue, governor, timelock } = world;
      await reach(sunset - VOTING_DELAY - VOTING_PERIOD - DAY);
      const decision = await propose(spend(world, "queued in the last day of the guardian"));
      await carry(decision);
      await queue(decision);
      const operation = await timelock.hashOperationBatch(...operationOf(governor, decision.proposal));
      expect(await timelock.isOperationPending(operation)).to.equal(true);
      return { ...world, decision, operation };
    }

    it("cancels in the timelock too what the guardian cancels, up to the last second before the sunset", async () => {
      const { governor, timelock, decision, operation, sunset, at, cancel, reach, guardian, unexpected } =
        await atSunset();
      await at(sunset - 1n);
      await expect(cancel(decision)).to.emit(timelock, "Cancelled").withArgs(operation);
      expect(await timelock.isOperation(operation)).to.equal(false);
      await reach(sunset + 3n * DAY);
      await unexpected(governor.execute(...decided(decision.proposal)), decision, "canceled", bitmap("queued"));
      await expect(governor.connect(guardian).cancel(...decided(decision.proposal)))
        .to.be.revertedWithCustomError(governor, "GovernorUnableToCancel")
        .withArgs(decision.proposalId, guardian.address);
    });

    it("refuses the guardian from the sunset on, and a proposal that cancels as well", async () => {
      const world = await atSunset();
      const { governor, timelock, guardian, decision, operation, sunset, at, execute, propose, carry, queue } = world;
      await at(sunset);
      await expect(governor.connect(guardian).cancel(...decided(decision.proposal)))
        .to.be.revertedWithCustomError(governor, "GovernorUnableToCancel")
        .withArgs(decision.proposalId, guardian.address);
      await networkHelpers.mine();
      await expect(timelock.connect(guardian).cancel(operation))
        .to.be.revertedWithCustomError(timelock, "AccessControlUnauthorizedAccount")
        .withArgs(guardian.address, await timelock.CANCELLER_ROLE());
      await execute(decision);

      const victim = await propose(spend(world, "the victim"));
      const canceller = await propose(
        proposalOf("the canceller", [callOf(governor, "cancel", [...decided(victim.proposal)])]),
      );
      for (const one of [victim, canceller]) await carry(one);
      for (const one of [victim, canceller]) await queue(one);
      await world.reach((await world.queuedFor(canceller)) - 1n);
      await expect(governor.execute(...decided(canceller.proposal)))
        .to.be.revertedWithCustomError(governor, "GovernorUnableToCancel")
        .withArgs(victim.proposalId, timelock.target);
      await execute(victim);
    });

    it("refuses others who schedule, execute or cancel at the timelock", async () => {
      const world = await load(settled);
      const { governor, timelock, deployer, guardian, whale, outsider, ada, enqueue, reach, queuedFor, stake } = world;
      await stake(whale, 300n * MILLION);
      const decision = await enqueue(spend(world, "queued"));
      const operation = operationOf(governor, decision.proposal);
      const operationId = await timelock.hashOperationBatch(...operation);
      const another = operationOf(governor, spend(world, "never decided"));
      const eta = await queuedFor(decision);
      const roles = await Promise.all([timelock.PROPOSER_ROLE(), timelock.EXECUTOR_ROLE(), timelock.CANCELLER_ROLE()]);
      for (const time of [eta, eta + GRACE_PERIOD + 1n]) {
        await reach(time);
        for (const caller of [outsider, deployer, guardian, whale, ada]) {
          const direct = timelock.connect(caller);
          for (const [role, call] of [
            [roles[0], direct.scheduleBatch(...another, TIMELOCK_DELAY)],
            [roles[1], direct.executeBatch(...operation)],
            [roles[2], direct.cancel(operationId)],
          ] as const) {
            await expect(call)
              .to.be.revertedWithCustomError(timelock, "AccessControlUnauthorizedAccount")
              .withArgs(caller.address, role);
          }
        }
      }
      expect(await world.agree(decision)).to.equal("expired");
      expect(await timelock.isOperationReady(operationId), "the timelock itself knows no end").to.equal(true);
    });
  });

  describe("votes by signature", () => {
    /** Two votes that are open, in which a contract has four million votes. */
    async function opened() {
      const world = await load(settled);
      const { xme, voting, governor, ada, votes, now, propose, reach } = world;
      const wallet = await ethers.deployContract("GovernmentAccount", [ada]);
      const itself = wallet.target as string;
      await xme.transfer(wallet, 4n * MILLION);
      await wallet.run([
        callOf(xme, "approve", [voting.target, 4n * MILLION]),
        callOf(voting, "stake", [4n * MILLION]),
      ]);
      votes.stake(itself, 4n * MILLION, await now());
      const one = await propose(spend(world, "signed"));
      const other = await propose(spend(world, "signed too"));
      await reach(other.snapshot + 1n);
      const domain = await domainOf(governor);
      const ballot = (decision: Decision, support: Support, voter: string, nonce: bigint) => ({
        proposalId: decision.proposalId,
        support: SUPPORT.indexOf(support),
        voter,
        nonce,
      });
      return { ...world, wallet, itself, one, other, domain, ballot };
    }

    it("counts the vote of a plain wallet without a transaction of its own, plain and with reason and parameters", async () => {
      const { governor, ben, outsider, one, other, domain, ballot, counted } = await opened();
      const sent = await ben.getNonce();
      const signature = await ben.signTypedData(domain, BALLOT, ballot(one, "for", ben.address, 0n));
      await expect(governor.connect(outsider).castVoteBySig(one.proposalId, FOR, ben, signature))
        .to.emit(governor, "VoteCast")
        .withArgs(ben.address, one.proposalId, FOR, 6n * MILLION, "");
      await counted(one, ben.address, "for");
      const extended = {
        ...ballot(other, "abstain", ben.address, 1n),
        reason: "both are right",
        params: "0x1234",
      };
      const second = await ben.signTypedData(domain, EXTENDED_BALLOT, extended);
      await expect(
        governor
          .connect(outsider)
          .castVoteWithReasonAndParamsBySig(other.proposalId, 2n, ben, "both are right", "0x1234", second),
      )
        .to.emit(governor, "VoteCastWithParams")
        .withArgs(ben.address, other.proposalId, 2n, 6n * MILLION, "both are right", "0x1234");
      await counted(other, ben.address, "abstain");
      expect(await governor.nonces(ben)).to.equal(2n);
      expect(await ben.getNonce(), "Ben sent nothing").to.equal(sent);
      expect(await governor.hasVoted(one.proposalId, outsider)).to.equal(false);
    });

    it("counts what the key of a contract wallet signed, and nothing of a key that it has no more", async () => {
      const { governor, ada, cleo, wallet, itself, one, other, domain, ballot, counted } = await opened();
      const old = await ada.signTypedData(domain, BALLOT, ballot(one, "against", itself, 0n));
      await wallet.setKey(cleo);
      await expect(governor.castVoteBySig(one.proposalId, AGAINST, itself, old))
        .to.be.revertedWithCustomError(governor, "GovernorInvalidSignature")
        .withArgs(itself);
      const signature = await cleo.signTypedData(domain, BALLOT, ballot(one, "for", itself, 0n));
      await expect(governor.castVoteBySig(one.proposalId, FOR, itself, signature))
        .to.emit(governor, "VoteCast")
        .withArgs(itself, one.proposalId, FOR, 4n * MILLION, "");
      await counted(one, itself, "for");
      const extended = { ...ballot(other, "against", itself, 1n), reason: "no", params: "0x01" };
      const second = await cleo.signTypedData(domain, EXTENDED_BALLOT, extended);
      await expect(governor.castVoteWithReasonAndParamsBySig(other.proposalId, AGAINST, itself, "no", "0x01", second))
        .to.emit(governor, "VoteCastWithParams")
        .withArgs(itself, other.proposalId, AGAINST, 4n * MILLION, "no", "0x01");
      await counted(other, itself, "against");
    });

    it("refuses a wrong nonce, a used signature, another's, and a malleable one", async () => {
      const { governor, voting, ada, ben, wallet, itself, one, other, domain, ballot, counted } = await opened();
      const refuse = async (decision: Decision, support: bigint, voter: string, signature: string, why: string) => {
        await expect(governor.castVoteBySig(decision.proposalId, support, voter, signature), why)
          .to.be.revertedWithCustomError(governor, "GovernorInvalidSignature")
          .withArgs(voter);
      };
      const good = ballot(one, "for", ben.address, 0n);
      for (const nonce of [1n, 2n ** 256n - 1n]) {
        const signature = await ben.signTypedData(domain, BALLOT, { ...good, nonce });
        await refuse(one, FOR, ben.address, signature, `nonce ${nonce}`);
      }
      const signature = await ben.signTypedData(domain, BALLOT, good);
      await refuse(one, AGAINST, ben.address, signature, "another support");
      await refuse(other, FOR, ben.address, signature, "another proposal");
      await refuse(one, FOR, ada.address, signature, "another voter");
      await refuse(one, FOR, itself, signature, "a contract whose key this is not");
      await refuse(one, FOR, wallet.target as string, "0x", "nothing");
      const adas = await ada.signTypedData(domain, BALLOT, good);
      await refuse(one, FOR, ben.address, adas, "signed by another");
      const elsewhere = { ...domain, verifyingContract: voting.target as string };
      await refuse(one, FOR, ben.address, await ben.signTypedData(elsewhere, BALLOT, good), "for another contract");
      const { r, s, v, compactSerialized } = Signature.from(signature);
      const order = 0xfffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141n;
      const mirrored = concat([r, toBeHex(order - BigInt(s), 32), toBeHex(v === 27 ? 28 : 27, 1)]);
      expect(getBytes(mirrored).length).to.equal(65);
      await refuse(one, FOR, ben.address, mirrored, "the other root of the same signature");
      await refuse(one, FOR, ben.address, compactSerialized, "ERC-2098's short form");
      expect(await governor.nonces(ben), "a refusal uses no nonce").to.equal(0n);

      const extended = { ...good, reason: "why not", params: "0x" };
      const full = await ben.signTypedData(domain, EXTENDED_BALLOT, extended);
      await refuse(one, FOR, ben.address, full, "an extended ballot is no plain one");
      await expect(
        governor.castVoteWithReasonAndParamsBySig(one.proposalId, FOR, ben, "because", "0x", full),
        "another reason",
      )
        .to.be.revertedWithCustomError(governor, "GovernorInvalidSignature")
        .withArgs(ben.address);
      await expect(
        governor.castVoteWithReasonAndParamsBySig(one.proposalId, FOR, ben, "why not", "0x00", full),
        "other parameters",
      )
        .to.be.revertedWithCustomError(governor, "GovernorInvalidSignature")
        .withArgs(ben.address);

      await governor.castVoteBySig(one.proposalId, FOR, ben, signature);
      await counted(one, ben.address, "for");
      await refuse(one, FOR, ben.address, signature, "used");
      const next = await ben.signTypedData(domain, BALLOT, ballot(one, "for", ben.address, 1n));
      await expect(governor.castVoteBySig(one.proposalId, FOR, ben, next), "a second vote with a new signature")
        .to.be.revertedWithCustomError(governor, "GovernorAlreadyCastVote")
        .withArgs(ben.address);
      await expect(
        governor.castVoteWithReasonAndParamsBySig(one.proposalId, FOR, ben, "why not", "0x", full),
        "the other form, of the nonce that is used",
      )
        .to.be.revertedWithCustomError(governor, "GovernorInvalidSignature")
        .withArgs(ben.address);
    });

    it("counts signed delegation for the delegate at the snapshot, and refuses a wrong nonce, a used one and a late one", async () => {
      const world = await load(settled);
      const { voting, ada, ben, cleo, outsider, votes, now, propose, reach, vote, at } = world;
      const domain = await domainOf(voting);
      const expiry = (await now()) + DAY;
      const sign = async (signer: HardhatEthersSigner, delegatee: string, nonce: bigint, until = expiry) => {
        const { v, r, s } = Signature.from(
          await signer.signTypedData(domain, DELEGATION, { delegatee, nonce, expiry: until }),
        );
        return [nonce, until, v, r, s] as const;
      };
      const asOutsider = voting.connect(outsider);
      await expect(asOutsider.delegateBySig(ben, ...(await sign(ada, ben.address, 1n))))
        .to.be.revertedWithCustomError(voting, "InvalidAccountNonce")
        .withArgs(ada.address, 0n);
      const decision = await propose(spend(world, "delegated by signature"));
      const signed = await sign(ada, outsider.address, 0n);
      await expect(asOutsider.delegateBySig(outsider, ...signed))
        .to.emit(voting, "DelegateChanged")
        .withArgs(ada.address, ada.address, outsider.address);
      votes.delegate(ada.address, outsider.address, await now());
      await expect(asOutsider.delegateBySig(outsider, ...signed))
        .to.be.revertedWithCustomError(voting, "InvalidAccountNonce")
        .withArgs(ada.address, 1n);
      const bens = await sign(ben, cleo.address, 0n);
      await asOutsider.delegateBySig(outsider, ...bens);
      expect(await voting.delegates(ben), "signed for Cleo, it is nobody's for the outsider").to.equal(ben.address);
      expect(await voting.getVotes(outsider)).to.equal(12n * MILLION);
      await at(expiry + 1n);
      await expect(asOutsider.delegateBySig(cleo, ...bens))
        .to.be.revertedWithCustomError(voting, "VotesExpiredSignature")
        .withArgs(expiry);
      await reach(decision.snapshot);
      expect((await vote(decision, outsider, "for")).weight).to.equal(12n * MILLION);
      expect((await vote(decision, ada, "against")).weight).to.equal(0n);
      expect((await vote(decision, ben, "for")).weight).to.equal(6n * MILLION);
    });
  });

  describe("standard tools", () => {
    it("count time by the same clock in the governor and in the votes", async () => {
      const { governor, voting, now, at } = await load(settled);
      const clocks = [governor, voting].map(
        (contract) => new Contract(contract.target as string, ERC6372, ethers.provider),
      );
      for (const step of [1n, 12n, 365n * DAY]) {
        const time = (await now()) + step;
        await at(time);
        await networkHelpers.mine();
        for (const contract of clocks) {
          expect(await contract.getFunction("clock").staticCall()).to.equal(time);
          expect(await contract.getFunction("CLOCK_MODE").staticCall()).to.equal("mode=timestamp");
        }
      }
      expect(new URLSearchParams(await governor.CLOCK_MODE()).get("mode")).to.equal("timestamp");
    });

    it("find that the past votes at the snapshot count, and no others", async () => {
      const world = await load(settled);
      const { governor, voting, ada, ben, cleo, whale, stake, requestUnstake, delegate, propose, reach, at } = world;
      const tool = new Contract(voting.target as string, IVOTES, ethers.provider);
      const past = async (account: string, time: bigint) =>
        (await tool.getFunction("getPastVotes").staticCall(account, time)) as bigint;
      const decision = await propose(spend(world, "counted at its snapshot"));
      const { snapshot } = decision;
      await at(snapshot - 1n);
      await requestUnstake(ada, MILLION);
      await at(snapshot);
      await delegate(ben, cleo.address);
      await expect(tool.getFunction("getPastVotes").staticCall(ada.address, snapshot))
        .to.be.revertedWithCustomError(tool, "ERC5805FutureLookup")
        .withArgs(snapshot, snapshot);
      await at(snapshot + 1n);
      await stake(whale, 100n * MILLION);
      await requestUnstake(cleo, 3n * MILLION);
      await reach(snapshot + 10n);
      for (const [voter, weight] of [
        [ada, 11n * MILLION],
        [ben, 0n],
        [cleo, 9n * MILLION],
        [whale, 0n],
      ] as const) {
        expect(await past(voter.address, snapshot)).to.equal(weight);
        expect(await governor.getVotes(voter, snapshot)).to.equal(weight);
        expect((await world.vote(decision, voter, "for")).weight).to.equal(weight);
      }
      expect(await tool.getFunction("getPastTotalSupply").staticCall(snapshot)).to.equal(20n * MILLION);
      expect(await tool.getFunction("getVotes").staticCall(whale.address)).to.equal(100n * MILLION);
      expect(await tool.getFunction("delegates").staticCall(ben.address)).to.equal(cleo.address);
    });

    it("find the interface of IGovernor, and how it counts", async () => {
      const { governor } = await load(settled);
      const tool = new Contract(
        governor.target as string,
        [...IGOVERNOR, "function supportsInterface(bytes4) view returns (bool)"],
        ethers.provider,
      );
      const ask = (name: string, ...args: unknown[]) => tool.getFunction(name).staticCall(...args);
      expect(await ask("supportsInterface", interfaceId(IGOVERNOR))).to.equal(true);
      expect(await ask("supportsInterface", "0x01ffc9a7")).to.equal(true);
      expect(await ask("supportsInterface", "0xffffffff")).to.equal(false);
      const mode = new URLSearchParams((await ask("COUNTING_MODE")) as string);
      expectSame([mode.get("support"), mode.get("quorum")], ["bravo", "for,abstain"]);
      expectSame([await ask("votingDelay"), await ask("votingPeriod")], [VOTING_DELAY, VOTING_PERIOD]);
      expectSame([await ask("name"), await ask("version")], ["X.me Governor", "1"]);
    });

    it("read all that happens in events with a foreign ABI", async () => {
      const world = await load(settled);
      const { governor, ada, ben, cleo, outsider, propose, vote, carry, queue, execute, cancel, reach, timesOf } =
        world;
      const foreign = new Interface(GOVERNOR_EVENTS);
      for (const [name, topic] of Object.entries(WELL_KNOWN_TOPICS)) {
        expect(foreign.getEvent(name)?.topicHash, name).to.equal(topic);
      }
      const fromBlock = await ethers.provider.getBlockNumber();
      const kept = await propose(spend(world, "kept"));
      const dropped = await propose(spend(world, "dropped"), ben);
      await carry(kept);
      await governor.connect(cleo).castVoteWithReasonAndParams(kept.proposalId, AGAINST, "too much", "0xff");
      await world.counted(kept, cleo.address, "against");
      await vote(dropped, cleo, "abstain");
      await cancel(dropped);
      const { deadline } = await timesOf(kept);
      await reach(deadline);
      const eta = await queue(kept);
      await execute(kept);

      const logs = await ethers.provider.getLogs({ address: governor.target as string, fromBlock: fromBlock + 1 });
      const told = logs.map((log) => {
        const event = foreign.parseLog(log);
        if (!event) throw new Error(`an event that IGovernor does not know: ${log.topics[0]}`);
        return [event.name, ...(event.args.toArray(true) as unknown[])];
      });
      const created = ({ proposal, proposalId, snapshot }: Decision, proposer: string) => [
        "ProposalCreated",
        proposalId,
        proposer,
        proposal.targets,
        proposal.values,
        [""],
        proposal.calldatas,
        snapshot,
        snapshot + VOTING_PERIOD,
        proposal.description,
      ];
      expectSame(told, [
        created(kept, ada.address),
        created(dropped, ben.address),
        ["VoteCast", ada.address, kept.proposalId, 1n, 12n * MILLION, ""],
        ["VoteCast", ben.address, kept.proposalId, 1n, 6n * MILLION, ""],
        ["VoteCastWithParams", cleo.address, kept.proposalId, 0n, 3n * MILLION, "too much", "0xff"],
        ["VoteCast", cleo.address, dropped.proposalId, 2n, 3n * MILLION, ""],
        ["ProposalCanceled", dropped.proposalId],
        ["ProposalQueued", kept.proposalId, eta],
        ["ProposalExecuted", kept.proposalId],
      ]);
      expect(await world.xme.balanceOf(outsider)).to.equal(41n * MILLION);
    });
  });

  describe("random lives of holders and decisions", () => {
    it("agree with both models at every step", async () => {
      const world = await load(settled);
      const { governor, voting, ada, ben, cleo, whale, outsider, advertiser, guardian, sunset, votes, now, at } = world;
      const holders = [ada, ben, cleo, whale, outsider, advertiser];
      const random = new Random(SEED);
      const running: Decision[] = [];
      const voted = new Map<bigint, Set<string>>();
      const done: Record<string, number> = {};
      const count = (what: string) => (done[what] = (done[what] ?? 0) + 1);
      let time = await now();

      /** What comes next for a decision at `at` where everybody does their part. */
      const dueAt = (decision: Decision, moment: bigint) => {
        const state = proposalState(world.factsOf(decision), moment);
        if (state === "active")
          return (voted.get(decision.proposalId)?.size ?? 0) < holders.length ? "vote" : undefined;
        if (state === "succeeded") return "queue";
        return isExecutable(world.factsOf(decision), moment) ? "execute" : undefined;
      };

      /** Those that are not at their end. */
      const unfinished = () =>
        running.filter((decision) => {
          const state = proposalState(world.factsOf(decision), time);
          return state === "pending" || state === "active" || state === "succeeded" || state === "queued";
        });

      /** The next moment: some hours later while there is something to do, or else the next edge of a phase. */
      const later = () => {
        const latest = unfinished();
        if (latest.some((decision) => dueAt(decision, time + 1n))) return time + random.magnitude(1n, DAY);
        const edges = latest.flatMap((decision) => {
          const { snapshot, deadline, eta = deadline, expiry } = proposalTimes(world.factsOf(decision), time);
          return [snapshot, deadline, eta, expiry].flatMap((edge) => [edge - 1n, edge, edge + 1n]);
        });
        const next = edges.filter((edge) => edge > time).sort((a, b) => (a < b ? -1 : 1))[0];
        return next === undefined ? time + random.between(1n, DAY) : random.once(4n) ? time + 1n : next;
      };

      /** Makes `call` at `time` and expects that it passes or not; a refusal leaves a block behind too. */
      const attempt = async (what: string, allowed: boolean, call: () => Promise<unknown>): Promise<boolean> => {
        await at(time);
        const passed = await call().then(
          () => true,
          () => false,
        );
        expect(passed, `seed ${SEED}: ${what} at ${time}`).to.equal(allowed);
        count(passed ? what : "refused");
        if (!passed) await networkHelpers.mine();
        return passed;
      };

      const hold = async () => {
        const holder = random.pick(holders);
        const who = holder.address;
        const as = voting.connect(holder);
        const [staked, pending] = [votes.staked(who), votes.pending(who)];
        const kind = random.pick(["stake", "requestUnstake", "restake", "withdraw", "delegate"] as const);
        if (kind === "stake") {
          const free = await world.xme.balanceOf(holder);
          const amount = free === 0n ? 1n : random.magnitude(1n, free);
          if (await attempt(kind, amount <= free, () => as.stake(amount))) votes.stake(who, amount, time);
        } else if (kind === "requestUnstake") {
          const amount = staked === 0n ? 1n : random.between(1n, random.once(3n) ? staked + 1n : staked / 3n + 1n);
          const allowed = amount <= staked;
          if (await attempt(kind, allowed, () => as.requestUnstake(amount))) votes.requestUnstake(who, amount, time);
        } else if (kind === "restake") {
          const amount = random.between(1n, pending + 1n);
          if (await attempt(kind, amount <= pending, () => as.restake(amount))) votes.restake(who, amount, time);
        } else if (kind === "withdraw") {
          if (await attempt(kind, votes.withdrawable(who, time) > 0n, () => as.withdraw(holder))) {
            votes.withdraw(who, time);
          }
        } else {
          const delegatee = random.pick(holders).address;
          await attempt(kind, true, () => as.delegate(delegatee));
          votes.delegate(who, delegatee, time);
        }
      };

      const proposeAnother = async (step: number) => {
        const able = holders.filter(({ address }) => votes.votes(address, time - 1n) >= PROPOSAL_THRESHOLD);
        const proposer = random.pick(able.length === 0 || random.once(6n) ? holders : able);
        const allowed = votes.votes(proposer.address, time - 1n) >= PROPOSAL_THRESHOLD;
        const proposal = spend(world, `random ${step}`, 1n);
        if (!(await attempt("propose", allowed, () => governor.connect(proposer).propose(...drafted(proposal)))))
          return;
        running.push({
          proposal,
          proposalId: await governor.hashProposal(...decided(proposal)),
          snapshot: time + VOTING_DELAY,
          facts: { proposedAt: time, votes: [] },
        });
      };

      const act = async (decision: Decision) => {
        const { proposal, proposalId, snapshot } = decision;
        const facts = world.factsOf(decision);
        const state = proposalState(facts, time);
        const any = random.pick(["vote", "queue", "execute", "cancel"] as const);
        const kind = (random.once(12n) ? undefined : dueAt(decision, time)) ?? any;
        if (kind === "vote") {
          const already = voted.get(proposalId) ?? new Set();
          const silent = holders.filter(({ address }) => !already.has(address));
          const voter = random.pick(silent.length === 0 || random.once(10n) ? holders : silent);
          const support = random.pick(["for", "for", "for", "for", "for", "against", "abstain"] as const);
          const allowed = state === "active" && !already.has(voter.address);
          const call = () => governor.connect(voter).castVote(proposalId, SUPPORT.indexOf(support));
          if (!(await attempt(kind, allowed, call))) return;
          voted.set(proposalId, already.add(voter.address));
          const weight = votes.votes(voter.address, snapshot);
          if (weight === 0n) count("empty vote");
          decision.facts = { ...decision.facts, votes: [...facts.votes, { at: time, support, weight }] };
        } else if (kind === "queue") {
          if (!(await attempt(kind, state === "succeeded", () => governor.queue(...decided(proposal))))) return;
          decision.facts = { ...decision.facts, queuedAt: time, delay: TIMELOCK_DELAY };
        } else if (kind === "execute") {
          const allowed = isExecutable(facts, time);
          if (!(await attempt(kind, allowed, () => governor.execute(...decided(proposal))))) return;
          decision.facts = { ...decision.facts, executedAt: time };
        } else {
          const open = !["canceled", "expired", "executed"].includes(state);
          const call = () => governor.connect(guardian).cancel(...decided(proposal));
          if (!(await attempt(kind, open && time < sunset, call))) return;
          decision.facts = { ...decision.facts, canceledAt: time };
        }
      };

      const kinds = [
        "stake",
        "requestUnstake",
        "restake",
        "withdraw",
        "delegate",
        "propose",
        "vote",
        "queue",
        "execute",
      ];
      const expected = [...kinds, "cancel", "refused", "empty vote"];
      const everythingDone = () => expected.every((kind) => (done[kind] ?? 0) > 0);
      for (let step = 0; step < effort(60, 150) || (step < 2_000 && !everythingDone()); step++) {
        time = later();
        const latest = unfinished();
        const open = latest.filter((decision) => dueAt(decision, time));
        const dice = random.between(1n, 10n);
        if (latest.length === 0 || (dice > 8n && open.length === 0 && latest.length < 3)) await proposeAnother(step);
        else if (dice > 2n && open.length > 0) await act(random.pick(open));
        else if (dice > 1n) await hold();
        else await act(random.pick(running.slice(-4)));
        for (const decision of running.slice(-2)) {
          await world.agree(decision, `seed ${SEED}, step ${step}, ${decision.proposal.description}`);
        }
        let sum = 0n;
        for (const { address } of holders) {
          const weight = await voting.getVotes(address);
          expect(weight, `seed ${SEED}, step ${step}: votes of ${address}`).to.equal(votes.votes(address, time));
          sum += weight;
        }
        expect(sum <= (await voting.totalSupply()), `seed ${SEED}, step ${step}`).to.equal(true);
      }
      const executed = running.filter(({ facts }) => facts.executedAt !== undefined).length;
      expect(await world.xme.balanceOf(world.timelock), "a wei for each").to.equal(TREASURY_XME - BigInt(executed));
      expect(everythingDone(), `seed ${SEED}: ${JSON.stringify(done)}`).to.equal(true);
    });
  });
});
