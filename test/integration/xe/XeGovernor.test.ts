import type { HardhatEthersSigner } from "@nomicfoundation/hardhat-ethers/types";
import { expect } from "chai";
import { ZeroAddress, ZeroHash, encodeBytes32String, parseEther } from "ethers";
import hre, { network } from "hardhat";

import {
  GRACE_PERIOD,
  LATE_QUORUM_EXTENSION,
  QUORUM_BPS,
  VOTING_DELAY,
  VOTING_PERIOD,
  quorum,
} from "../../../src/xe/governance.js";
import { XE_ROLE } from "../../../src/xe/roles.js";
import {
  type Call,
  type Proposal,
  bitmap,
  callOf,
  decided,
  drafted,
  expectSame,
  numberOfState,
  proposalOf,
} from "../../support/government.js";

const { ethers, networkHelpers } = await network.create();

const HOUR = 3_600n;
const DAY = 86_400n;
const DELAY = 2n * DAY;
const [AGAINST, FOR, ABSTAIN] = [0n, 1n, 2n];
const XUSD = encodeBytes32String("XUSD").slice(0, 18);

const SUPPLY = parseEther("200000");
const MIN_QUORUM = parseEther("10000");
const THRESHOLD = parseEther("1000");

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

describe("XeGovernor", () => {
  /** XE's government as it stands after deployment: the deployer has renounced everything, and delegated nothing of its XUSD. */
  async function deployWith(faucet: boolean, supply: bigint) {
    const [deployer, arbiter, ada, ben, cleo, stranger] = await ethers.getSigners();
    if (!deployer || !arbiter || !ada || !ben || !cleo || !stranger) throw new Error("too few accounts");
    const timelock = await ethers.deployContract("TimelockController", [DELAY, [], [], deployer]);
    const manager = await ethers.deployContract("AccessManager", [deployer]);
    const ledger = await ethers.deployContract("DualAssetLedger", [manager, faucet, deployer, supply]);
    const xusd = await ethers.getContractAt("AssetFace", await ledger.xusd());
    const governor = await ethers.deployContract("XeGovernor", [ledger, timelock, MIN_QUORUM, THRESHOLD]);
    for (const role of ["PROPOSER_ROLE", "EXECUTOR_ROLE"] as const) {
      await timelock.grantRole(await timelock.getFunction(role)(), governor);
    }
    await timelock.renounceRole(ZeroHash, deployer);
    await manager.setTargetFunctionRole(ledger, [ledger.interface.getFunction("rule").selector], XE_ROLE.arbiter);
    await manager.grantRole(XE_ROLE.arbiter, arbiter, 0n);
    await manager.grantRole(0n, timelock, 0n);
    await manager.renounceRole(0n, deployer);

    const now = async () => BigInt(await networkHelpers.time.latest());
    /** Moves to the second `time`, in which the next transaction happens. */
    const at = (time: bigint) => networkHelpers.time.setNextBlockTimestamp(time);
    /** Has `holder` own `amount` of XUSD more, whose votes are its own. */
    const give = async (holder: HardhatEthersSigner, amount: bigint) => {
      await xusd.connect(deployer).transfer(holder, amount);
      if ((await ledger.delegates(holder)) === ZeroAddress) await ledger.connect(holder).delegate(holder);
    };
    const mint = (description: string, to = stranger.address, amount = 1n): Proposal =>
      proposalOf(description, [callOf(ledger, "mint", [to, amount])]);
    const numberOf = (proposal: Proposal) => governor.hashProposal(...decided(proposal));
    const stateOf = async (proposal: Proposal) => governor.state(await numberOf(proposal));
    const propose = async (proposal: Proposal, by = ada) => {
      await governor.connect(by).propose(...drafted(proposal));
      const proposalId = await numberOf(proposal);
      const snapshot = await governor.proposalSnapshot(proposalId);
      return { proposalId, snapshot, deadline: snapshot + VOTING_PERIOD };
    };
    /** Proposes, with every vote of Ada for it in the first second. */
    const carry = async (proposal: Proposal) => {
      const times = await propose(proposal);
      await at(times.snapshot + 1n);
      await governor.connect(ada).castVote(times.proposalId, FOR);
      return times;
    };
    const enqueue = async (proposal: Proposal) => {
      const times = await carry(proposal);
      await at(times.deadline + 1n);
      await governor.queue(...decided(proposal));
      return { ...times, eta: times.deadline + 1n + DELAY };
    };
    const enact = async (proposal: Proposal) => {
      const { eta } = await enqueue(proposal);
      await at(eta);
      return governor.connect(stranger).execute(...decided(proposal));
    };
    return {
      ...{ deployer, arbiter, ada, ben, cleo, stranger, timelock, manager, ledger, xusd, governor, now, at, give },
      ...{ mint, numberOf, stateOf, propose, carry, enqueue, enact },
    };
  }

  const deploy = () => deployWith(false, SUPPLY);

  /** Ada has 12,000 votes, Ben 6,000, Cleo 3,000. */
  async function settled() {
    const world = await deploy();
    await world.give(world.ada, parseEther("12000"));
    await world.give(world.ben, parseEther("6000"));
    await world.give(world.cleo, parseEther("3000"));
    await networkHelpers.time.increase(1n);
    return world;
  }

  describe("constructor", () => {
    it("refuses votes without code", async () => {
      const { governor, stranger, timelock } = await networkHelpers.loadFixture(deploy);
      await expect(ethers.deployContract("XeGovernor", [stranger, timelock, MIN_QUORUM, THRESHOLD]))
        .to.be.revertedWithCustomError(governor, "XeGovernor_VotesHaveNoCode")
        .withArgs(stranger.address);
    });

    it("refuses votes that count blocks", async () => {
      const { governor, timelock, now, at } = await networkHelpers.loadFixture(deploy);
      const blocks = await ethers.deployContract("XeBlockClock");
      const time = (await now()) + 10n;
      const height = BigInt(await ethers.provider.getBlockNumber()) + 1n;
      await at(time);
      await expect(ethers.deployContract("XeGovernor", [blocks, timelock, MIN_QUORUM, THRESHOLD]))
        .to.be.revertedWithCustomError(governor, "XeGovernor_VotesClockIsNotTime")
        .withArgs(blocks, height, time);
    });

    it("refuses a timelock without code", async () => {
      const { governor, ledger, stranger } = await networkHelpers.loadFixture(deploy);
      await expect(ethers.deployContract("XeGovernor", [ledger, stranger, MIN_QUORUM, THRESHOLD]))
        .to.be.revertedWithCustomError(governor, "XeGovernor_TimelockHasNoCode")
        .withArgs(stranger.address);
    });

    it("refuses a quorum without a floor", async () => {
      const { governor, ledger, timelock } = await networkHelpers.loadFixture(deploy);
      await expect(ethers.deployContract("XeGovernor", [ledger, timelock, 0n, 0n])).to.be.revertedWithCustomError(
        governor,
        "XeGovernor_MinQuorumIsZero",
      );
    });

    it("refuses a threshold of zero or above the floor, and takes the two edges", async () => {
      const { governor, ledger, timelock } = await networkHelpers.loadFixture(deploy);
      for (const threshold of [0n, MIN_QUORUM + 1n]) {
        await expect(ethers.deployContract("XeGovernor", [ledger, timelock, MIN_QUORUM, threshold]))
          .to.be.revertedWithCustomError(governor, "XeGovernor_ThresholdOutOfRange")
          .withArgs(threshold, MIN_QUORUM);
      }
      for (const threshold of [1n, MIN_QUORUM]) {
        const other = await ethers.deployContract("XeGovernor", [ledger, timelock, MIN_QUORUM, threshold]);
        expect(await other.proposalThreshold()).to.equal(threshold);
      }
    });

    it("shows votes, timelock and every number", async () => {
      const { governor, ledger, timelock, now } = await networkHelpers.loadFixture(deploy);
      expect(await governor.token()).to.equal(ledger.target);
      expect(await governor.timelock()).to.equal(timelock.target);
      expect(await governor.name()).to.equal("XE Governor");
      expect(await governor.version()).to.equal("1");
      expect(await governor.clock()).to.equal(await now());
      expect(await governor.CLOCK_MODE()).to.equal("mode=timestamp");
      expect(await governor.COUNTING_MODE()).to.equal("support=bravo&quorum=for,abstain");
      expect(await governor.votingDelay()).to.equal(VOTING_DELAY);
      expect(await governor.votingPeriod()).to.equal(VOTING_PERIOD);
      expect(await governor.lateQuorumVoteExtension()).to.equal(LATE_QUORUM_EXTENSION);
      expect(await governor.GRACE_PERIOD()).to.equal(GRACE_PERIOD);
      expect(await governor.QUORUM_BPS()).to.equal(QUORUM_BPS);
      expect(await governor.minQuorum()).to.equal(MIN_QUORUM);
      expect(await governor.proposalThreshold()).to.equal(THRESHOLD);
      expect(await governor.proposalNeedsQueuing(1n)).to.equal(true);
      expectSame(
        [VOTING_DELAY, VOTING_PERIOD, LATE_QUORUM_EXTENSION, GRACE_PERIOD],
        [1n, 7n, 2n, 14n].map((days) => days * DAY),
      );
      expect(await governor.supportsInterface("0x01ffc9a7"), "ERC-165").to.equal(true);
      expect(await governor.supportsInterface("0xffffffff")).to.equal(false);
    });

    it("fits the limits of code size", async () => {
      const { bytecode, deployedBytecode } = await hre.artifacts.readArtifact("XeGovernor");
      if (hre.globalOptions.coverage) return;
      expect((deployedBytecode.length - 2) / 2).to.be.at.most(24_576);
      expect((bytecode.length - 2) / 2).to.be.at.most(49_152);
    });
  });

  describe("quorum", () => {
    it("is four percent of all XUSD then, rounded up, and never below the floor", async () => {
      const { governor, ledger, now } = await deployWith(true, 1n);
      const claimer = await ethers.deployContract("XeGovernor", [
        ledger,
        await governor.timelock(),
        parseEther("4"),
        1n,
      ]);
      const supplies: bigint[] = [];
      for (const account of (await ethers.getSigners()).slice(0, 3)) {
        const [then, supply] = [await now(), await ledger.totalSupply(XUSD)];
        supplies.push(supply);
        await ledger.connect(account).claim();
        expect(await claimer.quorum(then), `supply ${supply}`).to.equal(quorum(supply, parseEther("4")));
        expect(await governor.quorum(then), "far below the floor").to.equal(MIN_QUORUM);
      }
      expectSame(supplies, [1n, parseEther("100") + 1n, parseEther("200") + 1n]);
      expectSame(
        supplies.map((supply) => quorum(supply, parseEther("4"))),
        [parseEther("4"), parseEther("4") + 1n, parseEther("8") + 1n],
      );
    });

    it("falls with what leases burn, and counts what is pending, in escrow or not delegated", async () => {
      const { ledger, xusd, deployer, ada, timelock, now } = await networkHelpers.loadFixture(settled);
      const free = await ethers.deployContract("XeGovernor", [ledger, timelock, 1n, 1n]);
      const quorumNow = async () => {
        const then = await now();
        await networkHelpers.mine();
        return free.quorum(then);
      };
      expect(await quorumNow()).to.equal(parseEther("8000"));
      await ledger.connect(deployer).send(XUSD, ada, parseEther("1000"));
      const terms = { vCpus: 100n, memoryMB: 0n, diskGB: 0n, duration: 1_000n * HOUR };
      const [cost] = await ledger.quoteLease(terms);
      expect(cost).to.equal(parseEther("2000"));
      await ledger.connect(deployer).lease(terms, ZeroAddress, cost);
      expect(await quorumNow(), "pending and in escrow").to.equal(parseEther("8000"));
      const [opened] = await ledger.queryFilter(ledger.filters.LeaseOpened());
      await ledger.connect(ada).acceptLease(opened?.args.id ?? ZeroHash);
      expect(await quorumNow(), "burned").to.equal(parseEther("7920"));
      expect(await xusd.totalSupply()).to.equal(parseEther("198000"));
    });

    it("fails in the ledger for a time that is not over", async () => {
      const { governor, ledger, now } = await networkHelpers.loadFixture(deploy);
      const time = await now();
      await expect(governor.quorum(time))
        .to.be.revertedWithCustomError(ledger, "ERC5805FutureLookup")
        .withArgs(time, time);
    });
  });

  describe("propose", () => {
    it("refuses a proposer with one wei too few, and takes the threshold", async () => {
      const { governor, give, stranger, mint } = await networkHelpers.loadFixture(settled);
      const proposal = mint("for a stranger");
      await give(stranger, THRESHOLD - 1n);
      await networkHelpers.mine();
      await expect(governor.connect(stranger).propose(...drafted(proposal)))
        .to.be.revertedWithCustomError(governor, "GovernorInsufficientProposerVotes")
        .withArgs(stranger.address, THRESHOLD - 1n, THRESHOLD);
      await give(stranger, 1n);
      await networkHelpers.mine();
      await governor.connect(stranger).propose(...drafted(proposal));
    });

    it("refuses XUSD that is not delegated, pending or in escrow", async () => {
      const { governor, ledger, deployer, give, stranger, mint } = await networkHelpers.loadFixture(settled);
      const refused = async (by: HardhatEthersSigner, votes: bigint) => {
        await networkHelpers.mine();
        await expect(governor.connect(by).propose(...drafted(mint("without votes"))))
          .to.be.revertedWithCustomError(governor, "GovernorInsufficientProposerVotes")
          .withArgs(by.address, votes, THRESHOLD);
      };
      await refused(deployer, 0n);
      await give(stranger, THRESHOLD);
      await ledger.connect(stranger).send(XUSD, stranger, 1n);
      await refused(stranger, THRESHOLD - 1n);
      const terms = { vCpus: 1n, memoryMB: 0n, diskGB: 0n, duration: HOUR };
      await ledger.connect(stranger).lease(terms, ZeroAddress, parseEther("1"));
      await refused(stranger, THRESHOLD - 1n - parseEther("1"));
    });

    it("refuses votes that are borrowed for the transaction", async () => {
      const { governor, ledger, xusd, ada, mint, numberOf } = await networkHelpers.loadFixture(settled);
      const borrower = await ethers.deployContract("XeVotesBorrower");
      await xusd.connect(ada).approve(borrower, parseEther("12000"));
      const proposal = mint("borrowed");
      const call = governor.interface.encodeFunctionData("propose", [...drafted(proposal)]);
      await borrower.borrowAndCall(governor, ledger, xusd, ada, parseEther("12000"), call);
      expect(await borrower.votesInHand(), "the loan was really there").to.equal(parseEther("12000"));
      expect(await borrower.success()).to.equal(false);
      expectSame(governor.interface.parseError(await borrower.answer())?.args.toArray(), [
        borrower.target,
        0n,
        THRESHOLD,
      ]);
      expect(await governor.proposalSnapshot(await numberOf(proposal))).to.equal(0n);
    });

    it("refuses calls that are none or incomplete", async () => {
      const { governor, ada, mint } = await networkHelpers.loadFixture(settled);
      const { targets, values, calldatas, description } = mint("incomplete");
      for (const [targets_, values_, calldatas_] of [
        [[], [], []],
        [targets, [], calldatas],
        [targets, values, []],
      ] as const) {
        await expect(governor.connect(ada).propose([...targets_], [...values_], [...calldatas_], description))
          .to.be.revertedWithCustomError(governor, "GovernorInvalidProposalLength")
          .withArgs(targets_.length, calldatas_.length, values_.length);
      }
    });

    it("refuses what was proposed before, and a description that names another proposer", async () => {
      const { governor, ada, ben, mint, propose } = await networkHelpers.loadFixture(settled);
      const proposal = mint("once");
      const { proposalId } = await propose(proposal);
      await expect(governor.connect(ben).propose(...drafted(proposal)))
        .to.be.revertedWithCustomError(governor, "GovernorUnexpectedProposalState")
        .withArgs(proposalId, numberOfState("pending"), ZeroHash);
      await expect(governor.connect(ben).propose(...drafted(mint(`mine #proposer=${ada.address}`))))
        .to.be.revertedWithCustomError(governor, "GovernorRestrictedProposer")
        .withArgs(ben.address);
    });

    it("opens the vote at the snapshot, and tells", async () => {
      const { governor, ada, mint, numberOf, now, at, stateOf } = await networkHelpers.loadFixture(settled);
      const proposal = mint("Mint one wei");
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
      expect(await stateOf(proposal)).to.equal(numberOfState("pending"));
      expect(await governor.proposalProposer(proposalId)).to.equal(ada.address);
      expect(await governor.proposalSnapshot(proposalId)).to.equal(time + VOTING_DELAY);
      expect(await governor.proposalDeadline(proposalId)).to.equal(time + VOTING_DELAY + VOTING_PERIOD);
      expect(await governor.proposalExpiry(proposalId)).to.equal(time + VOTING_DELAY + VOTING_PERIOD + GRACE_PERIOD);
      expect(await governor.proposalEta(proposalId)).to.equal(0n);
    });
  });

  describe("voting", () => {
    it("refuses up to the snapshot and after the deadline, and takes the first and the last second", async () => {
      const { governor, ada, ben, cleo, mint, propose, at } = await networkHelpers.loadFixture(settled);
      const { proposalId, snapshot, deadline } = await propose(mint("in time"));
      const refused = async (voter: HardhatEthersSigner, current: "pending" | "defeated") => {
        await expect(governor.connect(voter).castVote(proposalId, FOR))
          .to.be.revertedWithCustomError(governor, "GovernorUnexpectedProposalState")
          .withArgs(proposalId, numberOfState(current), bitmap("active"));
      };
      await at(snapshot);
      await refused(ada, "pending");
      await at(snapshot + 1n);
      await governor.connect(ben).castVote(proposalId, AGAINST);
      await at(deadline);
      await governor.connect(cleo).castVote(proposalId, FOR);
      await at(deadline + 1n);
      await refused(ada, "defeated");
      await expect(governor.state(99n)).to.be.revertedWithCustomError(governor, "GovernorNonexistentProposal");
    });

    it("refuses a second vote, and a vote that is none of the three", async () => {
      const { governor, ada, ben, mint, propose, at } = await networkHelpers.loadFixture(settled);
      const { proposalId, snapshot } = await propose(mint("twice"));
      await at(snapshot + 1n);
      await governor.connect(ada).castVote(proposalId, FOR);
      await expect(governor.connect(ada).castVote(proposalId, FOR))
        .to.be.revertedWithCustomError(governor, "GovernorAlreadyCastVote")
        .withArgs(ada.address);
      await expect(governor.connect(ben).castVote(proposalId, 3n)).to.be.revertedWithCustomError(
        governor,
        "GovernorInvalidVoteType",
      );
    });

    it("counts votes against, for and to abstain, with reason and parameters, and tells", async () => {
      const { governor, ada, ben, cleo, stranger, mint, propose, at } = await networkHelpers.loadFixture(settled);
      const { proposalId, snapshot } = await propose(mint("three ways"));
      await at(snapshot + 1n);
      await expect(governor.connect(ada).castVote(proposalId, AGAINST))
        .to.emit(governor, "VoteCast")
        .withArgs(ada.address, proposalId, AGAINST, parseEther("12000"), "");
      await expect(governor.connect(ben).castVoteWithReason(proposalId, FOR, "why not"))
        .to.emit(governor, "VoteCast")
        .withArgs(ben.address, proposalId, FOR, parseEther("6000"), "why not");
      await expect(governor.connect(cleo).castVoteWithReasonAndParams(proposalId, ABSTAIN, "unsure", "0x1234"))
        .to.emit(governor, "VoteCastWithParams")
        .withArgs(cleo.address, proposalId, ABSTAIN, parseEther("3000"), "unsure", "0x1234");
      expectSame([...(await governor.proposalVotes(proposalId))], ["12000", "6000", "3000"].map(parseEther));
      expect(await governor.hasVoted(proposalId, cleo)).to.equal(true);
      expect(await governor.hasVoted(proposalId, stranger)).to.equal(false);
      expect(await governor.getVotes(ada, snapshot)).to.equal(parseEther("12000"));
      expect(await governor.getVotesWithParams(ada, snapshot, "0x1234")).to.equal(parseEther("12000"));
    });

    it("counts what voters signed, plain and with a reason, and refuses it from another or again", async () => {
      const { governor, ada, ben, stranger, mint, propose, at } = await networkHelpers.loadFixture(settled);
      const { proposalId, snapshot } = await propose(mint("signed"));
      await at(snapshot + 1n);
      await networkHelpers.mine();
      const { chainId } = await ethers.provider.getNetwork();
      const domain = { name: "XE Governor", version: "1", chainId, verifyingContract: governor.target as string };
      const ballot = (voter: string) => ({ proposalId, support: FOR, voter, nonce: 0n });
      const plain = await ada.signTypedData(domain, BALLOT, ballot(ada.address));
      const asStranger = governor.connect(stranger);
      await expect(asStranger.castVoteBySig(proposalId, FOR, ben, plain))
        .to.be.revertedWithCustomError(governor, "GovernorInvalidSignature")
        .withArgs(ben.address);
      await expect(asStranger.castVoteBySig(proposalId, FOR, ada, plain))
        .to.emit(governor, "VoteCast")
        .withArgs(ada.address, proposalId, FOR, parseEther("12000"), "");
      await expect(asStranger.castVoteBySig(proposalId, FOR, ada, plain))
        .to.be.revertedWithCustomError(governor, "GovernorInvalidSignature")
        .withArgs(ada.address);
      const extended = { ...ballot(ben.address), reason: "better", params: "0x12" };
      const signature = await ben.signTypedData(domain, EXTENDED_BALLOT, extended);
      await expect(asStranger.castVoteWithReasonAndParamsBySig(proposalId, FOR, ben, "better", "0x12", signature))
        .to.emit(governor, "VoteCastWithParams")
        .withArgs(ben.address, proposalId, FOR, parseEther("6000"), "better", "0x12");
    });

    it("counts nothing for votes that are borrowed for the transaction, and the lender's in full", async () => {
      const { governor, ledger, xusd, ada, mint, propose, at } = await networkHelpers.loadFixture(settled);
      const borrower = await ethers.deployContract("XeVotesBorrower");
      await xusd.connect(ada).approve(borrower, parseEther("24000"));
      const { proposalId, snapshot } = await propose(mint("borrowed"));
      const vote = governor.interface.encodeFunctionData("castVote", [proposalId, FOR]);
      // In the second of the snapshot itself the vote is not open; one second later the loan is too late.
      for (const [second, success] of [
        [snapshot, false],
        [snapshot + 1n, true],
      ] as const) {
        await at(second);
        await borrower.borrowAndCall(governor, ledger, xusd, ada, parseEther("12000"), vote);
        expect(await borrower.votesInHand()).to.equal(parseEther("12000"));
        expect(await borrower.success()).to.equal(success);
      }
      expect(await governor.hasVoted(proposalId, borrower)).to.equal(true);
      expectSame([...(await governor.proposalVotes(proposalId))], [0n, 0n, 0n]);
      await governor.connect(ada).castVote(proposalId, FOR);
      expect((await governor.proposalVotes(proposalId)).forVotes).to.equal(parseEther("12000"));
    });

    it("counts what moves after the snapshot for whoever had it then", async () => {
      const { governor, xusd, ada, give, stranger, mint, propose, at } = await networkHelpers.loadFixture(settled);
      const { proposalId, snapshot } = await propose(mint("moved"));
      await at(snapshot + 1n);
      await give(stranger, parseEther("50000"));
      await xusd.connect(ada).transfer(stranger, parseEther("12000"));
      await governor.connect(stranger).castVote(proposalId, FOR);
      await governor.connect(ada).castVote(proposalId, AGAINST);
      expectSame([...(await governor.proposalVotes(proposalId))], [parseEther("12000"), 0n, 0n]);
    });

    it("counts no XE, however much of it a provider earned", async () => {
      const { governor, ledger, deployer, stranger, give, mint, propose, at, now } =
        await networkHelpers.loadFixture(settled);
      await give(stranger, parseEther("400"));
      const terms = { vCpus: 100n, memoryMB: 0n, diskGB: 0n, duration: 1_000n * HOUR };
      await ledger.connect(deployer).lease(terms, stranger, parseEther("2000"));
      const [opened] = await ledger.queryFilter(ledger.filters.LeaseOpened());
      const leaseId = opened?.args.id ?? ZeroHash;
      await ledger.connect(stranger).acceptLease(leaseId);
      await networkHelpers.time.increaseTo((await now()) + terms.duration);
      await ledger.settleLease(leaseId);
      const { proposalId, snapshot } = await propose(mint("by XE"));
      await at(snapshot + 1n);
      await governor.connect(stranger).castVote(proposalId, FOR);
      expectSame([...(await governor.proposalVotes(proposalId))], [0n, parseEther("400"), 0n]);
    });
  });

  describe("the outcome", () => {
    it("is a defeat where the floor is missed by one wei, though four percent are reached, and with that wei succeeds", async () => {
      const { governor, give, cleo, stranger, ada, mint, propose, at, stateOf } =
        await networkHelpers.loadFixture(settled);
      await give(stranger, parseEther("7000") - 1n);
      for (const [proposal, outcome] of [
        [mint("one wei short"), "defeated"],
        [mint("with that wei"), "succeeded"],
      ] as const) {
        const { proposalId, snapshot, deadline } = await propose(proposal, ada);
        await at(snapshot + 1n);
        await governor.connect(cleo).castVote(proposalId, ABSTAIN);
        await governor.connect(stranger).castVote(proposalId, FOR);
        expect(await governor.quorum(snapshot), "four percent are 8,000").to.equal(MIN_QUORUM);
        await networkHelpers.time.increaseTo((await governor.proposalDeadline(proposalId)) + 1n);
        expect(deadline).to.be.at.most(await governor.proposalDeadline(proposalId));
        expect(await stateOf(proposal), proposal.description).to.equal(numberOfState(outcome));
        await give(stranger, 1n);
      }
    });

    it("needs four percent where these are more than the floor", async () => {
      const { governor, ada, ben, mint, propose, at, stateOf } = await (async () => {
        const world = await deployWith(false, parseEther("450000"));
        await world.give(world.ada, parseEther("18000") - 1n);
        await world.give(world.ben, 1n);
        await networkHelpers.time.increase(1n);
        return world;
      })();
      for (const [proposal, voters, outcome] of [
        [mint("without the last wei"), [ada], "defeated"],
        [mint("with the last wei"), [ada, ben], "succeeded"],
      ] as const) {
        const { proposalId, snapshot, deadline } = await propose(proposal);
        await at(snapshot + 1n);
        for (const voter of voters) await governor.connect(voter).castVote(proposalId, FOR);
        await networkHelpers.time.increaseTo(deadline + 1n);
        expect(await stateOf(proposal), proposal.description).to.equal(numberOfState(outcome));
      }
    });

    it("is a defeat with as many against as for, or with a quorum only by those against", async () => {
      const { governor, give, ada, ben, cleo, mint, propose, at, stateOf } = await networkHelpers.loadFixture(settled);
      await give(ben, parseEther("6000"));
      for (const [proposal, votes] of [
        [
          mint("a tie"),
          [
            [ada, FOR],
            [ben, AGAINST],
          ],
        ],
        [
          mint("most against"),
          [
            [ada, AGAINST],
            [cleo, FOR],
          ],
        ],
      ] as const) {
        const { proposalId, snapshot, deadline } = await propose(proposal);
        await at(snapshot + 1n);
        for (const [voter, support] of votes) await governor.connect(voter).castVote(proposalId, support);
        await networkHelpers.time.increaseTo(deadline + 1n);
        expect(await stateOf(proposal), proposal.description).to.equal(numberOfState("defeated"));
      }
    });

    it("leaves two days to answer a quorum that comes late", async () => {
      const { governor, ada, mint, propose, at } = await networkHelpers.loadFixture(settled);
      const { proposalId, deadline } = await propose(mint("in the last second"));
      await at(deadline);
      await expect(governor.connect(ada).castVote(proposalId, FOR))
        .to.emit(governor, "ProposalExtended")
        .withArgs(proposalId, deadline + LATE_QUORUM_EXTENSION);
      expect(await governor.proposalDeadline(proposalId)).to.equal(deadline + LATE_QUORUM_EXTENSION);
    });
  });

  describe("queue and execute", () => {
    it("queue in the last second of fourteen days, and no later", async () => {
      const { governor, mint, carry, at, stateOf } = await networkHelpers.loadFixture(settled);
      const [inTime, late] = [mint("in time"), mint("too late")];
      const first = await carry(inTime);
      const second = await carry(late);
      await at(first.deadline + GRACE_PERIOD);
      await expect(governor.queue(...decided(inTime)))
        .to.emit(governor, "ProposalQueued")
        .withArgs(first.proposalId, first.deadline + GRACE_PERIOD + DELAY);
      await at(second.deadline + GRACE_PERIOD + 1n);
      await expect(governor.queue(...decided(late)))
        .to.be.revertedWithCustomError(governor, "GovernorUnexpectedProposalState")
        .withArgs(second.proposalId, numberOfState("expired"), bitmap("succeeded"));
      await networkHelpers.mine();
      expect(await stateOf(late)).to.equal(numberOfState("expired"));
    });

    it("execute after the delay, up to the last second of fourteen days, once, and no later", async () => {
      const { governor, timelock, ledger, stranger, mint, carry, enqueue, at, stateOf } =
        await networkHelpers.loadFixture(settled);
      const [inTime, late] = [mint("in time"), mint("too late")];
      const second = await carry(late);
      await at(second.deadline + 1n);
      await governor.queue(...decided(late));
      const { eta } = await enqueue(inTime);
      await at(eta - 1n);
      await expect(governor.execute(...decided(inTime))).to.be.revertedWithCustomError(
        timelock,
        "TimelockUnexpectedOperationState",
      );
      await at(second.deadline + 1n + DELAY + GRACE_PERIOD + 1n);
      await expect(governor.execute(...decided(late)))
        .to.be.revertedWithCustomError(governor, "GovernorUnexpectedProposalState")
        .withArgs(second.proposalId, numberOfState("expired"), bitmap("queued"));
      await at(eta + GRACE_PERIOD);
      await governor.connect(stranger).execute(...decided(inTime));
      expect(await stateOf(inTime)).to.equal(numberOfState("executed"));
      expect(await ledger.balanceOf(stranger, XUSD)).to.equal(1n);
      await expect(governor.execute(...decided(inTime))).to.be.revertedWithCustomError(
        governor,
        "GovernorUnexpectedProposalState",
      );
    });

    it("carry out none of the calls where one fails", async () => {
      const { governor, ledger, stranger, enqueue, at } = await networkHelpers.loadFixture(settled);
      const proposal = proposalOf("one of two", [
        callOf(ledger, "mint", [stranger.address, 1n]),
        callOf(ledger, "mint", [ZeroAddress, 1n]),
      ]);
      const { eta } = await enqueue(proposal);
      await at(eta);
      await expect(governor.execute(...decided(proposal)))
        .to.be.revertedWithCustomError(ledger, "DualAssetLedger_InvalidDestination")
        .withArgs(ZeroAddress);
      expect(await ledger.balanceOf(stranger, XUSD)).to.equal(0n);
    });
  });

  describe("cancel", () => {
    it("refuses everybody, the proposer, the timelock and the governor's own roles included", async () => {
      const { governor, timelock, ada, deployer, arbiter, stranger, mint, enqueue, propose, numberOf } =
        await networkHelpers.loadFixture(settled);
      const [pending, queued] = [mint("pending"), mint("queued")];
      await enqueue(queued);
      await propose(pending);
      const asTimelock = await ethers.getImpersonatedSigner(timelock.target as string);
      for (const proposal of [pending, queued, mint("never proposed")]) {
        const proposalId = await numberOf(proposal);
        for (const caller of [ada, deployer, arbiter, stranger, asTimelock]) {
          await expect(governor.connect(caller).cancel(...decided(proposal)), proposal.description)
            .to.be.revertedWithCustomError(governor, "GovernorUnableToCancel")
            .withArgs(proposalId, caller.address);
        }
      }
      const canceller = await timelock.CANCELLER_ROLE();
      for (const account of [governor, timelock, deployer, arbiter]) {
        expect(await timelock.hasRole(canceller, account)).to.equal(false);
      }
    });
  });

  describe("governance itself", () => {
    it("refuses relay, updateTimelock and setLateQuorumVoteExtension from anybody but a proposal", async () => {
      const { governor, ada, timelock, stranger } = await networkHelpers.loadFixture(settled);
      const asAda = governor.connect(ada);
      for (const call of [
        () => asAda.relay(stranger, 0n, "0x"),
        () => asAda.updateTimelock(timelock),
        () => asAda.setLateQuorumVoteExtension(0n),
      ]) {
        await expect(call()).to.be.revertedWithCustomError(governor, "GovernorOnlyExecutor").withArgs(ada.address);
      }
    });

    it("moves what was sent to the governor by mistake, and changes its extension and its timelock", async () => {
      const { governor, xusd, ledger, deployer, stranger, enact } = await networkHelpers.loadFixture(settled);
      await xusd.connect(deployer).transfer(governor, 5n);
      const next = await ethers.deployContract("TimelockController", [DAY, [governor], [governor], ZeroAddress]);
      const back = callOf(xusd, "transfer", [stranger.address, 5n]);
      const executed = enact(
        proposalOf("of its own", [
          callOf(governor, "relay", [back.target, 0n, back.data]),
          callOf(governor, "setLateQuorumVoteExtension", [3n * DAY]),
          callOf(governor, "updateTimelock", [next.target]),
        ]),
      );
      await expect(executed)
        .to.emit(governor, "LateQuorumVoteExtensionSet")
        .withArgs(LATE_QUORUM_EXTENSION, 3n * DAY);
      expect(await governor.timelock()).to.equal(next.target);
      expect(await ledger.balanceOf(stranger, XUSD)).to.equal(5n);
    });

    it("refuses ether and tokens that are sent", async () => {
      const { governor, deployer, ada } = await networkHelpers.loadFixture(settled);
      await expect(deployer.sendTransaction({ to: governor, value: 1n })).to.be.revertedWithCustomError(
        governor,
        "GovernorDisabledDeposit",
      );
      await expect(governor.onERC721Received(ada, ada, 1n, "0x")).to.be.revertedWithCustomError(
        governor,
        "GovernorDisabledDeposit",
      );
    });
  });

  describe("a decision from first to last", () => {
    const RATES = { perVCpu: 40n, perMemoryGB: 20n, perDiskGB: 2n };

    it("mints, sets rates and makes another the arbiter, who rules from then on", async () => {
      const { governor, ledger, manager, xusd, deployer, arbiter, ada, ben, stranger, enact } =
        await networkHelpers.loadFixture(settled);
      const calls: Call[] = [
        callOf(ledger, "mint", [stranger.address, parseEther("500")]),
        callOf(ledger, "setRates", [RATES]),
        callOf(manager, "revokeRole", [XE_ROLE.arbiter, arbiter.address]),
        callOf(manager, "grantRole", [XE_ROLE.arbiter, ben.address, 0n]),
      ];
      const executed = enact(proposalOf("XUSD for a stranger, dearer leases, and Ben for arbiter", calls));
      await expect(executed)
        .to.emit(ledger, "RatesSet")
        .withArgs(...Object.values(RATES));
      await expect(executed).to.emit(xusd, "Transfer").withArgs(ZeroAddress, stranger.address, parseEther("500"));
      await expect(executed).to.emit(governor, "ProposalExecuted");
      expect(await ledger.balanceOf(stranger, XUSD)).to.equal(parseEther("500"));

      const terms = { vCpus: 100n, memoryMB: 0n, diskGB: 0n, duration: 1_000n * HOUR };
      const [cost, stake] = await ledger.quoteLease(terms);
      expectSame([cost, stake], ["4000", "800"].map(parseEther));
      await ledger.connect(deployer).lease(terms, ada, cost);
      const [opened] = await ledger.queryFilter(ledger.filters.LeaseOpened());
      const leaseId = opened?.args.id ?? ZeroHash;
      await ledger.connect(ada).acceptLease(leaseId);
      await ledger.connect(deployer).objectToLease(leaseId);
      await expect(ledger.connect(arbiter).rule(leaseId, true))
        .to.be.revertedWithCustomError(ledger, "AccessManagedUnauthorized")
        .withArgs(arbiter.address);
      await expect(ledger.connect(ben).rule(leaseId, true))
        .to.emit(ledger, "LeaseRuled")
        .withArgs(leaseId, true, stake);
      expect((await ledger.leaseOf(leaseId)).state).to.equal(6n);
      expect(await xusd.totalSupply(), "cost and stake are burned").to.equal(SUPPLY + parseEther("500") - cost - stake);
    });

    it("is refused from everybody else, call by call", async () => {
      const { governor, ledger, manager, deployer, arbiter, ada, stranger } = await networkHelpers.loadFixture(settled);
      const asGovernor = await ethers.getImpersonatedSigner(governor.target as string);
      await networkHelpers.setBalance(asGovernor.address, 10n ** 18n);
      for (const caller of [deployer, arbiter, ada, stranger, asGovernor]) {
        const asCaller = ledger.connect(caller);
        for (const call of [
          () => asCaller.mint(caller, 1n),
          () => asCaller.setRates(RATES),
          ...(caller === arbiter ? [] : [() => asCaller.rule(ZeroHash, true)]),
        ]) {
          await expect(call())
            .to.be.revertedWithCustomError(ledger, "AccessManagedUnauthorized")
            .withArgs(caller.address);
        }
        await expect(manager.connect(caller).grantRole(XE_ROLE.arbiter, caller, 0n))
          .to.be.revertedWithCustomError(manager, "AccessManagerUnauthorizedAccount")
          .withArgs(caller.address, 0n);
      }
    });
  });

  describe("where the faucet is open", () => {
    it("gives a quorum to whoever has enough accounts: such a network is for development only", async () => {
      const { governor, ledger, manager, timelock, arbiter, stranger } = await deployWith(true, 0n);
      // A floor of 300 XUSD stands for any: it only takes more accounts.
      const small = await ethers.deployContract("XeGovernor", [ledger, timelock, parseEther("300"), parseEther("100")]);
      const sybils = (await ethers.getSigners()).slice(6, 9);
      for (const sybil of sybils) {
        await ledger.connect(sybil).claim();
        await ledger.connect(sybil).delegate(stranger);
      }
      await networkHelpers.mine();
      expect(await ledger.getVotes(stranger)).to.equal(parseEther("300"));
      const coup = proposalOf("a coup", [callOf(manager, "grantRole", [0n, stranger.address, 0n])]);
      await small.connect(stranger).propose(...drafted(coup));
      const proposalId = await small.hashProposal(...decided(coup));
      await networkHelpers.time.increaseTo((await small.proposalSnapshot(proposalId)) + 1n);
      await small.connect(stranger).castVote(proposalId, FOR);
      await networkHelpers.time.increaseTo((await small.proposalDeadline(proposalId)) + 1n);
      expect(await small.state(proposalId)).to.equal(numberOfState("succeeded"));
      expect(await governor.quorum((await ledger.clock()) - 1n), "a higher floor takes more accounts").to.equal(
        MIN_QUORUM,
      );
      expect(await manager.hasRole(0n, arbiter)).to.deep.equal([false, 0n]);
    });
  });
});
