import { expect } from "chai";
import { type BigNumberish, type ContractTransactionResponse, ZeroAddress, ZeroHash, id, toBeHex } from "ethers";
import hre, { network } from "hardhat";

import {
  GRACE_PERIOD,
  LATE_QUORUM_EXTENSION,
  MAX_SUNSET_DISTANCE,
  MIN_QUORUM,
  PROPOSAL_STATES,
  PROPOSAL_THRESHOLD,
  type ProposalFacts,
  type ProposalState,
  QUORUM_BPS,
  SUPPORT,
  TIMELOCK_DELAY,
  VOTING_DELAY,
  VOTING_PERIOD,
  isCarried,
  isExecutable,
  proposalState,
  proposalTimes,
  quorum,
} from "../../../src/xme/governance.js";
import type { HardhatEthersSigner } from "@nomicfoundation/hardhat-ethers/types";
import { effort } from "../../support/effort.js";
import { Random, seedOfThisRun } from "../../support/rankRandom.js";

const { ethers, networkHelpers } = await network.create();

const SEED = seedOfThisRun();
const DAY = 86_400n;
const MILLION = 1_000_000n * 10n ** 18n;
const TREASURY = 250n * MILLION;
const SUNSET_DELAY = 2n * 365n * DAY;
const [AGAINST, FOR, ABSTAIN] = [0n, 1n, 2n];

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

/** A proposal as the governor takes it. */
interface Proposal {
  readonly targets: string[];
  readonly values: bigint[];
  readonly calldatas: string[];
  readonly description: string;
}

/** The arguments of queue, execute and cancel. */
function decided({ targets, values, calldatas, description }: Proposal) {
  return [targets, values, calldatas, id(description)] as const;
}

/** The arguments of propose. */
function drafted({ targets, values, calldatas, description }: Proposal) {
  return [targets, values, calldatas, description] as const;
}

function number(state: ProposalState): bigint {
  return BigInt(PROPOSAL_STATES.indexOf(state));
}

/** The set of states that OpenZeppelin's error names as those expected. */
function bitmap(...states: ProposalState[]): string {
  return toBeHex(
    states.reduce((bits, state) => bits | (1n << number(state)), 0n),
    32,
  );
}

describe("XmeGovernor", () => {
  /** The votes, and how an account gets some; the one place that knows what votes are made of. */
  async function deployVotes() {
    const votes = await ethers.deployContract("GovernorTestVotes", [false]);
    const give = (to: { getAddress(): Promise<string> }, amount: bigint) => votes.mint(to, amount);
    return { votes, give };
  }

  async function deploy() {
    const [deployer, guardian, ada, ben, cleo, stranger] = await ethers.getSigners();
    if (!deployer || !guardian || !ada || !ben || !cleo || !stranger) throw new Error("too few accounts");
    const { votes, give } = await deployVotes();
    const timelock = await ethers.deployContract("TimelockController", [TIMELOCK_DELAY, [], [], deployer]);
    const sunset = BigInt(await networkHelpers.time.latest()) + SUNSET_DELAY;
    const governor = await ethers.deployContract("XmeGovernor", [votes, timelock, guardian, sunset]);
    for (const role of ["PROPOSER_ROLE", "EXECUTOR_ROLE", "CANCELLER_ROLE"] as const) {
      await timelock.grantRole(await timelock.getFunction(role)(), governor);
    }
    await timelock.renounceRole(ZeroHash, deployer);
    const xme = await ethers.deployContract("XME");
    await xme.transfer(timelock, TREASURY);
    const manager = await ethers.deployContract("AccessManager", [timelock]);
    const policies = await ethers.deployContract("PolicyRegistry", [manager]);

    const spend = (description: string, amount = MILLION): Proposal => ({
      targets: [xme.target as string],
      values: [0n],
      calldatas: [xme.interface.encodeFunctionData("transfer", [stranger.address, amount])],
      description,
    });
    const upon = (description: string, data: string): Proposal => ({
      targets: [governor.target as string],
      values: [0n],
      calldatas: [data],
      description,
    });
    const numberOf = (proposal: Proposal) => governor.hashProposal(...decided(proposal));
    const now = async () => BigInt(await networkHelpers.time.latest());
    /** Moves to the second `time`, in which the next transaction happens. */
    const at = (time: bigint) => networkHelpers.time.setNextBlockTimestamp(time);
    const stateOf = async (proposal: Proposal) =>
      PROPOSAL_STATES[Number(await governor.state(await numberOf(proposal)))] ?? "none";
    const unexpected = async (
      call: Promise<ContractTransactionResponse>,
      proposal: Proposal,
      current: ProposalState,
      expected: string,
    ) => {
      await expect(call)
        .to.be.revertedWithCustomError(governor, "GovernorUnexpectedProposalState")
        .withArgs(await numberOf(proposal), number(current), expected);
    };
    /** Ada proposes; returns the times of the vote. */
    const propose = async (proposal: Proposal, by = ada) => {
      await governor.connect(by).propose(...drafted(proposal));
      const proposalId = await numberOf(proposal);
      const snapshot = await governor.proposalSnapshot(proposalId);
      return { proposalId, snapshot, deadline: snapshot + VOTING_PERIOD };
    };
    /** As `propose`, with every vote of Ada and Ben for it in the first second. */
    const carry = async (proposal: Proposal) => {
      const times = await propose(proposal);
      await at(times.snapshot + 1n);
      await governor.connect(ada).castVote(times.proposalId, FOR);
      await governor.connect(ben).castVote(times.proposalId, FOR);
      return times;
    };
    /** As `carry`, and queued in the first second after the vote; returns when it can be executed. */
    const enqueue = async (proposal: Proposal) => {
      const times = await carry(proposal);
      await at(times.deadline + 1n);
      await governor.queue(...decided(proposal));
      return { ...times, eta: times.deadline + 1n + TIMELOCK_DELAY };
    };
    /** Proposes, carries, queues and executes. */
    const enact = async (proposal: Proposal) => {
      const { eta } = await enqueue(proposal);
      await at(eta);
      return governor.execute(...decided(proposal));
    };
    return {
      ...{ deployer, guardian, ada, ben, cleo, stranger, votes, give, timelock, sunset, governor, xme, manager },
      ...{ policies, spend, upon, numberOf, now, at, stateOf, unexpected, propose, carry, enqueue, enact },
    };
  }

  /** Ada has 12 million votes, Ben 6, Cleo 3; everything else of the world is as deployed. */
  async function staked() {
    const world = await deploy();
    const { ada, ben, cleo, give } = world;
    await give(ada, 12n * MILLION);
    await give(ben, 6n * MILLION);
    await give(cleo, 3n * MILLION);
    await networkHelpers.time.increase(1n);
    return world;
  }

  describe("constructor", () => {
    it("refuses votes without code", async () => {
      const { governor, stranger, timelock, guardian, sunset } = await networkHelpers.loadFixture(deploy);
      await expect(ethers.deployContract("XmeGovernor", [stranger, timelock, guardian, sunset]))
        .to.be.revertedWithCustomError(governor, "XmeGovernor_VotesHaveNoCode")
        .withArgs(stranger.address);
    });

    it("refuses votes that count blocks", async () => {
      const { governor, timelock, guardian, sunset, at, now } = await networkHelpers.loadFixture(deploy);
      const blocks = await ethers.deployContract("GovernorTestVotes", [true]);
      const time = (await now()) + 10n;
      await at(time);
      const height = BigInt(await ethers.provider.getBlockNumber()) + 1n;
      await expect(ethers.deployContract("XmeGovernor", [blocks, timelock, guardian, sunset]))
        .to.be.revertedWithCustomError(governor, "XmeGovernor_VotesClockIsNotTime")
        .withArgs(blocks, height, time);
    });

    it("refuses a timelock without code", async () => {
      const { governor, votes, stranger, guardian, sunset } = await networkHelpers.loadFixture(deploy);
      await expect(ethers.deployContract("XmeGovernor", [votes, stranger, guardian, sunset]))
        .to.be.revertedWithCustomError(governor, "XmeGovernor_TimelockHasNoCode")
        .withArgs(stranger.address);
    });

    it("refuses to have nobody as its guardian", async () => {
      const { governor, votes, timelock, sunset } = await networkHelpers.loadFixture(deploy);
      await expect(
        ethers.deployContract("XmeGovernor", [votes, timelock, ZeroAddress, sunset]),
      ).to.be.revertedWithCustomError(governor, "XmeGovernor_GuardianIsZero");
    });

    it("refuses a sunset that is not ahead, or more than four years ahead, and takes the two edges", async () => {
      const { governor, votes, timelock, guardian, at, now } = await networkHelpers.loadFixture(deploy);
      let time = await now();
      const deployWith = async (sunset: bigint) => {
        await at(time);
        return ethers.deployContract("XmeGovernor", [votes, timelock, guardian, sunset]);
      };
      for (const distance of [0n, -1n, MAX_SUNSET_DISTANCE + 1n]) {
        time += 100n;
        await expect(deployWith(time + distance))
          .to.be.revertedWithCustomError(governor, "XmeGovernor_SunsetOutOfRange")
          .withArgs(time + distance, time, MAX_SUNSET_DISTANCE);
      }
      for (const distance of [1n, MAX_SUNSET_DISTANCE]) {
        time += 100n;
        expect(await (await deployWith(time + distance)).sunset()).to.equal(time + distance);
      }
    });

    it("shows votes, timelock, guardian, sunset and every number", async () => {
      const { governor, votes, timelock, guardian, sunset, now } = await networkHelpers.loadFixture(deploy);
      expect(await governor.token()).to.equal(votes.target);
      expect(await governor.timelock()).to.equal(timelock.target);
      expect(await governor.guardian()).to.equal(guardian.address);
      expect(await governor.sunset()).to.equal(sunset);
      expect(await governor.name()).to.equal("X.me Governor");
      expect(await governor.version()).to.equal("1");
      expect(await governor.clock()).to.equal(await now());
      expect(await governor.CLOCK_MODE()).to.equal("mode=timestamp");
      expect(await governor.COUNTING_MODE()).to.equal("support=bravo&quorum=for,abstain");
      expect(await governor.votingDelay()).to.equal(VOTING_DELAY);
      expect(await governor.votingPeriod()).to.equal(VOTING_PERIOD);
      expect(await governor.proposalThreshold()).to.equal(PROPOSAL_THRESHOLD);
      expect(await governor.lateQuorumVoteExtension()).to.equal(LATE_QUORUM_EXTENSION);
      expect(await governor.QUORUM_BPS()).to.equal(QUORUM_BPS);
      expect(await governor.MIN_QUORUM()).to.equal(MIN_QUORUM);
      expect(await governor.GRACE_PERIOD()).to.equal(GRACE_PERIOD);
      expect(await governor.MAX_SUNSET_DISTANCE()).to.equal(MAX_SUNSET_DISTANCE);
      expect(await governor.proposalNeedsQueuing(1n)).to.equal(true);
      expect([VOTING_DELAY, VOTING_PERIOD, LATE_QUORUM_EXTENSION, TIMELOCK_DELAY, GRACE_PERIOD]).to.deep.equal(
        [1n, 7n, 2n, 2n, 14n].map((days) => days * DAY),
      );
      expect([PROPOSAL_THRESHOLD, MIN_QUORUM]).to.deep.equal([MILLION, 10n * MILLION]);
    });

    it("says which interfaces it has", async () => {
      const { governor } = await networkHelpers.loadFixture(deploy);
      expect(await governor.supportsInterface("0x01ffc9a7"), "ERC-165").to.equal(true);
      expect(await governor.supportsInterface("0xffffffff")).to.equal(false);
    });

    it("fits the limits of code size", async () => {
      const { bytecode, deployedBytecode } = await hre.artifacts.readArtifact("XmeGovernor");
      if (hre.globalOptions.coverage) return;
      expect((deployedBytecode.length - 2) / 2).to.be.at.most(24_576);
      expect((bytecode.length - 2) / 2).to.be.at.most(49_152);
    });
  });

  describe("quorum", () => {
    it("equals the model for any supply, rounded up, and is never below ten million", async () => {
      const { governor, votes, give, ada, now } = await networkHelpers.loadFixture(deploy);
      let supply = 0n;
      for (const [target, expected] of [
        [0n, 10n * MILLION],
        [1n, 10n * MILLION],
        [250n * MILLION, 10n * MILLION],
        [250n * MILLION + 1n, 10n * MILLION + 1n],
        [250n * MILLION + 25n, 10n * MILLION + 1n],
        [250n * MILLION + 26n, 10n * MILLION + 2n],
        [1_000n * MILLION, 40n * MILLION],
      ] as const) {
        if (target > supply) await give(ada, target - supply);
        supply = target;
        const then = await now();
        await networkHelpers.mine();
        expect(await governor.quorum(then)).to.equal(expected);
        expect(quorum(supply)).to.equal(expected);
      }
      const random = new Random(SEED);
      for (let step = 0; step < 20; step++) {
        const less = random.between(1n, supply / 2n);
        await votes.burn(ada, less);
        supply -= less;
        const then = await now();
        await networkHelpers.mine();
        expect(await governor.quorum(then), `seed ${SEED}, supply ${supply}`).to.equal(quorum(supply));
      }
    });

    it("fails in the votes for a time that is not over", async () => {
      const { governor, votes, now } = await networkHelpers.loadFixture(deploy);
      const time = await now();
      await expect(governor.quorum(time))
        .to.be.revertedWithCustomError(votes, "ERC5805FutureLookup")
        .withArgs(time, time);
    });
  });

  describe("propose", () => {
    it("refuses a proposer with one wei too few, and takes the threshold", async () => {
      const { governor, give, stranger, spend } = await networkHelpers.loadFixture(staked);
      const proposal = spend("for a stranger");
      const asStranger = governor.connect(stranger);
      await give(stranger, MILLION - 1n);
      await networkHelpers.mine();
      await expect(asStranger.propose(...drafted(proposal)))
        .to.be.revertedWithCustomError(governor, "GovernorInsufficientProposerVotes")
        .withArgs(stranger.address, MILLION - 1n, MILLION);
      await give(stranger, 1n);
      await networkHelpers.mine();
      await asStranger.propose(...drafted(proposal));
    });

    it("refuses votes that came in the same second", async () => {
      const { governor, votes, stranger, spend, now, at, deployer } = await networkHelpers.loadFixture(staked);
      await networkHelpers.time.increase(10n);
      const time = (await now()) + 10n;
      await ethers.provider.send("evm_setAutomine", [false]);
      try {
        const nonce = await deployer.getNonce();
        const minted = await votes.mint(stranger, 5n * MILLION, { nonce, gasLimit: 300_000n });
        const proposed = await governor.connect(stranger).propose(...drafted(spend("at once")), { gasLimit: 500_000n });
        await at(time);
        await networkHelpers.mine();
        const receipts = await Promise.all(
          [minted, proposed].map(({ hash }) => ethers.provider.getTransactionReceipt(hash)),
        );
        expect(receipts.map((receipt) => receipt?.status)).to.deep.equal([1, 0]);
        expect(new Set(receipts.map((receipt) => receipt?.blockNumber)).size, "blocks").to.equal(1);
      } finally {
        await ethers.provider.send("evm_setAutomine", [true]);
      }
    });

    it("refuses votes that are borrowed for the transaction", async () => {
      const { governor, votes, ada, spend, numberOf } = await networkHelpers.loadFixture(staked);
      const borrower = await ethers.deployContract("GovernorBorrower", [governor, votes]);
      await votes.connect(ada).approve(borrower, 12n * MILLION);
      const proposal = spend("borrowed");
      const call = governor.interface.encodeFunctionData("propose", [...drafted(proposal)]);
      await borrower.borrowAndCall(ada, 12n * MILLION, call);
      expect(await borrower.votesInHand(), "the loan was really there").to.equal(12n * MILLION);
      expect(await borrower.success()).to.equal(false);
      expect(governor.interface.parseError(await borrower.answer())?.args.toArray()).to.deep.equal([
        borrower.target,
        0n,
        MILLION,
      ]);
      expect(await governor.proposalSnapshot(await numberOf(proposal))).to.equal(0n);
    });

    it("refuses calls that are none or incomplete", async () => {
      const { governor, ada, spend } = await networkHelpers.loadFixture(staked);
      const { targets, values, calldatas, description } = spend("incomplete");
      const asAda = governor.connect(ada);
      for (const [targets_, values_, calldatas_] of [
        [[], [], []],
        [targets, [], calldatas],
        [targets, values, []],
        [[...targets, ...targets], values, calldatas],
      ] as const) {
        await expect(asAda.propose([...targets_], [...values_], [...calldatas_], description))
          .to.be.revertedWithCustomError(governor, "GovernorInvalidProposalLength")
          .withArgs(targets_.length, calldatas_.length, values_.length);
      }
    });

    it("refuses what was proposed before", async () => {
      const { governor, ben, spend, propose, unexpected } = await networkHelpers.loadFixture(staked);
      const proposal = spend("once");
      await propose(proposal);
      await unexpected(governor.connect(ben).propose(...drafted(proposal)), proposal, "pending", ZeroHash);
    });

    it("refuses a description that names another proposer, and takes it from the one named", async () => {
      const { governor, ada, ben, spend, numberOf } = await networkHelpers.loadFixture(staked);
      for (const address of [ada.address, ada.address.toLowerCase()]) {
        const proposal = spend(`Spend a million #proposer=${address}`);
        await expect(governor.connect(ben).propose(...drafted(proposal)))
          .to.be.revertedWithCustomError(governor, "GovernorRestrictedProposer")
          .withArgs(ben.address);
        await governor.connect(ada).propose(...drafted(proposal));
        expect(await governor.proposalProposer(await numberOf(proposal))).to.equal(ada.address);
      }
    });

    it("gives who copies a proposal without a name no right over it", async () => {
      const { governor, ada, ben, spend, propose, stateOf, unexpected } = await networkHelpers.loadFixture(staked);
      const proposal = spend("Spend a million");
      const { proposalId } = await propose(proposal, ben);
      expect(await governor.proposalProposer(proposalId)).to.equal(ben.address);
      await unexpected(governor.connect(ada).propose(...drafted(proposal)), proposal, "pending", ZeroHash);
      await expect(governor.connect(ben).cancel(...decided(proposal)))
        .to.be.revertedWithCustomError(governor, "GovernorUnableToCancel")
        .withArgs(proposalId, ben.address);
      expect(await stateOf(proposal)).to.equal("pending");
    });

    it("opens the vote at the snapshot, and tells", async () => {
      const { governor, ada, spend, numberOf, at, now, stateOf } = await networkHelpers.loadFixture(staked);
      const proposal = spend("Spend a million");
      const proposalId = await numberOf(proposal);
      expect(await governor.proposalExpiry(proposalId), "nothing is proposed").to.equal(0n);
      expect(await governor.getProposalId(...decided(proposal))).to.equal(proposalId);
      const time = (await now()) + 100n;
      await at(time);
      await expect(governor.connect(ada).propose(...drafted(proposal)))
        .to.emit(governor, "ProposalCreated")
        .withArgs(
          proposalId,
          ada.address,
          proposal.targets,
          proposal.values,
          [""],
          proposal.calldatas,
          time + VOTING_DELAY,
          time + VOTING_DELAY + VOTING_PERIOD,
          proposal.description,
        );
      expect(await stateOf(proposal)).to.equal("pending");
      expect(await governor.proposalProposer(proposalId)).to.equal(ada.address);
      expect(await governor.proposalSnapshot(proposalId)).to.equal(time + VOTING_DELAY);
      expect(await governor.proposalDeadline(proposalId)).to.equal(time + VOTING_DELAY + VOTING_PERIOD);
      expect(await governor.proposalExpiry(proposalId)).to.equal(time + VOTING_DELAY + VOTING_PERIOD + GRACE_PERIOD);
      expect(await governor.proposalEta(proposalId)).to.equal(0n);
    });
  });

  describe("voting", () => {
    it("refuses up to the snapshot and after the deadline, and takes the first and the last second", async () => {
      const { governor, ada, ben, cleo, spend, propose, at, unexpected } = await networkHelpers.loadFixture(staked);
      const proposal = spend("in time");
      const { proposalId, snapshot, deadline } = await propose(proposal);
      await at(snapshot);
      await unexpected(governor.connect(ada).castVote(proposalId, FOR), proposal, "pending", bitmap("active"));
      await at(snapshot + 1n);
      await governor.connect(ada).castVote(proposalId, AGAINST);
      await at(deadline);
      await governor.connect(ben).castVote(proposalId, FOR);
      await at(deadline + LATE_QUORUM_EXTENSION + 1n);
      await unexpected(governor.connect(cleo).castVote(proposalId, FOR), proposal, "defeated", bitmap("active"));
    });

    it("refuses a proposal that does not exist", async () => {
      const { governor, ada } = await networkHelpers.loadFixture(staked);
      await expect(governor.connect(ada).castVote(99n, FOR))
        .to.be.revertedWithCustomError(governor, "GovernorNonexistentProposal")
        .withArgs(99n);
      await expect(governor.state(99n))
        .to.be.revertedWithCustomError(governor, "GovernorNonexistentProposal")
        .withArgs(99n);
    });

    it("refuses a second vote of an account", async () => {
      const { governor, ada, spend, propose, at } = await networkHelpers.loadFixture(staked);
      const { proposalId, snapshot } = await propose(spend("twice"));
      await at(snapshot + 1n);
      await governor.connect(ada).castVote(proposalId, FOR);
      await expect(governor.connect(ada).castVote(proposalId, FOR))
        .to.be.revertedWithCustomError(governor, "GovernorAlreadyCastVote")
        .withArgs(ada.address);
    });

    it("refuses a vote that is none of the three", async () => {
      const { governor, ada, spend, propose, at } = await networkHelpers.loadFixture(staked);
      const { proposalId, snapshot } = await propose(spend("a fourth way"));
      await at(snapshot + 1n);
      await expect(governor.connect(ada).castVote(proposalId, 3n)).to.be.revertedWithCustomError(
        governor,
        "GovernorInvalidVoteType",
      );
    });

    it("counts votes against, for and to abstain, with reason and parameters, and tells", async () => {
      const { governor, ada, ben, cleo, stranger, spend, propose, at } = await networkHelpers.loadFixture(staked);
      const { proposalId, snapshot } = await propose(spend("three ways"));
      await at(snapshot + 1n);
      await expect(governor.connect(ada).castVote(proposalId, AGAINST))
        .to.emit(governor, "VoteCast")
        .withArgs(ada.address, proposalId, AGAINST, 12n * MILLION, "");
      await expect(governor.connect(ben).castVoteWithReason(proposalId, FOR, "why not"))
        .to.emit(governor, "VoteCast")
        .withArgs(ben.address, proposalId, FOR, 6n * MILLION, "why not");
      await expect(governor.connect(cleo).castVoteWithReasonAndParams(proposalId, ABSTAIN, "unsure", "0x1234"))
        .to.emit(governor, "VoteCastWithParams")
        .withArgs(cleo.address, proposalId, ABSTAIN, 3n * MILLION, "unsure", "0x1234");
      await expect(governor.connect(stranger).castVote(proposalId, FOR))
        .to.emit(governor, "VoteCast")
        .withArgs(stranger.address, proposalId, FOR, 0n, "");
      expect([...(await governor.proposalVotes(proposalId))]).to.deep.equal([
        12n * MILLION,
        6n * MILLION,
        3n * MILLION,
      ]);
      for (const voter of [ada, ben, cleo, stranger]) expect(await governor.hasVoted(proposalId, voter)).to.equal(true);
      expect(await governor.hasVoted(proposalId, governor)).to.equal(false);
      expect(await governor.getVotes(ada, snapshot)).to.equal(12n * MILLION);
      expect(await governor.getVotesWithParams(ada, snapshot, "0x1234")).to.equal(12n * MILLION);
    });

    it("counts none of the votes that came after the snapshot, and those that left in full", async () => {
      const { governor, votes, ada, give, stranger, spend, propose, at } = await networkHelpers.loadFixture(staked);
      const { proposalId, snapshot } = await propose(spend("too late"));
      await at(snapshot + 1n);
      await give(stranger, 100n * MILLION);
      await votes.connect(ada).transfer(stranger, 12n * MILLION);
      await governor.connect(stranger).castVote(proposalId, FOR);
      await governor.connect(ada).castVote(proposalId, AGAINST);
      expect([...(await governor.proposalVotes(proposalId))]).to.deep.equal([12n * MILLION, 0n, 0n]);
    });

    it("counts nothing for votes that are borrowed for the transaction", async () => {
      const { governor, votes, ada, spend, propose, at } = await networkHelpers.loadFixture(staked);
      const borrower = await ethers.deployContract("GovernorBorrower", [governor, votes]);
      await votes.connect(ada).approve(borrower, 24n * MILLION);
      const { proposalId, snapshot } = await propose(spend("borrowed"));
      const vote = governor.interface.encodeFunctionData("castVote", [proposalId, FOR]);
      // In the second of the snapshot itself the vote is not open; one second later the loan is too late.
      await at(snapshot);
      await borrower.borrowAndCall(ada, 12n * MILLION, vote);
      expect(await borrower.success(), "before the vote is open").to.equal(false);
      await at(snapshot + 1n);
      await borrower.borrowAndCall(ada, 12n * MILLION, vote);
      expect(await borrower.votesInHand()).to.equal(12n * MILLION);
      expect(await borrower.success()).to.equal(true);
      expect(await governor.hasVoted(proposalId, borrower)).to.equal(true);
      expect([...(await governor.proposalVotes(proposalId))]).to.deep.equal([0n, 0n, 0n]);
      await governor.connect(ada).castVote(proposalId, FOR);
      expect((await governor.proposalVotes(proposalId)).forVotes, "the lender's are the lender's").to.equal(
        12n * MILLION,
      );
    });

    it("counts votes that move within the block of the snapshot once, for the last", async () => {
      const { governor, votes, give, ben, cleo, stranger, spend, propose, at } =
        await networkHelpers.loadFixture(staked);
      const mover = await ethers.deployContract("GovernorMover");
      await give(mover, 50n * MILLION);
      const { proposalId, snapshot } = await propose(spend("moved"));
      await at(snapshot);
      await mover.delegateToEach(votes, [ben, stranger, cleo]);
      for (const voter of [ben, stranger, cleo]) await governor.connect(voter).castVote(proposalId, FOR);
      expect(await governor.getVotes(ben, snapshot)).to.equal(6n * MILLION);
      expect(await governor.getVotes(stranger, snapshot)).to.equal(0n);
      expect((await governor.proposalVotes(proposalId)).forVotes).to.equal((6n + 3n + 50n) * MILLION);
    });
  });

  describe("voting by signature", () => {
    async function voting() {
      const world = await staked();
      const { governor, give, spend, propose, at, ada } = world;
      const wallet = await ethers.deployContract("GovernorWallet", [ada]);
      await give(wallet, 4n * MILLION);
      const { proposalId, snapshot } = await propose(spend("signed"));
      const other = await propose(spend("signed too"));
      await at(other.snapshot + 1n);
      await networkHelpers.mine();
      const { chainId } = await ethers.provider.getNetwork();
      const domain = { name: "X.me Governor", version: "1", chainId, verifyingContract: governor.target as string };
      const ballot = (voter: string, support: BigNumberish, nonce: bigint, of = proposalId) => ({
        proposalId: of,
        support,
        voter,
        nonce,
      });
      return { ...world, wallet, proposalId, snapshot, other, domain, ballot };
    }

    it("counts the vote that a plain wallet signed, whoever sends it", async () => {
      const { governor, ada, stranger, domain, ballot, proposalId } = await networkHelpers.loadFixture(voting);
      const signature = await ada.signTypedData(domain, BALLOT, ballot(ada.address, FOR, 0n));
      await expect(governor.connect(stranger).castVoteBySig(proposalId, FOR, ada, signature))
        .to.emit(governor, "VoteCast")
        .withArgs(ada.address, proposalId, FOR, 12n * MILLION, "");
      expect(await governor.nonces(ada)).to.equal(1n);
      expect(await governor.hasVoted(proposalId, stranger)).to.equal(false);
    });

    it("counts the vote that a plain wallet signed with reason and parameters, and tells both", async () => {
      const { governor, ada, stranger, domain, ballot, proposalId } = await networkHelpers.loadFixture(voting);
      const extended = { ...ballot(ada.address, ABSTAIN, 0n), reason: "unsure", params: "0x1234" };
      const signature = await ada.signTypedData(domain, EXTENDED_BALLOT, extended);
      await expect(
        governor
          .connect(stranger)
          .castVoteWithReasonAndParamsBySig(proposalId, ABSTAIN, ada, "unsure", "0x1234", signature),
      )
        .to.emit(governor, "VoteCastWithParams")
        .withArgs(ada.address, proposalId, ABSTAIN, 12n * MILLION, "unsure", "0x1234");
    });

    it("counts the vote that a wallet which is a contract confirms, plain and with a reason", async () => {
      const { governor, ada, wallet, other, domain, ballot, proposalId } = await networkHelpers.loadFixture(voting);
      const voter = wallet.target as string;
      const signature = await ada.signTypedData(domain, BALLOT, ballot(voter, AGAINST, 0n));
      await expect(governor.castVoteBySig(proposalId, AGAINST, wallet, signature))
        .to.emit(governor, "VoteCast")
        .withArgs(voter, proposalId, AGAINST, 4n * MILLION, "");
      const extended = { ...ballot(voter, FOR, 1n, other.proposalId), reason: "better", params: "0x" };
      const second = await ada.signTypedData(domain, EXTENDED_BALLOT, extended);
      await expect(governor.castVoteWithReasonAndParamsBySig(other.proposalId, FOR, wallet, "better", "0x", second))
        .to.emit(governor, "VoteCast")
        .withArgs(voter, other.proposalId, FOR, 4n * MILLION, "better");
    });

    it("refuses a signature that is used again, for the same proposal and for another", async () => {
      const { governor, ada, wallet, other, domain, ballot, proposalId } = await networkHelpers.loadFixture(voting);
      for (const voter of [ada.address, wallet.target as string]) {
        const signature = await ada.signTypedData(domain, BALLOT, ballot(voter, FOR, 0n));
        await governor.castVoteBySig(proposalId, FOR, voter, signature);
        for (const again of [proposalId, other.proposalId]) {
          await expect(governor.castVoteBySig(again, FOR, voter, signature))
            .to.be.revertedWithCustomError(governor, "GovernorInvalidSignature")
            .withArgs(voter);
        }
      }
    });

    it("refuses the signature of another voter, vote, reason, nonce or governor", async () => {
      const { governor, ada, ben, wallet, domain, ballot, proposalId } = await networkHelpers.loadFixture(voting);
      const good = ballot(ada.address, FOR, 0n);
      const elsewhere = { ...domain, verifyingContract: wallet.target as string };
      for (const [signer, signedDomain, signed] of [
        [ben, domain, good],
        [ada, domain, { ...good, support: AGAINST }],
        [ada, domain, { ...good, voter: ben.address }],
        [ada, domain, { ...good, proposalId: 1n }],
        [ada, domain, { ...good, nonce: 1n }],
        [ada, elsewhere, good],
        [ada, { ...domain, chainId: 1n }, good],
      ] as const) {
        const signature = await signer.signTypedData(signedDomain, BALLOT, signed);
        await expect(governor.castVoteBySig(proposalId, FOR, ada, signature))
          .to.be.revertedWithCustomError(governor, "GovernorInvalidSignature")
          .withArgs(ada.address);
      }
      const extended = { ...good, reason: "because", params: "0x" };
      const signature = await ada.signTypedData(domain, EXTENDED_BALLOT, extended);
      await expect(governor.castVoteWithReasonAndParamsBySig(proposalId, FOR, ada, "for nothing", "0x", signature))
        .to.be.revertedWithCustomError(governor, "GovernorInvalidSignature")
        .withArgs(ada.address);
      const bens = await ben.signTypedData(domain, BALLOT, ballot(wallet.target as string, FOR, 0n));
      await expect(governor.castVoteBySig(proposalId, FOR, wallet, bens))
        .to.be.revertedWithCustomError(governor, "GovernorInvalidSignature")
        .withArgs(wallet.target);
    });
  });

  describe("the outcome", () => {
    it("defeats a small stake that is nearly all of a nearly empty vXME, and all but ten million", async () => {
      for (const stake of [MILLION, 10n * MILLION - 1n]) {
        const { governor, give, stranger, spend, propose, at, stateOf, unexpected } =
          await networkHelpers.loadFixture(deploy);
        await give(stranger, stake);
        await networkHelpers.mine();
        const proposal = spend("all that is mine", TREASURY);
        const { proposalId, snapshot, deadline } = await propose(proposal, stranger);
        await at(snapshot + 1n);
        await governor.connect(stranger).castVote(proposalId, FOR);
        await at(deadline + 1n);
        await networkHelpers.mine();
        expect(await stateOf(proposal)).to.equal("defeated");
        await unexpected(governor.queue(...decided(proposal)), proposal, "defeated", bitmap("succeeded"));
      }
    });

    it("is defeated where the quorum is missed by one wei, and succeeds with it", async () => {
      for (const [stake, outcome] of [
        [10n * MILLION - 1n, "defeated"],
        [10n * MILLION, "succeeded"],
      ] as const) {
        const { governor, give, stranger, spend, propose, at, stateOf } = await networkHelpers.loadFixture(deploy);
        await give(stranger, stake);
        await networkHelpers.mine();
        const proposal = spend("one wei");
        const { proposalId, snapshot, deadline } = await propose(proposal, stranger);
        await at(snapshot + 1n);
        await governor.connect(stranger).castVote(proposalId, FOR);
        await at(deadline + 1n);
        await networkHelpers.mine();
        expect(await stateOf(proposal)).to.equal(outcome);
      }
    });

    it("needs four percent where these are more than ten million", async () => {
      // 479 + 21 million: four percent are 20, what Ada, Ben and Cleo have 21, without Cleo 18.
      for (const [withCleo, outcome] of [
        [false, "defeated"],
        [true, "succeeded"],
      ] as const) {
        const { governor, give, stranger, ada, ben, cleo, spend, propose, at, stateOf } =
          await networkHelpers.loadFixture(staked);
        await give(stranger, 479n * MILLION);
        const proposal = spend("four percent");
        const { proposalId, snapshot, deadline } = await propose(proposal);
        await at(snapshot + 1n);
        for (const voter of withCleo ? [ada, ben, cleo] : [ada, ben]) {
          await governor.connect(voter).castVote(proposalId, FOR);
        }
        expect(await governor.quorum(snapshot)).to.equal(20n * MILLION);
        await at(deadline + 1n);
        await networkHelpers.mine();
        expect(await stateOf(proposal)).to.equal(outcome);
      }
    });

    it("is defeated with as many votes against as for", async () => {
      const { governor, give, ada, stranger, spend, propose, at, stateOf } = await networkHelpers.loadFixture(staked);
      await give(stranger, 12n * MILLION);
      const proposal = spend("a tie");
      const { proposalId, snapshot, deadline } = await propose(proposal);
      await at(snapshot + 1n);
      await governor.connect(ada).castVote(proposalId, FOR);
      await governor.connect(stranger).castVote(proposalId, AGAINST);
      await at(deadline + 1n);
      await networkHelpers.mine();
      expect(await stateOf(proposal)).to.equal("defeated");
      const tie = { against: 12n * MILLION, for: 12n * MILLION, abstain: 0n };
      expect(isCarried(tie, MIN_QUORUM), "the model").to.equal(false);
      expect(isCarried({ ...tie, for: tie.for + 1n }, MIN_QUORUM), "the model").to.equal(true);
    });

    it("counts those who abstain for the quorum, and those against not", async () => {
      for (const [support, outcome] of [
        [ABSTAIN, "succeeded"],
        [AGAINST, "defeated"],
      ] as const) {
        const { governor, ada, ben, cleo, give, spend, propose, at, stateOf } =
          await networkHelpers.loadFixture(staked);
        await give(cleo, 1n * MILLION);
        const proposal = spend("six for, four of the other kind");
        const { proposalId, snapshot, deadline } = await propose(proposal, ada);
        await at(snapshot + 1n);
        await governor.connect(ben).castVote(proposalId, FOR);
        await governor.connect(cleo).castVote(proposalId, support);
        await at(deadline + 1n);
        await networkHelpers.mine();
        expect(await stateOf(proposal)).to.equal(outcome);
      }
    });
  });

  describe("a late quorum", () => {
    it("leaves two days to answer where it comes with less than that left, and tells", async () => {
      const { governor, ada, ben, cleo, give, spend, propose, at, stateOf } = await networkHelpers.loadFixture(staked);
      await give(cleo, 15n * MILLION);
      const proposal = spend("in the last second");
      const { proposalId, deadline } = await propose(proposal);
      await at(deadline - 10n);
      await governor.connect(ben).castVote(proposalId, FOR);
      expect(await governor.proposalDeadline(proposalId), "no quorum yet").to.equal(deadline);
      await at(deadline);
      await expect(governor.connect(ada).castVote(proposalId, FOR))
        .to.emit(governor, "ProposalExtended")
        .withArgs(proposalId, deadline + LATE_QUORUM_EXTENSION);
      expect(await governor.proposalDeadline(proposalId)).to.equal(deadline + LATE_QUORUM_EXTENSION);
      expect(await governor.proposalExpiry(proposalId)).to.equal(deadline + LATE_QUORUM_EXTENSION + GRACE_PERIOD);
      await at(deadline + LATE_QUORUM_EXTENSION);
      await governor.connect(cleo).castVote(proposalId, AGAINST);
      await networkHelpers.mine();
      expect(await stateOf(proposal), "18 million for and 18 against").to.equal("defeated");
    });

    it("leaves the deadline where the quorum comes earlier", async () => {
      const { governor, ada, spend, propose, at } = await networkHelpers.loadFixture(staked);
      const { proposalId, deadline } = await propose(spend("two days before"));
      await at(deadline - LATE_QUORUM_EXTENSION);
      await expect(governor.connect(ada).castVote(proposalId, FOR)).not.to.emit(governor, "ProposalExtended");
      expect(await governor.proposalDeadline(proposalId)).to.equal(deadline);
    });

    it("extends no further for more votes in the extension", async () => {
      const { governor, ada, ben, cleo, spend, propose, at } = await networkHelpers.loadFixture(staked);
      const { proposalId, deadline } = await propose(spend("one extension"));
      await at(deadline - 5n);
      await governor.connect(ada).castVote(proposalId, FOR);
      for (const [voter, time] of [
        [ben, deadline + 1n],
        [cleo, deadline - 5n + LATE_QUORUM_EXTENSION],
      ] as const) {
        await at(time);
        await expect(governor.connect(voter).castVote(proposalId, FOR)).not.to.emit(governor, "ProposalExtended");
      }
      expect(await governor.proposalDeadline(proposalId)).to.equal(deadline - 5n + LATE_QUORUM_EXTENSION);
    });
  });

  describe("queue", () => {
    it("refuses while the vote runs, and where it is lost", async () => {
      const { governor, spend, propose, carry, at, unexpected } = await networkHelpers.loadFixture(staked);
      const lost = spend("nobody votes");
      const won = spend("all vote");
      const { deadline } = await propose(lost);
      await unexpected(governor.queue(...decided(lost)), lost, "pending", bitmap("succeeded"));
      const carried = await carry(won);
      await unexpected(governor.queue(...decided(won)), won, "active", bitmap("succeeded"));
      await at(deadline + 1n);
      await unexpected(governor.queue(...decided(lost)), lost, "defeated", bitmap("succeeded"));
      await at(carried.deadline);
      await unexpected(governor.queue(...decided(won)), won, "active", bitmap("succeeded"));
    });

    it("queues what was won for anybody, once, with the timelock's delay", async () => {
      const { governor, timelock, stranger, spend, carry, at, stateOf, unexpected } =
        await networkHelpers.loadFixture(staked);
      const proposal = spend("won");
      const { proposalId, deadline } = await carry(proposal);
      const time = deadline + 1n;
      await at(time);
      await expect(governor.connect(stranger).queue(...decided(proposal)))
        .to.emit(governor, "ProposalQueued")
        .withArgs(proposalId, time + TIMELOCK_DELAY)
        .and.to.emit(timelock, "CallScheduled");
      expect(await stateOf(proposal)).to.equal("queued");
      expect(await governor.proposalEta(proposalId)).to.equal(time + TIMELOCK_DELAY);
      expect(await governor.proposalExpiry(proposalId)).to.equal(time + TIMELOCK_DELAY + GRACE_PERIOD);
      await unexpected(governor.queue(...decided(proposal)), proposal, "queued", bitmap("succeeded"));
    });

    it("refuses as expired what is queued more than fourteen days after its vote, and takes the last second", async () => {
      const { governor, spend, carry, at, stateOf, unexpected } = await networkHelpers.loadFixture(staked);
      const late = spend("forgotten");
      const inTime = spend("remembered");
      const first = await carry(late);
      const second = await carry(inTime);
      expect(await governor.proposalExpiry(first.proposalId)).to.equal(first.deadline + GRACE_PERIOD);
      await at(first.deadline + GRACE_PERIOD + 1n);
      await unexpected(governor.queue(...decided(late)), late, "expired", bitmap("succeeded"));
      await at(second.deadline + GRACE_PERIOD);
      await governor.queue(...decided(inTime));
      expect(await stateOf(inTime)).to.equal("queued");
      await networkHelpers.time.increase(365n * DAY);
      expect(await stateOf(late)).to.equal("expired");
    });
  });

  describe("execute", () => {
    it("refuses what is not queued", async () => {
      const { governor, spend, carry, at, unexpected } = await networkHelpers.loadFixture(staked);
      const proposal = spend("too soon");
      const { deadline } = await carry(proposal);
      await unexpected(governor.execute(...decided(proposal)), proposal, "active", bitmap("queued"));
      await at(deadline + 1n);
      await unexpected(governor.execute(...decided(proposal)), proposal, "succeeded", bitmap("queued"));
    });

    it("fails in the timelock before the delay is over, and takes the first second after it", async () => {
      const { governor, timelock, xme, stranger, spend, enqueue, at, stateOf } =
        await networkHelpers.loadFixture(staked);
      const proposal = spend("two days later");
      const { eta } = await enqueue(proposal);
      await at(eta - 1n);
      await expect(governor.execute(...decided(proposal))).to.be.revertedWithCustomError(
        timelock,
        "TimelockUnexpectedOperationState",
      );
      await at(eta);
      await governor.connect(stranger).execute(...decided(proposal));
      expect(await stateOf(proposal)).to.equal("executed");
      expect(await xme.balanceOf(stranger)).to.equal(MILLION);
    });

    it("refuses as expired what is executed more than fourteen days after its delay, and takes the last second", async () => {
      const { governor, xme, stranger, spend, carry, at, stateOf, unexpected } =
        await networkHelpers.loadFixture(staked);
      const late = spend("too late");
      const inTime = spend("in the last second");
      const first = await carry(late);
      const second = await carry(inTime);
      await at(first.deadline + 10n);
      await governor.queue(...decided(late));
      await at(second.deadline + 20n);
      await governor.queue(...decided(inTime));
      await at(first.deadline + 10n + TIMELOCK_DELAY + GRACE_PERIOD + 1n);
      await unexpected(governor.execute(...decided(late)), late, "expired", bitmap("queued"));
      await at(second.deadline + 20n + TIMELOCK_DELAY + GRACE_PERIOD);
      await governor.execute(...decided(inTime));
      expect(await stateOf(inTime)).to.equal("executed");
      await networkHelpers.time.increase(365n * DAY);
      await unexpected(governor.execute(...decided(late)), late, "expired", bitmap("queued"));
      await unexpected(governor.queue(...decided(late)), late, "expired", bitmap("succeeded"));
      expect(await xme.balanceOf(stranger), "only one of them").to.equal(MILLION);
      expect(await stateOf(inTime)).to.equal("executed");
    });

    it("refuses a second time", async () => {
      const { governor, spend, enact, unexpected } = await networkHelpers.loadFixture(staked);
      const proposal = spend("once");
      await enact(proposal);
      await unexpected(governor.execute(...decided(proposal)), proposal, "executed", bitmap("queued"));
    });

    it("carries out no call where one fails, and leaves it for another try", async () => {
      const { governor, timelock, xme, deployer, stranger, spend, enqueue, at, stateOf } =
        await networkHelpers.loadFixture(staked);
      const one = spend("more than there is", TREASURY);
      const proposal = {
        ...one,
        targets: [...one.targets, ...one.targets],
        values: [0n, 0n],
        calldatas: [...one.calldatas, xme.interface.encodeFunctionData("transfer", [stranger.address, MILLION])],
      };
      const { eta } = await enqueue(proposal);
      await at(eta);
      await expect(governor.execute(...decided(proposal)))
        .to.be.revertedWithCustomError(xme, "ERC20InsufficientBalance")
        .withArgs(timelock, 0n, MILLION);
      expect(await xme.balanceOf(timelock)).to.equal(TREASURY);
      expect(await stateOf(proposal)).to.equal("queued");
      await xme.connect(deployer).transfer(timelock, MILLION);
      await governor.execute(...decided(proposal));
      expect(await xme.balanceOf(stranger)).to.equal(TREASURY + MILLION);
    });

    it("spends ether of the timelock, and passes on what is sent along", async () => {
      const { governor, timelock, deployer, enqueue, at } = await networkHelpers.loadFixture(staked);
      const receiver = "0x00000000000000000000000000000000000e7e12";
      const proposal = { targets: [receiver], values: [5n], calldatas: ["0x"], description: "five wei" };
      await deployer.sendTransaction({ to: timelock, value: 3n });
      const { eta } = await enqueue(proposal);
      await at(eta);
      await expect(governor.execute(...decided(proposal))).to.be.revertedWithCustomError(timelock, "FailedCall");
      await governor.execute(...decided(proposal), { value: 4n });
      expect(await ethers.provider.getBalance(receiver)).to.equal(5n);
      expect(await ethers.provider.getBalance(timelock), "the change").to.equal(2n);
      expect(await ethers.provider.getBalance(governor)).to.equal(0n);
    });
  });

  describe("the timelock, directly", () => {
    async function queued() {
      const world = await staked();
      const proposal = world.spend("queued");
      const times = await world.enqueue(proposal);
      const { targets, values, calldatas, description } = proposal;
      const salt = toBeHex(BigInt(`${world.governor.target as string}${"0".repeat(24)}`) ^ BigInt(id(description)), 32);
      const operation = [targets, values, calldatas, ZeroHash, salt] as const;
      const operationId = await world.timelock.hashOperationBatch(...operation);
      expect(await world.timelock.isOperationPending(operationId)).to.equal(true);
      return { ...world, proposal, ...times, operation, operationId };
    }

    it("lets nobody schedule", async () => {
      const { timelock, operation, deployer, guardian, ada, stranger } = await networkHelpers.loadFixture(queued);
      const role = await timelock.PROPOSER_ROLE();
      for (const caller of [deployer, guardian, ada, stranger]) {
        await expect(timelock.connect(caller).scheduleBatch(...operation, TIMELOCK_DELAY))
          .to.be.revertedWithCustomError(timelock, "AccessControlUnauthorizedAccount")
          .withArgs(caller.address, role);
      }
    });

    it("lets nobody execute what is queued, in time and after the expiry", async () => {
      const { timelock, operation, operationId, deployer, guardian, ada, stranger, eta, at, stateOf, proposal } =
        await networkHelpers.loadFixture(queued);
      const role = await timelock.EXECUTOR_ROLE();
      for (const time of [eta, eta + GRACE_PERIOD + 1n]) {
        await at(time);
        await networkHelpers.mine();
        for (const caller of [deployer, guardian, ada, stranger]) {
          await expect(timelock.connect(caller).executeBatch(...operation))
            .to.be.revertedWithCustomError(timelock, "AccessControlUnauthorizedAccount")
            .withArgs(caller.address, role);
        }
      }
      expect(await stateOf(proposal)).to.equal("expired");
      expect(await timelock.isOperationReady(operationId), "the timelock itself knows no end").to.equal(true);
    });

    it("lets nobody cancel what is queued", async () => {
      const { timelock, operationId, deployer, guardian, ada, stranger } = await networkHelpers.loadFixture(queued);
      const role = await timelock.CANCELLER_ROLE();
      for (const caller of [deployer, guardian, ada, stranger]) {
        await expect(timelock.connect(caller).cancel(operationId))
          .to.be.revertedWithCustomError(timelock, "AccessControlUnauthorizedAccount")
          .withArgs(caller.address, role);
      }
    });
  });

  describe("cancel", () => {
    it("lets the guardian cancel what is pending, active, defeated, succeeded or queued, and tells", async () => {
      const { governor, timelock, guardian, spend, propose, carry, at, stateOf } =
        await networkHelpers.loadFixture(staked);
      const asGuardian = governor.connect(guardian);
      for (const state of ["pending", "active", "defeated", "succeeded", "queued"] as const) {
        const proposal = spend(`cancelled while ${state}`);
        const wins = state === "succeeded" || state === "queued";
        const { proposalId, snapshot, deadline } = await (wins ? carry(proposal) : propose(proposal));
        if (state === "active") await at(snapshot + 1n);
        if (state === "defeated" || wins) await at(deadline + 1n);
        if (state === "queued") await governor.queue(...decided(proposal));
        else if (state !== "pending") await networkHelpers.mine();
        expect(await stateOf(proposal)).to.equal(state);
        const cancelled = asGuardian.cancel(...decided(proposal));
        await expect(cancelled).to.emit(governor, "ProposalCanceled").withArgs(proposalId);
        if (state === "queued") await expect(cancelled).to.emit(timelock, "Cancelled");
        else await expect(cancelled).not.to.emit(timelock, "Cancelled");
        expect(await stateOf(proposal)).to.equal("canceled");
      }
    });

    /** A proposal that is active while the sunset comes. */
    async function lastDays() {
      const world = await staked();
      await world.at(world.sunset - 4n * DAY);
      const proposal = world.spend("the last that can be cancelled");
      const times = await world.carry(proposal);
      return { ...world, proposal, ...times };
    }

    it("lets the guardian cancel in the last second before the sunset", async () => {
      const { governor, guardian, proposal, sunset, at, stateOf } = await networkHelpers.loadFixture(lastDays);
      await at(sunset - 1n);
      await governor.connect(guardian).cancel(...decided(proposal));
      expect(await stateOf(proposal)).to.equal("canceled");
    });

    it("refuses the guardian at the sunset and later", async () => {
      const { governor, guardian, proposal, proposalId, sunset, at, stateOf } =
        await networkHelpers.loadFixture(lastDays);
      for (const time of [sunset, sunset + 1n, sunset + 3n * DAY]) {
        await at(time);
        await expect(governor.connect(guardian).cancel(...decided(proposal)))
          .to.be.revertedWithCustomError(governor, "GovernorUnableToCancel")
          .withArgs(proposalId, guardian.address);
        await networkHelpers.mine();
      }
      expect(await stateOf(proposal)).to.equal("active");
    });

    it("refuses the proposer, the timelock and anybody else, before the sunset and after it", async () => {
      const { governor, timelock, deployer, ada, stranger, spend, propose, sunset, at } =
        await networkHelpers.loadFixture(staked);
      const asTimelock = await ethers.getImpersonatedSigner(timelock.target as string);
      await networkHelpers.setBalance(asTimelock.address, 10n ** 18n);
      const refuse = async (proposal: Proposal, proposalId: bigint) => {
        for (const caller of [ada, asTimelock, deployer, stranger] as HardhatEthersSigner[]) {
          await expect(governor.connect(caller).cancel(...decided(proposal)))
            .to.be.revertedWithCustomError(governor, "GovernorUnableToCancel")
            .withArgs(proposalId, caller.address);
        }
      };
      const early = spend("before");
      const { proposalId } = await propose(early);
      await refuse(early, proposalId);
      await at(sunset);
      const late = spend("after");
      const after = await propose(late);
      await refuse(late, after.proposalId);
    });

    it("refuses what was executed, cancelled or expired, or never proposed", async () => {
      const { governor, guardian, spend, propose, carry, enact, at, numberOf, unexpected } =
        await networkHelpers.loadFixture(staked);
      const asGuardian = governor.connect(guardian);
      const allowed = bitmap("pending", "active", "defeated", "succeeded", "queued");
      const executed = spend("executed");
      await enact(executed);
      await unexpected(asGuardian.cancel(...decided(executed)), executed, "executed", allowed);
      const cancelled = spend("cancelled");
      await propose(cancelled);
      await asGuardian.cancel(...decided(cancelled));
      await unexpected(asGuardian.cancel(...decided(cancelled)), cancelled, "canceled", allowed);
      const expired = spend("expired");
      const { deadline } = await carry(expired);
      await at(deadline + GRACE_PERIOD + 1n);
      await unexpected(asGuardian.cancel(...decided(expired)), expired, "expired", allowed);
      const never = spend("never proposed");
      await expect(asGuardian.cancel(...decided(never)))
        .to.be.revertedWithCustomError(governor, "GovernorNonexistentProposal")
        .withArgs(await numberOf(never));
    });

    it("ends a proposal for ever: no vote, no queue, no execution, no second proposal", async () => {
      const { governor, guardian, ada, spend, enqueue, at, unexpected } = await networkHelpers.loadFixture(staked);
      const proposal = spend("never again");
      const { proposalId, eta } = await enqueue(proposal);
      await governor.connect(guardian).cancel(...decided(proposal));
      await at(eta);
      await unexpected(governor.execute(...decided(proposal)), proposal, "canceled", bitmap("queued"));
      await unexpected(governor.queue(...decided(proposal)), proposal, "canceled", bitmap("succeeded"));
      await unexpected(governor.connect(ada).castVote(proposalId, FOR), proposal, "canceled", bitmap("active"));
      await unexpected(governor.connect(ada).propose(...drafted(proposal)), proposal, "canceled", ZeroHash);
    });

    it("gives the guardian no other power", async () => {
      const { governor, timelock, guardian, policies, spend } = await networkHelpers.loadFixture(staked);
      const asGuardian = governor.connect(guardian);
      await expect(asGuardian.propose(...drafted(spend("by the guardian"))))
        .to.be.revertedWithCustomError(governor, "GovernorInsufficientProposerVotes")
        .withArgs(guardian.address, 0n, MILLION);
      for (const role of ["PROPOSER_ROLE", "EXECUTOR_ROLE", "CANCELLER_ROLE"] as const) {
        expect(await timelock.hasRole(await timelock.getFunction(role)(), guardian)).to.equal(false);
      }
      expect(await timelock.hasRole(ZeroHash, guardian)).to.equal(false);
      await expect(policies.connect(guardian).publish("x", id("x"), "ipfs://x")).to.be.revertedWithCustomError(
        policies,
        "AccessManagedUnauthorized",
      );
    });
  });

  describe("governance itself", () => {
    it("refuses relay, updateTimelock and setLateQuorumVoteExtension to all but a proposal, the timelock too", async () => {
      const { governor, timelock, guardian, ada, xme } = await networkHelpers.loadFixture(staked);
      const calls = [
        governor.interface.encodeFunctionData("relay", [xme.target as string, 0n, "0x"]),
        governor.interface.encodeFunctionData("updateTimelock", [ada.address]),
        governor.interface.encodeFunctionData("setLateQuorumVoteExtension", [0n]),
      ];
      for (const data of calls) {
        for (const caller of [guardian, ada]) {
          await expect(caller.sendTransaction({ to: governor, data }))
            .to.be.revertedWithCustomError(governor, "GovernorOnlyExecutor")
            .withArgs(caller.address);
        }
        const asTimelock = await ethers.getImpersonatedSigner(timelock.target as string);
        await networkHelpers.setBalance(asTimelock.address, 10n ** 18n);
        await expect(asTimelock.sendTransaction({ to: governor, data })).to.be.revertedWithPanic(0x31);
      }
      expect(await governor.timelock()).to.equal(timelock.target);
      expect(await governor.lateQuorumVoteExtension()).to.equal(LATE_QUORUM_EXTENSION);
    });

    it("moves what was sent to the governor by mistake, by a proposal that relays", async () => {
      const { governor, deployer, stranger, xme, upon, enact } = await networkHelpers.loadFixture(staked);
      await xme.connect(deployer).transfer(governor, 7n);
      const transfer = xme.interface.encodeFunctionData("transfer", [stranger.address, 7n]);
      await enact(upon("back", governor.interface.encodeFunctionData("relay", [xme.target as string, 0n, transfer])));
      expect(await xme.balanceOf(stranger)).to.equal(7n);
    });

    it("holds an extension that a proposal sets from then on, up to the voting period", async () => {
      const { governor, spend, upon, propose, enact, enqueue, at, ada } = await networkHelpers.loadFixture(staked);
      const set = (extension: bigint) =>
        governor.interface.encodeFunctionData("setLateQuorumVoteExtension", [extension]);
      await expect(enact(upon("three days", set(3n * DAY))))
        .to.emit(governor, "LateQuorumVoteExtensionSet")
        .withArgs(LATE_QUORUM_EXTENSION, 3n * DAY);
      const { proposalId, deadline } = await propose(spend("extended by three days"));
      await at(deadline);
      await governor.connect(ada).castVote(proposalId, FOR);
      expect(await governor.proposalDeadline(proposalId)).to.equal(deadline + 3n * DAY);
      const tooLong = upon("more than a week", set(VOTING_PERIOD + 1n));
      const { eta } = await enqueue(tooLong);
      await at(eta);
      await expect(governor.execute(...decided(tooLong)))
        .to.be.revertedWithCustomError(governor, "GovernorPreventLateQuorumVoteExtensionTooLarge")
        .withArgs(VOTING_PERIOD + 1n, VOTING_PERIOD);
    });

    it("executes through another timelock that a proposal names, and counts what is queued in the old one as cancelled", async () => {
      const { governor, timelock, xme, deployer, stranger, spend, upon, carry, enact, at, stateOf } =
        await networkHelpers.loadFixture(staked);
      const next = await ethers.deployContract("TimelockController", [DAY, [governor], [governor], ZeroAddress]);
      await xme.connect(deployer).transfer(next, 2n * MILLION);
      const waiting = spend("queued in the old one");
      const move = upon("move", governor.interface.encodeFunctionData("updateTimelock", [next.target as string]));
      const first = await carry(waiting);
      const second = await carry(move);
      await at(first.deadline + 1n);
      await governor.queue(...decided(waiting));
      await at(second.deadline + 1n);
      await governor.queue(...decided(move));
      await at(second.deadline + 1n + TIMELOCK_DELAY);
      await expect(governor.execute(...decided(move)))
        .to.emit(governor, "TimelockChange")
        .withArgs(timelock, next);
      expect(await governor.timelock()).to.equal(next.target);
      expect(await stateOf(waiting)).to.equal("canceled");
      await enact(spend("from the new one"));
      expect(await xme.balanceOf(stranger)).to.equal(MILLION);
      expect(await xme.balanceOf(next)).to.equal(MILLION);
      expect(await xme.balanceOf(timelock), "the treasury stays where it is").to.equal(TREASURY);
    });

    it("refuses ether and tokens that are sent", async () => {
      const { governor, deployer, ada } = await networkHelpers.loadFixture(staked);
      await expect(deployer.sendTransaction({ to: governor, value: 1n })).to.be.revertedWithCustomError(
        governor,
        "GovernorDisabledDeposit",
      );
      for (const received of [
        governor.onERC721Received(ada, ada, 1n, "0x"),
        governor.onERC1155Received(ada, ada, 1n, 1n, "0x"),
        governor.onERC1155BatchReceived(ada, ada, [1n], [1n], "0x"),
      ]) {
        await expect(received).to.be.revertedWithCustomError(governor, "GovernorDisabledDeposit");
      }
    });
  });

  describe("a decision from first to last", () => {
    const POLICY = ["recommendation algorithm", id("the text"), "ipfs://bafy/policy.md"] as const;

    it("spends from the treasury and publishes a policy, with every event", async () => {
      const { governor, timelock, xme, policies, stranger, spend, enqueue, at, stateOf } =
        await networkHelpers.loadFixture(staked);
      const one = spend("A million for the stranger, and how content is recommended");
      const proposal = {
        ...one,
        targets: [...one.targets, policies.target as string],
        values: [0n, 0n],
        calldatas: [...one.calldatas, policies.interface.encodeFunctionData("publish", [...POLICY])],
      };
      const { proposalId, eta } = await enqueue(proposal);
      await at(eta);
      const executed = governor.connect(stranger).execute(...decided(proposal));
      await expect(executed).to.emit(governor, "ProposalExecuted").withArgs(proposalId);
      await expect(executed).to.emit(xme, "Transfer").withArgs(timelock, stranger.address, MILLION);
      await expect(executed)
        .to.emit(policies, "PolicyPublished")
        .withArgs(POLICY[0], 1n, ...POLICY);
      await expect(executed).to.emit(timelock, "CallExecuted");
      expect(await xme.balanceOf(timelock)).to.equal(TREASURY - MILLION);
      expect([...(await policies.policy(POLICY[0]))]).to.deep.equal([1n, POLICY[1], POLICY[2], eta]);
      expect(await stateOf(proposal)).to.equal("executed");
      const created = await governor.queryFilter(governor.filters.ProposalCreated());
      const votes = await governor.queryFilter(governor.filters.VoteCast());
      const queued = await governor.queryFilter(governor.filters.ProposalQueued());
      expect(created.map(({ args }) => args.proposalId)).to.deep.equal([proposalId]);
      expect(votes.map(({ args }) => [args.proposalId, args.weight])).to.deep.equal([
        [proposalId, 12n * MILLION],
        [proposalId, 6n * MILLION],
      ]);
      expect(queued.map(({ args }) => [...args])).to.deep.equal([[proposalId, eta]]);
    });

    it("refuses the same calls from everybody else", async () => {
      const { governor, timelock, xme, policies, ...people } = await networkHelpers.loadFixture(staked);
      for (const caller of [people.deployer, people.guardian, people.ada, people.stranger]) {
        await expect(xme.connect(caller).transferFrom(timelock, caller, MILLION))
          .to.be.revertedWithCustomError(xme, "ERC20InsufficientAllowance")
          .withArgs(caller.address, 0n, MILLION);
        await expect(policies.connect(caller).publish(...POLICY))
          .to.be.revertedWithCustomError(policies, "AccessManagedUnauthorized")
          .withArgs(caller.address);
      }
      const asGovernor = await ethers.getImpersonatedSigner(governor.target as string);
      await networkHelpers.setBalance(asGovernor.address, 10n ** 18n);
      await expect(policies.connect(asGovernor).publish(...POLICY), "the governor acts only through its timelock")
        .to.be.revertedWithCustomError(policies, "AccessManagedUnauthorized")
        .withArgs(governor);
    });
  });

  it("agrees with the model at every step of random proposals, votes and times", async () => {
    const world = await deploy();
    const { governor, votes, give, guardian, ada, sunset, spend, numberOf, now, at } = world;
    const voters = (await ethers.getSigners()).slice(2, 10);
    const random = new Random(SEED);
    for (const voter of voters) await give(voter, random.between(MILLION, 20n * MILLION));
    interface Running {
      readonly proposal: Proposal;
      readonly proposalId: bigint;
      readonly voted: Set<string>;
      /** Whether its voters wait for the last two days. */
      readonly late: boolean;
      facts: ProposalFacts;
    }
    const running: Running[] = [];
    const done = { propose: 0, vote: 0, queue: 0, execute: 0, cancel: 0, extended: 0, moved: 0, refused: 0 };
    const seen = new Set<ProposalState>();
    let time = await now();
    let supply = await votes.totalSupply();

    /** The next moment: a random one, or the edge of a phase of one of the latest proposals. */
    const later = () => {
      if (!random.once(3n)) return time + random.between(1n, DAY / 2n);
      const edges = running.slice(-4).flatMap(({ facts }) => {
        const { snapshot, deadline, eta = snapshot, expiry } = proposalTimes(facts, time);
        return [snapshot, deadline, eta, expiry].flatMap((edge) => [edge - 1n, edge, edge + 1n]);
      });
      const ahead = edges.filter((edge) => edge > time).sort((a, b) => (a < b ? -1 : 1));
      return ahead.length === 0 ? time + DAY : random.pick(ahead.slice(0, 3));
    };
    const attempt = async (kind: keyof typeof done, allowed: boolean, call: () => Promise<unknown>, note: string) => {
      await at(time);
      const passed = await call().then(
        () => true,
        () => false,
      );
      expect(passed, `seed ${SEED}: ${kind} ${note} at ${time}`).to.equal(allowed);
      done[passed ? kind : "refused"]++;
      if (!passed) await networkHelpers.mine(); // a refusal leaves no block behind
      return passed;
    };
    const proposeAnother = async (step: number) => {
      const proposal = spend(`random ${step}`, 1n);
      const proposer = random.pick(voters);
      const enough = (await votes.getVotes(proposer)) >= PROPOSAL_THRESHOLD;
      const call = () => governor.connect(proposer).propose(...drafted(proposal));
      if (!(await attempt("propose", enough, call, `with ${enough ? "enough" : "too few"}`))) return;
      const facts = { proposedAt: time, supply, votes: [] };
      running.push({ proposal, proposalId: await numberOf(proposal), voted: new Set(), late: random.once(3n), facts });
    };
    const act = async (one: Running, action: "vote" | "queue" | "execute" | "cancel") => {
      const { proposal, proposalId, facts } = one;
      const state = proposalState(facts, time);
      const note = `while ${state}`;
      if (action === "vote") {
        const silent = voters.filter(({ address }) => !one.voted.has(address));
        const voter = random.pick(silent.length === 0 || random.once(8n) ? voters : silent);
        const support = random.pick(["against", "for", "for", "for", "abstain"] as const);
        const allowed = state === "active" && !one.voted.has(voter.address);
        const call = () => governor.connect(voter).castVote(proposalId, SUPPORT.indexOf(support));
        if (!(await attempt(action, allowed, call, note))) return;
        const before = proposalTimes(facts, time);
        const weight = await votes.getPastVotes(voter, before.snapshot);
        one.facts = { ...facts, votes: [...facts.votes, { at: time, support, weight }] };
        one.voted.add(voter.address);
        if (proposalTimes(one.facts, time).deadline > before.deadline) done.extended++;
      } else if (action === "queue") {
        const call = () => governor.queue(...decided(proposal));
        if (!(await attempt(action, state === "succeeded", call, note))) return;
        one.facts = { ...facts, queuedAt: time, delay: TIMELOCK_DELAY };
      } else if (action === "execute") {
        const call = () => governor.execute(...decided(proposal));
        if (!(await attempt(action, isExecutable(facts, time), call, note))) return;
        one.facts = { ...facts, executedAt: time };
      } else {
        const caller = random.pick([guardian, guardian, guardian, ada]);
        const open = !["canceled", "expired", "executed"].includes(state);
        const call = () => governor.connect(caller).cancel(...decided(proposal));
        if (!(await attempt(action, caller === guardian && time < sunset && open, call, note))) return;
        one.facts = { ...facts, canceledAt: time };
      }
    };
    const move = async () => {
      const voter = random.pick(voters);
      const balance = await votes.balanceOf(voter);
      await at(time);
      if (random.once(2n)) await votes.burn(voter, random.between(0n, balance / 2n));
      else await give(voter, random.between(0n, 15n * MILLION));
      supply = await votes.totalSupply();
      done.moved++;
    };
    /** What comes next for a proposal where everybody does their part. */
    const due = ({ facts, late }: Running) => {
      const state = proposalState(facts, time);
      const waits = late && proposalTimes(facts, time).deadline - time > LATE_QUORUM_EXTENSION;
      if (state === "active") return waits ? undefined : "vote";
      return state === "succeeded" ? "queue" : state === "queued" ? "execute" : undefined;
    };

    const reached = PROPOSAL_STATES.filter((state) => state !== "expired");
    const everythingDone = () => Math.min(...Object.values(done)) > 0 && reached.every((state) => seen.has(state));
    for (let step = 0; step < effort(70, 280) || (step < 2_000 && !everythingDone()); step++) {
      time = later();
      const open = running.filter((each) => due(each) !== undefined);
      const one =
        running.length < 2 || random.once(10n)
          ? undefined
          : random.pick(random.once(6n) || open.length === 0 ? running.slice(-4) : open);
      const dice = random.between(0n, 19n);
      if (one === undefined) await proposeAnother(step);
      else if (dice < 2n) await act(one, "cancel");
      else if (dice < 4n) await move();
      else {
        const next = dice < 7n ? random.pick(["vote", "queue", "execute"] as const) : due(one);
        await (next === undefined ? move() : act(one, next));
      }
      for (const { proposalId, facts } of running.slice(-6)) {
        const note = `seed ${SEED}, step ${step}, proposal ${proposalId}`;
        const times = proposalTimes(facts, time);
        const expected = proposalState(facts, time);
        expect(PROPOSAL_STATES[Number(await governor.state(proposalId))], note).to.equal(expected);
        expect(await governor.proposalDeadline(proposalId), note).to.equal(times.deadline);
        expect(await governor.proposalEta(proposalId), note).to.equal(times.eta ?? 0n);
        expect(await governor.proposalExpiry(proposalId), note).to.equal(times.expiry);
        seen.add(expected);
      }
      for (const each of running) {
        const { snapshot } = proposalTimes(each.facts, time);
        // Until the snapshot's second is over its supply is what there is.
        if (snapshot >= time) each.facts = { ...each.facts, supply };
        else if (each === running.at(-1)) expect(await governor.quorum(snapshot)).to.equal(quorum(each.facts.supply));
      }
    }
    await networkHelpers.time.increase(365n * DAY);
    for (const { proposalId, facts } of running) {
      const state = PROPOSAL_STATES[Number(await governor.state(proposalId))];
      expect(state, `seed ${SEED}, proposal ${proposalId}`).to.equal(proposalState(facts, time + 365n * DAY));
      expect(state, `seed ${SEED}: a year later`).to.be.oneOf(["defeated", "expired", "executed", "canceled"]);
    }
    expect(everythingDone(), `${JSON.stringify(done)}, ${[...seen].join()}`).to.equal(true);
  });

  describe("cost", () => {
    it("does not depend on how many voted before", async () => {
      const { governor, give, spend, propose, at } = await networkHelpers.loadFixture(staked);
      const voters = (await ethers.getSigners()).slice(6, 16);
      for (const voter of voters) await give(voter, 10n);
      const { proposalId, snapshot } = await propose(spend("many votes"));
      await at(snapshot + 1n);
      const gas: bigint[] = [];
      for (const voter of voters) {
        const receipt = await (await governor.connect(voter).castVote(proposalId, FOR)).wait();
        gas.push(receipt?.gasUsed ?? 0n);
      }
      if (hre.globalOptions.coverage) return;
      expect(new Set(gas.slice(1)).size, gas.join(", ")).to.equal(1);
    });
  });
});
