import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { expect } from "chai";
import {
  type BaseContract,
  type ErrorFragment,
  type EventFragment,
  FunctionFragment,
  id as keccak,
  Interface,
  MaxUint256,
  type ParamType,
  parseEther,
  ZeroAddress,
  ZeroHash,
} from "ethers";

import hre from "hardhat";

import { CONTRACTS } from "../../../src/deployment/contracts.js";
import { deploy } from "../../../src/deployment/deploy.js";
import { isPhrased, unitOf } from "../../../tasks/gov/book.js";
import * as badges from "../../../tasks/gov/flows/badge.js";
import * as buybacks from "../../../tasks/gov/flows/buyback.js";
import { cancel, execute, queue } from "../../../tasks/gov/flows/carry.js";
import { describePolicies, readPolicies } from "../../../tasks/gov/flows/policy.js";
import * as proposing from "../../../tasks/gov/flows/propose.js";
import {
  describeGovernment,
  type GovernmentStatus,
  type ProposalView,
  readGovernment,
} from "../../../tasks/gov/flows/status.js";
import { describeBallot, signVote, vote } from "../../../tasks/gov/flows/vote.js";
import { govTasks } from "../../../tasks/gov/index.js";
import { GOV_WORDS } from "../../../tasks/gov/words.js";
import { saleTasks } from "../../../tasks/sale/index.js";
import { stakeTasks } from "../../../tasks/stake/index.js";
import { requestUnstake, stake } from "../../../tasks/stake/flows.js";
import type { Outcome } from "../../../tasks/support/outcome.js";
import { safeBatch } from "../../../tasks/support/safe.js";
import { type Session, sessionOf } from "../../../tasks/support/session.js";
import { rpc } from "../../support/anvil.js";
import { onNarrow } from "../../support/narrow.js";
import { asked, drafted } from "../../support/sendingTasks.js";
import {
  act,
  deployed,
  expectAnnouncedFirst,
  onPolygon,
  type Recorded,
  recorded,
  refusal,
} from "../../support/tasks.js";
import { DELAY, electorate, openVoting, pass } from "../../support/xmeVoters.js";

/** What counts no tokens, time or hundredths: numbers of things, and amounts of whatever token a market is paid in. */
const COUNTS =
  /^$|^(v|nonce|index|stream|support|level|shares|poolShares|report|epoch|points|totalPoints|weights|days_|privilege|perk|values|admin|guardian|fee|volume|trustWad|minTrust|tier|id|ids|week|day|category|plan|service|part|units|slots)$|(Id|Ids|Delta)$/;

/** What is a number of things under a name that elsewhere is an amount. */
const NUMBERED = new Set(["PlatformItems.amount", "PlatformItems.value", "PlatformItems.values", "Spending.value"]);

const DAY = 86_400;
const BASE = { title: "", description: "", anyway: false } as const;
const SHARES = { ...BASE, shares: "40,20,20,20" } as const;
const SPEND = { ...BASE, token: "XME", amount: "1000" } as const;
const PLAN = {
  ...BASE,
  token: "XMEX",
  fee: "0.3",
  total: "1000000",
  slice: "400000",
  interval: "1d",
  duration: "30d",
} as const;
const ROLE = {
  ...BASE,
  manager: "accessManager",
  role: "settler",
  grant: "",
  revoke: "",
  delay: "0s",
  target: "",
  functions: "",
} as const;
const NO_BALLOT = { id: "", support: "", reason: "", signature: "" } as const;

/** Errors that only a deployment, or a contract that is not this project's, can meet, or only whoever uses what is not governed here. */
const NOT_OF_GOVERNANCE = [
  /HasNoCode$|HaveNoCode$|NoCode$/,
  /^XmeGovernor_|^VotingXME_(TokensAreTheSame|VaultReleasesAnotherToken|UnknownEmissionStream)$/,
  /^EmissionVault_StartOutOfRange$|^GovernorInvalidVotingPeriod$/,
  /^(AdSettlement|NodeStaking|NodeStates)_/,
  /^ERC2612|^ECDSA|^InvalidAccountNonce$|^CheckpointUnorderedInsertion$|^VotesExpiredSignature$/,
  /^ERC721|^ERC20Invalid(Approver|Sender)$|^InvalidShortString$|^StringTooLong$|^StringsInsufficientHexLength$/,
];
const NOT_TOLD =
  /^(Transfer|Approval|ApprovalForAll|EIP712DomainChanged|AuthorityUpdated|Locked|Unlocked|CallExecuted|CallScheduled|CallSalt|Cancelled|OperationExecuted|OperationScheduled|OperationCanceled)$/;

describe("hardhat gov", () => {
  const scratch = mkdtempSync(join(tmpdir(), "xonomy-gov-"));
  const local = deployed("xme", 18);
  let voters: readonly Session[];
  let voter: Session;

  before(async () => {
    const { connection, deployment } = local();
    voters = await electorate(connection, deployment, 11);
    [voter] = voters as [Session];
  });
  after(() => {
    rmSync(scratch, { recursive: true });
  });

  const file = (content: unknown, name = "proposal.json"): string => {
    const path = join(scratch, name);
    writeFileSync(path, typeof content === "string" ? content : JSON.stringify(content));
    return path;
  };
  const proposed = async (calls: unknown, input: Partial<proposing.ProposeInput> = {}): Promise<Outcome> =>
    proposing.propose(voter, { ...BASE, ...input, file: file(calls) });
  const idOf = ({ transaction }: Outcome): string => {
    const made = transaction.logs.find(({ event }) => event === "ProposalCreated");
    return String(made?.args.proposalId);
  };
  const guardian = (): Promise<Session> => sessionOf(local().connection, local().deployment, "1");

  /** Passes a proposal and waits until it can be executed. */
  async function decided(made: Outcome): Promise<string> {
    const { connection, deployment, time, other } = local();
    const id = idOf(made);
    await pass(connection, deployment, voters, BigInt(id));
    await queue(other, { id });
    await time.increase(DELAY);
    return id;
  }

  /** The whole way of a proposal that was made. */
  async function carried(made: Outcome): Promise<Outcome> {
    return execute(local().other, { id: await decided(made) });
  }

  describe("propose", () => {
    it("should propose what a file says, and tell the calls in words, the times and the quorum", async () => {
      const { deployment } = local();
      const calls = [{ contract: "emissionVault", function: "setDrawer", args: [4, "votes"] }];
      const made = await proposed({ title: "Votes earn more", description: "Because **votes** matter.", calls });
      expect(made.expected[0]).to.equal(`Proposal ${idOf(made)}: Votes earn more`);
      expect(made.expected[1]).to.equal("1. Stream 4 of the XMEX emission is drawn from by VotingXME.");
      expect(made.expected[2]).to.match(
        /^Votes count as they are at about \d{4}-.* UTC; voting is open from then to \d{4}-/,
      );
      expect(made.expected[3]).to.equal(
        '"For" and "abstain" need 10,000,000 vXME together as things stand, and "for" more than "against".',
      );
      expect(made.expected[4]).to.equal(
        "Then it waits 2 days from when it is queued, and is to be queued and executed within 14 days each.",
      );
      expect(made.transaction.events[0]).to.match(/^Proposal \d+ was made: "Votes earn more"; voting is open from/);
      const [log] = made.transaction.logs;
      expect(log?.args.description).to.equal("# Votes earn more\n\nBecause **votes** matter.");
      expect(await deployment.xme.governor.state(BigInt(idOf(made)))).to.equal(0n);
    });

    it("should propose the calls that another command printed, as a document or as a file for a Safe", async () => {
      const { deployment } = local();
      const { timelock, xme, votes } = deployment.xme;
      const treasury = await timelock.getAddress();
      const staking = await drafted(voter, treasury, (keyless) => stake(keyless, { amount: "1000" }));
      const document = JSON.stringify(staking, (_, value: unknown) =>
        typeof value === "bigint" ? String(value) : value,
      );
      const forSafe = JSON.stringify(safeBatch(staking, "staking", 0));
      for (const text of [document, forSafe]) {
        const made = await drafted(voter, voter.account, (keyless) =>
          proposing.propose(keyless, { ...BASE, title: "Stake", file: file(text) }),
        );
        expect(made.expected.slice(1, 3)).to.deep.equal([
          "1. VotingXME may take 1,000 XME from the treasury.",
          "2. VotingXME.stake(amount 1,000 XME).",
        ]);
        const [targets, values, data] = made.calls[0]?.arguments.map(({ value }) => value) ?? [];
        expect(targets).to.deep.equal([await xme.getAddress(), await votes.getAddress()]);
        expect(values).to.deep.equal(["0", "0"]);
        expect(data).to.deep.equal(staking.calls.map((call) => call.data));
      }
      const said = (change: object): Promise<string> =>
        refusal(proposed({ ...(JSON.parse(document) as object), ...change }));
      expect(await said({ chainId: "1" })).to.equal(
        "--file has calls for chain 1, and this deployment is on chain 31337.",
      );
      expect(await said({ account: voter.account })).to.match(
        new RegExp(`calls for ${voter.account} to make, and a proposal's are the treasury's: .* --account ${treasury}`),
      );
      expect(await said({ calls: [{ to: "0x12", data: "0x" }] })).to.match(/^Call 1, to is "0x12": write an address/);
      expect(await said({ calls: [{ to: treasury, data: "0x1" }] })).to.match(/^Call 1, data is "0x1": write bytes/);
    });

    it("should read every kind of argument, and name contracts in place of addresses", async () => {
      const { deployment, other } = local();
      const { badge, accessManager, policyRegistry } = deployment.xme;
      const hash = keccak("a text");
      const made = await proposed(
        [
          { contract: "emissionVault", function: "setShares", args: [[5000, "5000", 0, 0, 0, 0, 0, 0]] },
          {
            contract: await badge.getAddress(),
            function: "setTiers",
            args: [
              [
                { name: "Friend", minimum: "5000000000000000000", entitlements: [] },
                ["Patron", "0x8ac7230489e80000", ["beta access"]],
              ],
            ],
          },
          { contract: "accessManager", function: "setTargetClosed", args: ["adSettlement", false] },
          { contract: "accessManager", function: "grantRole(uint64, address, uint32)", args: [1, other.account, 3600] },
          { contract: "policyRegistry", function: "publish", args: ["feed", hash, "ipfs://feed"] },
          { contract: "accessManager", function: "setTargetFunctionRole", args: ["badge", ["0x12345678"], 1] },
          { contract: other.account, function: "poke(bytes,int256,bool)", args: ["0x1234", -5, true] },
        ],
        { title: "Everything", anyway: true },
      );
      expect(made.expected.slice(1, 9)).to.deep.equal([
        "1. XMEX emission shared out anew among streams: 0: 50 %, 1: 50 %.",
        '2. Badges are worth: "Friend" for 5 vXME with no privileges, "Patron" for 10 vXME with "beta access".',
        "3. AdSettlement is open to its roles.",
        `4. ${other.account} gets role 1 (settler), to act 1 hour after it says so.`,
        `5. The next version of the policy "feed" is the text at "ipfs://feed" with the hash ${hash}.`,
        "6. Role 1 (settler) may call 0x12345678 of Badge.",
        `7. ${other.account}, with the data ${String((made.transaction.logs[0]?.args.calldatas as string[])[6])}.`,
        `Call 7 would be refused now, without those before it: There is no contract at ${other.account}.`,
      ]);
      expect((made.transaction.logs[0]?.args.calldatas as string[])[4]).to.equal(
        policyRegistry.interface.encodeFunctionData("publish", ["feed", hash, "ipfs://feed"]),
      );
      expect((made.transaction.logs[0]?.args.targets as string[])[3]).to.equal(await accessManager.getAddress());
    });

    it("should name the file, the call or the argument that is wrong, and send nothing", async () => {
      const nonce = await voter.signer?.getNonce();
      const said = async (calls: unknown): Promise<string> => refusal(proposed(calls));
      const one = (call: object): Promise<string> => said([call]);
      const args = (list: unknown, name = "setDrawer", contract = "emissionVault"): Promise<string> =>
        one({ contract, function: name, args: list });
      expect(await refusal(proposing.propose(voter, { ...BASE, file: "" }))).to.match(/^--file is missing/);
      expect(await refusal(proposing.propose(voter, { ...BASE, file: join(scratch, "none") }))).to.match(
        /which cannot be read: ENOENT/,
      );
      expect(await said("{")).to.match(/^--file is not JSON/);
      expect(await said([])).to.match(/^--file has no calls/);
      expect(await said({ title: 5, calls: [{}] })).to.match(/^--file has a title or a description that is no text/);
      expect(await said(["x"])).to.match(/^Call 1 names no contract/);
      expect(await one({ contract: "vault", function: "x" })).to.match(
        /^Call 1 is to "vault": write an address, or one of timelock,/,
      );
      expect(await one({ contract: "votes", funktion: "x" })).to.match(
        /^Call 1 has a field "funktion": it can have contract/,
      );
      expect(await one({ contract: "votes" })).to.match(/^Call 1 names no function/);
      expect(await one({ contract: "votes", function: "stake", args: 5 })).to.match(/arguments that are no list/);
      expect(await args([], "earned", "votes")).to.match(/VotingXME has none such that changes anything: write one of/);
      expect(await args([], "release", "teamVesting")).to.match(
        /of which TeamVesting has several: write one of release/,
      );
      expect(await args([], "poke", ZeroAddress.replace("0x0", "0x1"))).to.match(
        /write its signature, such as transfer/,
      );
      expect(await args([1])).to.equal("Call 1, setDrawer: setDrawer(uint256,address) takes 2 arguments, not 1.");
      expect(await args([-1, "votes"])).to.match(
        /^Call 1, setDrawer, stream is -1: write a whole number from 0 of at most 256 bits/,
      );
      expect(await args([1e30, "votes"])).to.match(/stream is 1e\+30: write a whole number/);
      expect(await args(["one", "votes"])).to.match(/stream is "one": write a whole number/);
      expect(await args([1, "bob"])).to.match(/drawer is "bob": write an address/);
      expect(await args([1, 7])).to.match(/drawer is 7: write an address/);
      expect(await args([[1, 2]], "setShares")).to.match(/sharesBps is \[1,2\]: write a list of 8/);
      expect(await args([[65536, 0, 0, 0, 0, 0, 0, 0]], "setShares")).to.match(
        /sharesBps\[0\] is 65536: .* at most 16 bits/,
      );
      expect(await args([[{ name: "x" }]], "setTiers", "badge")).to.match(
        /newTiers\[0\]\.minimum is missing: write a whole/,
      );
      expect(await args(["x"], "setTiers", "badge")).to.match(/newTiers is "x": write a list/);
      expect(await args([["x"]], "setTiers", "badge")).to.match(
        /newTiers\[0\] is "x": write an object with name, minimum, ent/,
      );
      expect(await args([[[1, 1, []]]], "setTiers", "badge")).to.match(/newTiers\[0\]\.name is 1: write a text/);
      expect(await args(["feed", "0x12", "x"], "publish", "policyRegistry")).to.match(
        /write 0x and 64 hexadecimal digits/,
      );
      expect(await args([1, "0x123"], "execute", "accessManager")).to.match(/target is 1: write an address/);
      expect(await args(["votes", "0x123"], "execute", "accessManager")).to.match(
        /data is "0x123": write bytes such as/,
      );
      expect(await args(["votes", 1], "setTargetClosed", "accessManager")).to.match(/closed is 1: write true or false/);
      expect(await one({ contract: "votes", function: "advance", value: "1.5" })).to.match(
        /^Call 1, value \(wei\) is "1\.5"/,
      );
      expect(await refusal(proposed([{ contract: "votes", function: "advance" }], { title: "a\nb" }))).to.match(
        /^--title has several lines/,
      );
      expect(
        await refusal(proposed([{ contract: "votes", function: "advance" }], { description: "@nowhere" })),
      ).to.match(/^--description is "nowhere", which cannot be read/);
      expect(await voter.signer?.getNonce()).to.equal(nonce);
    });

    it("should propose what locks governance out only if that is meant", async () => {
      const { connection, deployment } = local();
      const { governor, timelock } = deployment.xme;
      const roles = ["PROPOSER_ROLE", "EXECUTOR_ROLE"] as const;
      const [proposer, executor] = await Promise.all(roles.map((name) => timelock[name]()));
      const other = await connection.ethers.deployContract("TimelockController", [0, [], [], ZeroAddress]);
      const delay = { contract: "timelock", function: "updateDelay", args: [30 * DAY + 1] };
      const revoke = { contract: "timelock", function: "revokeRole", args: [proposer, await governor.getAddress()] };
      const leave = { contract: "governor", function: "updateTimelock", args: [await other.getAddress()] };
      for (const [call, words] of [
        [delay, /^The timelock would wait 30 days 1 second, and nothing could shorten that sooner/],
        [revoke, /^Without its roles at the timelock the governor decides nothing any more/],
        [{ ...revoke, args: [executor, "governor"] }, /^Without its roles at the timelock/],
        [leave, /^The governor would have no role at the timelock 0x\w{40}, and no role of this one goes with it/],
      ] as const) {
        const calls = [{ contract: "votes", function: "advance" }, call];
        expect(await refusal(proposed(calls)))
          .to.match(words)
          .and.match(/add --anyway if that is meant\.$/);
      }
      expect((await proposed([delay], { title: "Meant", anyway: true })).expected[1]).to.equal(
        "1. The timelock waits 30 days 1 second from then on.",
      );
      await proposed([{ ...delay, args: [30 * DAY] }], { title: "A month" });
    });

    it("should refuse what the treasury could not carry out now, or propose it anyway and say so", async () => {
      const calls = [{ contract: "emissionVault", function: "setShares", args: [[1, 0, 0, 0, 0, 0, 0, 0]] }];
      expect(await refusal(proposed(calls))).to.equal(
        "XMEX emission shared out anew among streams: 0: 0.01 %: the treasury could not do that now. The shares of the streams sum to 0.01 %, " +
          "and have to sum to 100 %: give others. Add --anyway to propose it all the same.",
      );
      const made = await proposed(calls, { anyway: true });
      expect(made.expected[2]).to.equal(
        "Call 1 would be refused now: The shares of the streams sum to 0.01 %, and have to sum to 100 %: give others.",
      );
      expect(await refusal(proposed([{ contract: voter.account, value: "5" }]))).to.match(
        /^The treasury holds 0\.0 ETH, and the calls take 0\.000000000000000005 ETH/,
      );
    });

    it("should say so when the account has too few votes, or the same was proposed before", async () => {
      const { session } = local();
      expect(await refusal(proposing.proposeShares(session, SHARES))).to.match(
        /^0x\w{40} had 0 vXME of votes a second ago, and a proposal takes 1,000,000 vXME: stake more/,
      );
      await proposing.proposeShares(voter, SHARES);
      expect(await refusal(proposing.proposeShares(voter, SHARES))).to.match(
        /^The same was proposed before and is pending, as proposal \d+: change its title/,
      );
      const renamed = await proposing.proposeShares(voter, { ...SHARES, title: "Again", description: "Why not." });
      expect(renamed.transaction.logs[0]?.args.description).to.equal("# Again\n\nWhy not.");
      const other = { ...SHARES, description: "# Its own heading\nand reasons" };
      const headed = await proposing.proposeShares(voter, other);
      expect(headed.transaction.logs[0]?.args.description).to.equal(other.description);
      const only = `@${file("of a file", "why.md")}`;
      const fromFile = await proposing.proposeShares(voter, { ...SHARES, title: "T", description: only });
      expect(fromFile.transaction.logs[0]?.args.description).to.equal("# T\n\nof a file");
    });
  });

  describe("propose shares, drawer, spend, buyback, role, policy", () => {
    it("should take a plan of the longest duration, and spend where it is no loss or is meant", async () => {
      const { connection, other } = local();
      await connection.networkHelpers.time.increase(3_600);
      const longest = await proposing.proposeBuyback(voter, { ...PLAN, duration: "365d" });
      expect(longest.expected.join("\n")).to.not.contain("would be refused now");
      const young = { ...PLAN, interval: "1m", title: "Meant", anyway: true };
      expect((await proposing.proposeBuyback(voter, young)).expected).to.include(
        "Call 2 would be refused now, without those before it: Slices lie from 30 minutes to 365 days apart, not 1 minute: give another --interval.",
      );
      for (const [to, name] of [
        ["teamVesting", "TeamVesting"],
        ["publicSale", "PublicSale"],
        [other.account, other.account],
      ] as const) {
        const { expected } = await proposing.proposeSpend(voter, { ...SPEND, to });
        expect(expected[1]).to.equal(`1. 1,000 XME from the treasury to ${name}.`);
      }
      const { expected } = await proposing.proposeSpend(voter, { ...SPEND, to: "votes", anyway: true });
      expect(expected[1]).to.equal("1. 1,000 XME from the treasury to VotingXME.");
      const open = { ...ROLE, role: "public", target: "emissionVault", functions: "setShares" };
      expect((await proposing.proposeRole(voter, open)).expected[1]).to.equal(
        "1. Anybody may call setShares of EmissionVault.",
      );
    });

    it("should make the calls that the contracts take", async () => {
      const { deployment, other, session, time } = local();
      const { xme, xmex, emissionVault, buybackBurner, accessManager, adSettlement, timelock } = deployment.xme;
      const callsOf = ({ transaction }: Outcome): [string, string][] => {
        const [log] = transaction.logs;
        const [targets, data] = [log?.args.targets as string[], log?.args.calldatas as string[]];
        return targets.map((target, i) => [target, data[i] ?? ""]);
      };
      const at = async (contract: BaseContract, name: string, args: unknown[]): Promise<[string, string]> => [
        await contract.getAddress(),
        contract.interface.encodeFunctionData(name, args),
      ];
      const shares = await proposing.proposeShares(voter, { ...SHARES, shares: "40.5 %, 59.5" });
      expect(callsOf(shares)).to.deep.equal([
        await at(emissionVault, "setShares", [[4050n, 5950n, 0n, 0n, 0n, 0n, 0n, 0n]]),
      ]);
      const drawer = await proposing.proposeDrawer(voter, { ...BASE, stream: "3", drawer: "nobody" });
      expect(callsOf(drawer)).to.deep.equal([await at(emissionVault, "setDrawer", [3n, ZeroAddress])]);
      expect(drawer.expected[1]).to.equal("1. Stream 3 of the XMEX emission is drawn from by nobody.");

      const spend = await proposing.proposeSpend(voter, { ...SPEND, to: other.account });
      expect(callsOf(spend)).to.deep.equal([await at(xme, "transfer", [other.account, parseEther("1000")])]);
      expect(spend.expected[1]).to.equal(`1. 1,000 XME from the treasury to ${other.account}.`);
      const byAddress = { ...SPEND, token: await xmex.getAddress(), to: "governor" };
      const toGovernor = await proposing.proposeSpend(voter, byAddress);
      expect(toGovernor.expected[1]).to.equal("1. 1,000 XMEX from the treasury to XmeGovernor.");

      const planned = await proposing.proposeBuyback(voter, PLAN);
      const [approve, start] = callsOf(planned);
      const burner = await buybackBurner.getAddress();
      expect(approve).to.deep.equal(await at(xmex, "approve", [burner, parseEther("1000000")]));
      const args = buybackBurner.interface.decodeFunctionData("startPlan", start?.[1] ?? "0x");
      expect(args.slice(0, 5)).to.deep.equal([
        await xmex.getAddress(),
        3_000n,
        parseEther("1000000"),
        parseEther("400000"),
        BigInt(DAY),
      ]);
      const ends = (args[5] as bigint) - BigInt(await time.latest());
      expect(ends > BigInt(39.9 * DAY) && ends <= BigInt(40 * DAY)).to.equal(true);
      expect(planned.expected[1]).to.equal("1. BuybackBurner may take 1,000,000 XMEX from the treasury.");
      expect(planned.expected[2]).to.match(
        /^2\. A buyback that burns XME for 1,000,000 XMEX, 400,000 XMEX every 1 day at most, in the pool with a fee of 0\.3 %, until/,
      );

      const settler = (await sessionOf(local().connection, deployment, "5")).account;
      const role = await proposing.proposeRole(voter, {
        ...ROLE,
        grant: session.account,
        revoke: settler,
        target: "adSettlement",
        functions: "settle, setIncome(address)",
      });
      const [settle, income] = ["settle", "setIncome"].map(
        (name) => adSettlement.interface.getFunction(name as "settle").selector,
      );
      expect(callsOf(role)).to.deep.equal([
        await at(accessManager, "setTargetFunctionRole", [await adSettlement.getAddress(), [settle, income], 1n]),
        await at(accessManager, "grantRole", [1n, session.account, 0n]),
        await at(accessManager, "revokeRole", [1n, settler]),
      ]);
      expect(role.expected.slice(1, 4)).to.deep.equal([
        "1. Role 1 (settler) may call settle, setIncome of AdSettlement.",
        `2. ${session.account} gets role 1 (settler).`,
        `3. ${settler} loses role 1 (settler).`,
      ]);
      const numbered = await proposing.proposeRole(voter, { ...ROLE, role: "7", grant: "timelock", delay: "2h" });
      expect(numbered.expected[1]).to.equal("1. The treasury gets role 7, to act 2 hours after it says so.");
      expect(await timelock.getAddress()).to.match(/^0x/);

      const text = file("what is recommended", "policy.md");
      const policy = await proposing.proposePolicy(voter, {
        ...BASE,
        policy: "recommendation",
        text,
        uri: "ipfs://it",
      });
      expect(policy.expected[1]).to.contain(`with the hash ${keccak("what is recommended")}`);
    });

    it("should say which option does not make sense, and send nothing", async () => {
      const { other } = local();
      const nonce = await voter.signer?.getNonce();
      const shares = (text: string): Promise<string> =>
        refusal(proposing.proposeShares(voter, { ...BASE, shares: text }));
      expect(await shares("")).to.match(/^--shares is missing/);
      expect(await shares("50,49")).to.match(/^--shares sum to 99 %, and have to sum to 100 %/);
      expect(await shares("50,x")).to.match(/^--shares is "x"/);
      expect(await shares("50,50,0,0,0,0,0,0,0")).to.match(/^--shares has 9 parts, and there are 8 streams/);
      const drawer = (stream: string, to: string): Promise<string> =>
        refusal(proposing.proposeDrawer(voter, { ...BASE, stream, drawer: to }));
      expect(await drawer("", "votes")).to.match(/^--stream is missing/);
      expect(await drawer("8", "votes")).to.match(/There is no stream 8: `hardhat vault status` shows them/);
      expect(await drawer("1", "")).to.match(/^--drawer is missing/);
      expect(await drawer("1", "bob")).to.match(/^--drawer is "bob"/);
      const spend = (given: Partial<Parameters<typeof proposing.proposeSpend>[1]>): Promise<string> =>
        refusal(proposing.proposeSpend(voter, { ...SPEND, to: other.account, ...given }));
      expect(await spend({ token: "" })).to.match(/^--token is missing/);
      expect(await spend({ token: "DOGE" })).to.match(/^--token is "DOGE"/);
      expect(await spend({ token: other.account })).to.match(/where there is no token: write another address/);
      expect(await spend({ to: "" })).to.match(/^--to is missing/);
      expect(await spend({ amount: "0" })).to.match(/^--amount is zero/);
      for (const to of ["xme", "votes", "nodes", "buybackBurner", "pool"]) {
        expect(await spend({ to }), to).to.match(
          /^--to is \w+, where what is sent outright belongs to nobody and stays for ever: write another address, or add --anyway\.$/,
        );
      }
      expect(await spend({ to: "timelock" })).to.equal("--to is the treasury itself: nothing would move.");
      expect(await spend({ token: "ETH", amount: "1", to: ZeroAddress })).to.equal(
        "--to is the zero address, which belongs to nobody: write another.",
      );
      expect(await spend({ amount: "1000000000" })).to.match(
        /the treasury could not do that now\. 0x\w{40} holds [\d,.]+ XME, which is less than the 1,000,000,000 XME needed\./,
      );
      expect(await spend({ token: "ETH", amount: "1" })).to.match(
        /^The treasury holds 0\.0 ETH, and the calls take 1\.0 ETH/,
      );
      const plan = (given: Partial<typeof PLAN | Record<string, string>>): Promise<string> =>
        refusal(proposing.proposeBuyback(voter, { ...PLAN, ...given }));
      expect(await plan({ total: "" })).to.match(/^--total is missing/);
      expect(await plan({ slice: "0" })).to.match(/^--slice is zero/);
      expect(await plan({ interval: "often" })).to.match(/^--interval is "often"/);
      expect(await plan({ interval: "1m" })).to.match(
        /the treasury could not do that now\. Slices lie from 30 minutes to 365 days apart, not 1 minute: give another --interval\. Add --anyway/,
      );
      expect(await plan({ slice: "2000000" })).to.match(/A slice is above zero and at most the total/);
      expect(await plan({ fee: "0.05" })).to.match(/Uniswap has no pool of .* with a fee of 0\.05 %/);
      expect(await plan({ duration: "366d" })).to.match(/A plan ends after .* give another --duration/);
      expect(await plan({ token: "XME" })).to.match(/A buyback pays with another token than XME/);
      expect(await plan({ total: "99999999999" })).to.match(
        /^The treasury holds [\d,.]+ XMEX, less than the --total of 99,999,999,999 XMEX/,
      );
      const role = (given: Partial<Record<keyof typeof ROLE, string>>): Promise<string> =>
        refusal(proposing.proposeRole(voter, { ...ROLE, ...given } as Parameters<typeof proposing.proposeRole>[1]));
      expect(await role({ role: "" })).to.match(
        /^--role is missing: write a role's name \(admin, public, settler, publisher, striker, growth seller, catalogue, minter\) or its number/,
      );
      expect(await role({ manager: "timelock" })).to.equal('--manager is "timelock": write one of accessManager.');
      expect(await role({ role: "boss" })).to.match(/^--role is "boss"/);
      expect(await role({})).to.match(/^Nothing would change/);
      expect(await role({ target: "votes" })).to.match(/^--target and --functions belong together/);
      expect(await role({ revoke: other.account })).to.match(
        /has not role 1 \(settler\): `hardhat roles` shows who has/,
      );
      expect(await role({ role: "admin", revoke: "timelock" })).to.match(
        /^Without the role admin the treasury's timelock governs/,
      );
      expect(await role({ role: "admin", grant: "timelock", delay: "1d" })).to.match(
        /^An administrator that waits has to schedule each call at the access manager first, by a proposal of its own: add --anyway/,
      );
      expect(await role({ target: "adSettlement", functions: "fly" })).to.match(/^--functions has the function "fly"/);
      expect(await role({ grant: "bob" })).to.match(/^--grant is "bob"/);
      expect(await role({ grant: ZeroAddress })).to.equal(
        "--grant is the zero address, which belongs to nobody: write another.",
      );
      expect(await role({ grant: other.account, delay: "50000d" })).to.equal(
        '--delay is "50000d": the longest that an access manager counts is 4,294,967,295 seconds, some 136 years.',
      );
      expect(await role({ role: String(2n ** 64n), grant: other.account })).to.equal(
        `--role is "${String(2n ** 64n)}": roles have numbers from 0 to 2^64 − 1.`,
      );
      const policy = (given: object): Promise<string> =>
        refusal(
          proposing.proposePolicy(voter, { ...BASE, policy: "x", text: file("t", "t.md"), uri: "ipfs://t", ...given }),
        );
      expect(await policy({ policy: "" })).to.match(/^--policy is missing/);
      expect(await policy({ uri: "" })).to.match(/^--uri is missing/);
      expect(await policy({ text: "nowhere" })).to.match(/^--text is "nowhere", which cannot be read/);
      expect(await policy({ policy: "naïve" })).to.match(/The character 0xc3 at position 2 is not allowed/);
      expect(await policy({ policy: "x".repeat(65) })).to.match(
        /A text has 65 characters, and from 1 to 64 are allowed/,
      );
      expect(await voter.signer?.getNonce()).to.equal(nonce);
    });
  });

  describe("the whole way", () => {
    it("should share the emission out anew", async () => {
      const { deployment } = local();
      const done = await carried(await proposing.proposeShares(voter, SHARES));
      expect(done.expected.slice(0, 2)).to.deep.equal([
        `Carried out, all of it or nothing: ${done.expected[0]?.slice(35) ?? ""}`,
        "1. XMEX emission shared out anew among streams: 0: 40 %, 1: 20 %, 2: 20 %, 3: 20 %.",
      ]);
      expect(done.transaction.events).to.include(
        "The streams of XMEX have these shares from now on: 0: 40 %, 1: 20 %, 2: 20 %, 3: 20 %.",
      );
      expect(done.transaction.events.at(-1)).to.match(/^Proposal \d{4}…\d{4} was carried out\.$/);
      expect([...(await deployment.xme.emissionVault.shares())].slice(0, 4)).to.deep.equal([
        4000n,
        2000n,
        2000n,
        2000n,
      ]);
    });

    it("should replace a module by role, and a stream's drawer", async () => {
      const { deployment, connection, session } = local();
      const { accessManager, adSettlement, emissionVault } = deployment.xme;
      const settler = (await sessionOf(connection, deployment, "5")).account;
      const role = await carried(
        await proposing.proposeRole(voter, { ...ROLE, grant: session.account, revoke: settler }),
      );
      expect(role.transaction.events).to.include(`${settler} has role 1 no more.`);
      const settle = adSettlement.interface.getFunction("settle").selector;
      const may = async (account: string): Promise<boolean> =>
        (await accessManager.canCall(account, adSettlement, settle)).immediate;
      expect([await may(session.account), await may(settler)]).to.deep.equal([true, false]);
      const drawer = await carried(
        await proposing.proposeDrawer(voter, { ...BASE, stream: "3", drawer: session.account }),
      );
      expect(drawer.transaction.events[0]).to.match(
        new RegExp(`^Stream 3 is drawn from by ${session.account} now, instead of 0x\\w{40}\\.$`),
      );
      expect(await emissionVault.drawerOf(3n)).to.equal(session.account);
    });

    it("should run a buyback plan slice by slice, and close it", async () => {
      const { deployment, other, later } = local();
      const { xme, xmex, timelock } = deployment.xme;
      expect(buybacks.describeBuybacks(await buybacks.readBuybacks(other, { plan: "" }))).to.match(
        /^No buyback was ever/,
      );
      expect(await refusal(buybacks.executeSlice(other, { plan: "1" }))).to.match(/^There is no plan 1/);
      expect(await refusal(buybacks.readBuybacks(other, { plan: "1" }))).to.match(/^There is no plan 1/);
      expect(await refusal(buybacks.executeSlice(other, { plan: "" }))).to.match(/^--plan is missing/);
      const started = await carried(await proposing.proposeBuyback(voter, PLAN));
      expect(started.transaction.events.join("\n")).to.contain("Plan 1 started: it may spend");
      const supply = await xme.totalSupply();
      const before = await buybacks.readBuybacks(other, { plan: "1" });
      expect(before.plans[0]).to.include({ symbol: "XMEX", left: parseEther("1000000"), refusal: undefined });
      expect(buybacks.describeBuybacks(before)).to.contain("slice   due: pays up to 400,000 XMEX for at least");
      const ran = await buybacks.executeSlice(other, { plan: "1" });
      expect(ran.expected[0]).to.match(
        /^A slice of plan 1: about 3,9\d\d\.\d+ XME bought for 400,000 XMEX and burned; 600,000 XMEX are left then\.$/,
      );
      expect(ran.transaction.events).to.have.length.above(0);
      expect(supply - (await xme.totalSupply()) > parseEther("3900")).to.equal(true);
      expect(await refusal(buybacks.executeSlice(other, { plan: "1" }))).to.match(
        /^The next slice of plan 1 is due at \d{4}-/,
      );
      expect(await refusal(buybacks.closePlan(other, { plan: "1" }))).to.match(/^The end of plan 1 comes at \d{4}-/);
      expect(buybacks.describeBuybacks(await buybacks.readBuybacks(other, { plan: "" }))).to.match(
        /slice {3}The next slice of plan 1 is due at/,
      );
      await later(40);
      const held = await xmex.balanceOf(timelock);
      const closed = await buybacks.closePlan(other, { plan: "1" });
      expect(closed.expected).to.deep.equal(["600,000 XMEX that plan 1 did not spend, back to the treasury."]);
      expect((await xmex.balanceOf(timelock)) - held).to.equal(parseEther("600000"));
      expect(await refusal(buybacks.closePlan(other, { plan: "1" }))).to.match(/^Nothing is left to plan 1/);
      expect(await refusal(buybacks.executeSlice(other, { plan: "1" }))).to.match(/^Nothing is left to plan 1/);
    });

    it("should spend from the treasury, tokens and ether", async () => {
      const { deployment, connection, session } = local();
      const { xme, timelock } = deployment.xme;
      const nobody = connection.ethers.Wallet.createRandom().address;
      const spent = await carried(await proposing.proposeSpend(voter, { ...SPEND, to: nobody }));
      expect(spent.transaction.events[0]).to.match(new RegExp(`^1,000 XME went from 0x\\w{40} to ${nobody}\\.$`));
      expect(await xme.balanceOf(nobody)).to.equal(parseEther("1000"));
      await session.signer?.sendTransaction({ to: await timelock.getAddress(), value: parseEther("3") });
      const made = await proposing.proposeSpend(voter, { ...SPEND, token: "ETH", amount: "2.5", to: nobody });
      expect(made.expected[1]).to.equal(`1. 2.5 ETH from the treasury to ${nobody}.`);
      await carried(made);
      expect(await connection.ethers.provider.getBalance(nobody)).to.equal(parseEther("2.5"));
    });

    it("should spend another chain's currency by its own symbol, and count in it", async () => {
      const { deployment, connection, session } = local();
      const there = await onPolygon(local(), voter);
      const spend = (given: Partial<Parameters<typeof proposing.proposeSpend>[1]>): Promise<Outcome> =>
        proposing.proposeSpend(there, {
          ...SPEND,
          amount: "2.5",
          to: connection.ethers.Wallet.createRandom().address,
          ...given,
        });
      expect(await refusal(spend({ token: "" }))).to.equal(
        "--token is missing: write XME, XMEX, POL, or a token's address.",
      );
      expect(await refusal(spend({ token: "POL" }))).to.match(
        /^The treasury holds 0\.0 POL, and the calls take 2\.5 POL:/,
      );
      await session.signer?.sendTransaction({ to: await deployment.xme.timelock.getAddress(), value: parseEther("3") });
      for (const token of ["POL", "pol", "ETH"]) {
        expect((await spend({ token })).expected[1], token).to.match(/^1\. 2\.5 POL from the treasury to 0x\w{40}\.$/);
      }
      expect(describeGovernment(await readGovernment(there, { id: "", last: "0" }))).to.contain(" XMEX and 3.0 POL\n");
    });

    it("should publish policies, and read them back", async () => {
      const { other } = local();
      const read = async (policy: string): Promise<string> =>
        describePolicies(await readPolicies(other, { policy, number: "" }));
      expect(await read("")).to.match(/^Nothing was decided yet/);
      expect(await refusal(readPolicies(other, { policy: "feed", number: "" }))).to.match(/^There is no policy "feed"/);
      for (const [text, uri] of [
        ["first", "ipfs://1"],
        ["second", "ipfs://2"],
      ] as const) {
        const input = { ...BASE, policy: "feed", text: file(text, "feed.md"), uri };
        const done = await carried(await proposing.proposePolicy(voter, input));
        expect(done.transaction.events[0]).to.contain(
          `of the policy "feed" is at "${uri}", with the hash ${keccak(text)}`,
        );
      }
      expect(
        (await readPolicies(other, { policy: "", number: "" })).versions.map(({ version }) => version),
      ).to.deep.equal([2n]);
      expect(await read("feed"))
        .to.contain("ipfs://1")
        .and.contain("ipfs://2")
        .and.contain(keccak("second"));
      expect((await readPolicies(other, { policy: "feed", number: "1" })).versions[0]).to.include({
        hash: keccak("first"),
        uri: "ipfs://1",
      });
      expect(await refusal(readPolicies(other, { policy: "feed", number: "3" }))).to.match(
        /^The policy "feed" has versions 1 to 2, not 3/,
      );
      expect(await refusal(readPolicies(other, { policy: "food", number: "3" }))).to.match(
        /^There is no policy "food"/,
      );
    });
  });

  describe("vote", () => {
    it("should tell what the vote does to the count and the quorum", async () => {
      const { connection, deployment } = local();
      const id = idOf(await proposing.proposeShares(voter, SHARES));
      await openVoting(connection, deployment, BigInt(id));
      const first = await vote(voter, { ...NO_BALLOT, id: "1", support: "for", reason: "It is fair." });
      expect(first.expected[0]).to.match(
        /^For, with 1,000,000 vXME of votes of 0x\w{40}, on proposal \d{4}…\d{4}, "XMEX emission/,
      );
      expect(first.expected[1]).to.equal(
        "The count is then 1,000,000 vXME for, 0 vXME against, 0 vXME abstaining: 9,000,000 vXME more are needed for the quorum.",
      );
      expect(first.transaction.events[0]).to.match(
        /voted for on proposal \d{4}…\d{4} with 1,000,000 vXME, and said why: "It is fair\."$/,
      );
      for (const more of voters.slice(1, 9)) await vote(more, { ...NO_BALLOT, id, support: "abstain" });
      const last = await vote(voters[9] as Session, { ...NO_BALLOT, id, support: "against" });
      expect(last.expected[1]).to.equal(
        "The count is then 1,000,000 vXME for, 1,000,000 vXME against, 8,000,000 vXME abstaining: 1,000,000 vXME more are needed for the quorum.",
      );
      const reached = await vote(voters[10] as Session, { ...NO_BALLOT, id, support: "abstain" });
      expect(reached.expected[1]).to.match(/9,000,000 vXME abstaining: the quorum is reached\.$/);
      expect(await deployment.xme.governor.proposalVotes(BigInt(id))).to.deep.equal([
        parseEther("1000000"),
        parseEther("1000000"),
        parseEther("9000000"),
      ]);
    });

    it("should say so when voting is not open, was done, or there are no votes", async () => {
      const { connection, deployment, session, time } = local();
      const id = idOf(await proposing.proposeShares(voter, SHARES));
      const said = (who: Session, given: object): Promise<string> =>
        refusal(vote(who, { ...NO_BALLOT, id, support: "for", ...given }));
      expect(await said(voter, {})).to.match(
        /^Proposal \d+…\d+, ".*", cannot be voted on now: voting opens after \d{4}-.*, in 2[34] hours|in 1 day/,
      );
      await openVoting(connection, deployment, BigInt(id));
      expect(await said(voter, { support: "yes" })).to.equal('--support is "yes": write one of against, for, abstain.');
      expect(await said(voter, { support: "" })).to.match(/^--support is missing/);
      expect(await said(voter, { id: "" })).to.match(/^--id is missing/);
      expect(await said(voter, { id: "-1" })).to.match(/^--id is "-1"/);
      expect(await said(voter, { id: "2" })).to.match(/^There is no proposal 2: they are counted from 1 to 1/);
      expect(await said(voter, { id: "12345678" })).to.match(/^There is no proposal 12345678/);
      expect(await said(session, {})).to.match(
        /had no votes at \d{4}-.*what is staked or delegated later counts for later proposals\.$/,
      );
      await vote(voter, { ...NO_BALLOT, id, support: "for" });
      expect(await said(voter, {})).to.match(/has voted on proposal .* already, and a vote cannot be changed/);
      await time.increase(8 * DAY);
      expect(await said(voters[1] as Session, {})).to.match(/cannot be voted on now: defeated: voting closed at/);
    });
  });

  describe("sign-vote", () => {
    it("should tell on a public network what is to be signed, in words and as it is, before it asks", async () => {
      const { connection, deployment } = local();
      const made = await proposing.proposeShares(voter, SHARES);
      await openVoting(connection, deployment, BigInt(idOf(made)));
      const refused = asked(voter, "n");
      const ballot = { id: idOf(made), support: "for", reason: "", voter: "" };
      expect(await refusal(signVote(refused.asking, ballot))).to.equal(
        "Nothing was signed or sent, since the answer was not yes.",
      );
      const [words, ...fields] = refused.shown().split("\n");
      expect(words).to.match(
        new RegExp(`^For, with the votes of ${voter.account}, on .+: whoever has the signature can cast it\\.$`),
      );
      expect(fields).to.deep.equal([
        `A signed Ballot for the contract ${await deployment.xme.governor.getAddress()} on chain 31337:`,
        `  proposalId: ${idOf(made)}`,
        "  support: 1",
        `  voter: ${voter.account}`,
        `  nonce: ${String(await deployment.xme.governor.nonces(voter.account))}`,
        "Sign it? [y/N] ",
      ]);
      const { asking, shown } = asked(voter, "y");
      const reasoned = await signVote(asking, { ...ballot, support: "against", reason: "Too much." });
      expect(shown())
        .to.match(/^Against, with the votes of /)
        .and.contain("A signed ExtendedBallot for ")
        .and.contain('  reason: "Too much."\n');
      const done = await vote(local().session, { ...NO_BALLOT, signature: describeBallot(reasoned) });
      expect(done.transaction.events[0]).to.match(new RegExp(`^${voter.account} voted against on proposal`));
    });

    it("should sign a vote that anybody may send, with a reason or without", async () => {
      const { connection, deployment, session } = local();
      const id = idOf(await proposing.proposeShares(voter, SHARES));
      const early = await signVote(voter, { id, support: "for", reason: "", voter: "" });
      await openVoting(connection, deployment, BigInt(id));
      const sent = await vote(session, { ...NO_BALLOT, signature: describeBallot(early) });
      expect(sent.account).to.equal(voter.account);
      expect(sent.transaction.events[0]).to.match(new RegExp(`^${voter.account} voted for on proposal`));
      const second = voters[1] as Session;
      const reasoned = await signVote(second, { id, support: "against", reason: "Too much.", voter: "" });
      const signature = file(describeBallot(reasoned), "ballot.json");
      const done = await vote(session, { ...NO_BALLOT, id, signature });
      expect(done.expected[0]).to.contain(`Against, with 1,000,000 vXME of votes of ${second.account}`);
      const { governor } = deployment.xme;
      expect(await governor.proposalVotes(BigInt(id))).to.deep.equal([
        parseEther("1000000"),
        parseEther("1000000"),
        0n,
      ]);
      expect(describeGovernment(await readGovernment(session, { id, last: "1" }))).to.contain(
        `${second.account} voted against with 1,000,000 vXME: "Too much."`,
      );
    });

    it("should sign for a contract that answers for its key", async () => {
      const { connection, deployment, session, other } = local();
      const wallet = await connection.ethers.deployContract("AgentWallet", [other.account]);
      const second = voters[1] as Session;
      if (!second.signer) throw new Error("voters are accounts of the chain");
      await deployment.xme.votes.connect(second.signer).delegate(wallet);
      const id = idOf(await proposing.proposeShares(voter, SHARES));
      await openVoting(connection, deployment, BigInt(id));
      const ballot = await signVote(other, { id, support: "for", reason: "", voter: await wallet.getAddress() });
      await vote(session, { ...NO_BALLOT, signature: describeBallot(ballot) });
      expect(await deployment.xme.governor.hasVoted(BigInt(id), wallet)).to.equal(true);
    });

    it("should say so when the signature is another's, was used, or is none", async () => {
      const { connection, deployment, session } = local();
      const id = idOf(await proposing.proposeShares(voter, SHARES));
      const twin = idOf(await proposing.proposeShares(voter, { ...SHARES, title: "Another" }));
      await openVoting(connection, deployment, BigInt(twin));
      const second = voters[1] as Session;
      const input = { id, support: "for", reason: "", voter: "" };
      const ballot = await signVote(second, input);
      const send = (changed: object, given: object = {}): Promise<string> =>
        refusal(vote(session, { ...NO_BALLOT, signature: describeBallot({ ...ballot, ...changed }), ...given }));
      expect(await send({ support: "against" })).to.match(
        new RegExp(`^The signature is not ${second.account}'s for this vote`),
      );
      expect(await send({ voter: voter.account })).to.match(new RegExp(`^The signature is not ${voter.account}'s`));
      expect(await send({ governor: voter.account })).to.match(/^--signature is for the governor 0x/);
      expect(await send({}, { id: twin })).to.match(
        /^--signature is for proposal .*, and --id is proposal .*"Another"/,
      );
      expect(await send({}, { support: "for" })).to.match(/^--signature says already how and why was voted/);
      expect(await send({ signature: "nothing" })).to.match(
        /^--signature is none that `hardhat gov sign-vote` printed/,
      );
      expect(await send({}, { signature: "{" })).to.match(/^--signature is not JSON/);
      expect(await send({}, { signature: "nowhere.json" })).to.match(
        /^--signature is "nowhere\.json", which cannot be read/,
      );
      expect(await refusal(signVote(second, { ...input, voter: voter.account }))).to.match(
        /for which only its own key signs/,
      );
      expect(await refusal(signVote(second, { ...input, voter: "bob" }))).to.match(/^--voter is "bob"/);
      await vote(second, { ...NO_BALLOT, id, support: "for" });
      expect(await send({})).to.match(/has voted on proposal .* already/);
      // A nonce that was used for the other proposal makes a signature void, though its voter has not voted on this one.
      const third = voters[2] as Session;
      const [one, two] = [await signVote(third, input), await signVote(third, { ...input, id: twin })];
      await vote(session, { ...NO_BALLOT, signature: describeBallot(one) });
      expect(await refusal(vote(session, { ...NO_BALLOT, signature: describeBallot(two) }))).to.match(
        /or was used already/,
      );
    });
  });

  describe("queue, execute, cancel", () => {
    it("should say where the proposal stands when it is too early or too late", async () => {
      const { connection, deployment, other, time } = local();
      const id = idOf(await proposing.proposeShares(voter, SHARES));
      expect(await refusal(queue(other, { id }))).to.match(/cannot be queued now: voting opens after/);
      expect(await refusal(execute(other, { id }))).to.match(/cannot be executed now: voting opens after/);
      await openVoting(connection, deployment, BigInt(id));
      expect(await refusal(queue(other, { id }))).to.match(/cannot be queued now: voting is open until/);
      await pass(connection, deployment, voters, BigInt(id));
      expect(await refusal(execute(other, { id }))).to.match(/cannot be executed now: decided, and to be queued until/);
      const queued = await queue(other, { id });
      expect(queued.expected[2]).to.match(/^It can be executed from about \d{4}-.* on, for 14 days\.$/);
      expect(queued.transaction.events[0]).to.match(/^Proposal \d+…\d+ is queued, and can be executed from/);
      expect(await refusal(queue(other, { id }))).to.match(
        /cannot be queued now: queued, and to be executed from .* in (1 day|2 days)/,
      );
      expect(await refusal(execute(other, { id }))).to.match(/can be executed from \d{4}-.*, and the chain's time is/);
      await time.increase(17 * DAY);
      expect(await refusal(execute(other, { id }))).to.match(
        /cannot be executed now: not executed in time, which was until/,
      );
      const late = idOf(await proposing.proposeShares(voter, { ...SHARES, title: "Late" }));
      await pass(connection, deployment, voters, BigInt(late));
      await time.increase(15 * DAY);
      expect(await refusal(queue(other, { id: late }))).to.match(/cannot be queued now: not queued in time/);
    });

    it("should name the call that is refused in its target, and explain it by the target's own error", async () => {
      const { deployment, connection, other } = local();
      const calls = [
        { contract: "votes", function: "advance" },
        { contract: "emissionVault", function: "setShares", args: [[1, 0, 0, 0, 0, 0, 0, 0]] },
      ];
      const bad = await decided(await proposed(calls, { title: "Too little" }));
      expect(await refusal(execute(other, { id: bad }))).to.equal(
        "Call 2, XMEX emission shared out anew among streams: 0: 0.01 %, is refused now. The shares of the streams sum to 0.01 %, and have to " +
          "sum to 100 %: give others.",
      );
      // What users may do, the treasury may too; and its errors were never written for it.
      const settle = [{ contract: "adSettlement", function: "stop", args: [5] }];
      const ads = await decided(await proposed(settle, { title: "Stop it", anyway: true }));
      expect(await refusal(execute(other, { id: ads }))).to.match(
        /^Call 1, AdSettlement\.stop\(campaignId 5\), is refused now\. AdSettlement refuses: unknown campaign \(campaignId 5\)\.$/,
      );
      const silent = [{ contract: await deployment.xme.timelock.getAddress(), function: "updateDelay", args: [60] }];
      const done = await carried(await proposed(silent, { title: "Faster" }));
      expect(done.transaction.events).to.include("The timelock waits 1 minute from now on, instead of 2 days.");
      const mute = await connection.ethers.deployContract("AgentWallet", [other.account]);
      const call = [{ contract: await mute.getAddress(), function: "nothing()" }];
      const dumb = await decided(await proposed(call, { title: "Dumb", anyway: true }));
      expect(await refusal(execute(other, { id: dumb }))).to.match(/refuses and does not say why\.$/);
    });

    it("should cancel for the guardian alone, until the sunset", async () => {
      const { deployment, time } = local();
      const id = idOf(await proposing.proposeShares(voter, SHARES));
      expect(await refusal(cancel(voter, { id }))).to.match(
        /^Only the guardian, 0x\w{40}, can cancel a proposal, and not 0x/,
      );
      const done = await cancel(await guardian(), { id });
      expect(done.expected[0]).to.match(/^Cancelled for ever: proposal/);
      expect(done.transaction.events).to.deep.equal([done.transaction.events[0]]);
      expect(done.transaction.events[0]).to.match(/^Proposal \d+…\d+ is cancelled for ever\.$/);
      expect(await refusal(cancel(await guardian(), { id }))).to.match(
        /cannot be cancelled now: cancelled by the guardian/,
      );
      expect(await refusal(vote(voter, { ...NO_BALLOT, id, support: "for" }))).to.match(/cancelled by the guardian/);
      const next = idOf(await proposing.proposeShares(voter, { ...SHARES, title: "Next" }));
      await time.increaseTo(await deployment.xme.governor.sunset());
      expect(await refusal(cancel(await guardian(), { id: next }))).to.match(
        /^The sunset was at \d{4}-.*: nobody can cancel a proposal any more\.$/,
      );
      const status = (await readGovernment(voter, { id: "", last: "1" })) as GovernmentStatus;
      expect(status.guardian).to.equal(undefined);
      expect(describeGovernment(status)).to.match(/guardian none any more: since the sunset at/);
    });
  });

  describe("status", () => {
    it("should tell the rules, the treasury, and the latest proposals", async () => {
      const { connection, deployment, session } = local();
      expect(describeGovernment(await readGovernment(session, { id: "", last: "20" })))
        .to.contain("Nothing was proposed yet.")
        .and.contain("propose  with 1,000,000 vXME of votes")
        .and.contain("vote     1 day later, for 7 days, or 2 days from a late quorum")
        .and.contain("quorum   10,000,000 vXME for or abstaining, of 11,000,000 vXME in all")
        .and.contain("execute  2 days after queueing; 14 days to queue, and as long to execute")
        .and.match(/guardian 0x\w{40} may cancel until the sunset at/);
      expect(await refusal(readGovernment(session, { id: "1", last: "1" }))).to.match(/^Nothing was ever proposed/);
      const first = idOf(await proposing.proposeShares(voter, SHARES));
      await proposing.proposeShares(voter, { ...SHARES, title: `A \u001b[31mlong\u202e title ${"x".repeat(60)}` });
      await openVoting(connection, deployment, BigInt(first));
      const status = (await readGovernment(session, { id: "", last: "20" })) as GovernmentStatus;
      expect(status).to.include({ proposalCount: 2, proposalThreshold: parseEther("1000000") });
      expect(status.treasury.xme).to.equal(await deployment.xme.xme.balanceOf(status.treasury.address));
      expect(status.proposals.map(({ number }) => number)).to.deep.equal([2, 1]);
      expect(status.proposals[1]).to.include({ state: "active", quorum: parseEther("10000000") });
      const text = describeGovernment(status);
      expect(text).to.contain("voting is open until").and.contain("The latest 2 of 2;");
      for (const hidden of ["\u001b", "\u202e"]) expect(text).to.not.contain(hidden);
      expect(((await readGovernment(session, { id: "", last: "1" })) as GovernmentStatus).proposals).to.have.length(1);
      expect(((await readGovernment(session, { id: "", last: "0" })) as GovernmentStatus).proposals).to.have.length(0);
    });

    it("should tell one proposal with its calls and ballots, by its number or its id", async () => {
      const { connection, deployment, session } = local();
      const calls = [{ contract: "emissionVault", function: "setShares", args: [[1, 0, 0, 0, 0, 0, 0, 0]] }];
      const id = idOf(
        await proposed(calls, {
          title: "Less",
          description: `For\nreasons.\u001b[0m ${"long ".repeat(99)}end`,
          anyway: true,
        }),
      );
      const before = (await readGovernment(session, { id, last: "" })) as ProposalView;
      expect(before.proposal).to.include({ id: BigInt(id), state: "pending", quorum: undefined, number: undefined });
      expect(describeGovernment(before))
        .to.contain("  # Less\n\n  For\n  reasons.\\u001b[0m long")
        .and.contain("long long end")
        .and.contain("1. XMEX emission shared out anew among streams: 0: 0.01 %.")
        .and.contain("Call 1 would be refused now: The shares")
        .and.contain("Nobody has voted.");
      await openVoting(connection, deployment, BigInt(id));
      await vote(voter, { ...NO_BALLOT, id, support: "for" });
      const during = (await readGovernment(session, { id: "1", last: "" })) as ProposalView;
      expect(during.proposal.number).to.equal(1);
      expect(during.ballots).to.deep.equal([
        { voter: voter.account, support: "for", weight: parseEther("1000000"), reason: "" },
      ]);
      expect(describeGovernment(during)).to.contain("the quorum of 10,000,000 vXME needs 9,000,000 vXME more");
    });

    it("should tell what is within calls that carry others, or are to foreign contracts", async () => {
      const { deployment, connection, other } = local();
      const { accessManager, emissionVault, xme, governor } = deployment.xme;
      const grant = accessManager.interface.encodeFunctionData("grantRole", [0n, other.account, 0n]);
      const move = xme.interface.encodeFunctionData("transfer", [other.account, parseEther("5")]);
      const drawer = emissionVault.interface.encodeFunctionData("setDrawer", [0n, other.account]);
      const dollar = await connection.ethers.deployContract("TestDollar");
      const made = await proposed(
        [
          {
            contract: "accessManager",
            function: "multicall",
            args: [
              [
                grant,
                accessManager.interface.encodeFunctionData("execute", [await emissionVault.getAddress(), drawer]),
              ],
            ],
          },
          { contract: "governor", function: "relay", args: ["xme", 0, move] },
          {
            contract: await dollar.getAddress(),
            function: "transfer(address,uint256)",
            args: [other.account, 1500000],
          },
          {
            contract: await dollar.getAddress(),
            function: "approve(address,uint256)",
            args: [other.account, String(MaxUint256)],
          },
          { contract: "xme", function: "burn", args: ["1000000000000000000"] },
          { contract: "badge", function: "setAuthority", args: ["timelock"] },
        ],
        { title: "Hidden", anyway: true },
      );
      expect(made.expected.slice(1, 7)).to.deep.equal([
        `1. AccessManager.multicall: ${other.account} gets role 0 (admin); AccessManager.execute: stream 0 of the XMEX emission is drawn from by ${other.account}.`,
        `2. XmeGovernor.relay: 5 XME from XmeGovernor to ${other.account}.`,
        `3. 1.500000 TUSD (${await dollar.getAddress()}) from the treasury to ${other.account}.`,
        `4. ${other.account} may take any amount of TUSD (${await dollar.getAddress()}) from the treasury.`,
        "5. 1 XME of the treasury burned.",
        "6. Badge.setAuthority(newAuthority the treasury).",
      ]);
      expect(await governor.state(BigInt(idOf(made)))).to.equal(0n);
    });

    it("should show a foreign token's symbol so that no terminal obeys it, and with the token's address", async () => {
      const { connection, other } = local();
      const deploy = async (symbol: string): Promise<string> =>
        (await connection.ethers.deployContract("GovernmentToken", [symbol])).getAddress();
      const obeyed = "OK\u001b[2K\n2. Nothing\u202e else";
      const [false_, hostile, endless] = [await deploy("XMEX"), await deploy(obeyed), await deploy("A".repeat(999))];
      const transfer = (contract: string) => ({
        contract,
        function: "transfer(address,uint256)",
        args: [other.account, "1000000000000000000"],
      });
      const made = await proposed([false_, hostile, endless].map(transfer), { title: "Gifts", anyway: true });
      expect(made.expected.slice(1, 4)).to.deep.equal([
        `1. 1 XMEX (${false_}) from the treasury to ${other.account}.`,
        `2. 1 OK\\u001b[2K\\u000a2. Nothing\\u202e else (${hostile}) from the treasury to ${other.account}.`,
        `3. 1 ${"A".repeat(32)}… (${endless}) from the treasury to ${other.account}.`,
      ]);
      const text = describeGovernment(await readGovernment(voter, { id: idOf(made), last: "1" }));
      for (const hidden of ["\u001b", "\u202e", "\n2. Nothing"]) expect(text).to.not.contain(hidden);
      expect(text).to.contain(`1. 1 XMEX (${false_}) from the treasury`);
    });

    it("should show each hidden character of a text by its own number", async () => {
      const { session } = local();
      const made = await proposed([{ contract: "votes", function: "advance" }], {
        title: "Hidden",
        description: "a\u{e0041}b\u{e0042}c",
      });
      const view = await readGovernment(session, { id: idOf(made), last: "" });
      expect(describeGovernment(view)).to.contain("a\\u{e0041}b\\u{e0042}c");
    });

    it("should not blame the guardian for what was cancelled with its timelock", async () => {
      const { connection, deployment, other } = local();
      const { timelock, governor } = deployment.xme;
      const roles = [await governor.getAddress()];
      const next = await connection.ethers.deployContract("TimelockController", [2 * DAY, roles, roles, ZeroAddress]);
      const leave = { contract: "governor", function: "updateTimelock", args: [await next.getAddress()] };
      const left = idOf(await proposing.proposeShares(voter, { ...SHARES, title: "Left behind" }));
      const leaving = idOf(await proposed([leave], { title: "Leave", anyway: true }));
      await openVoting(connection, deployment, BigInt(leaving));
      for (const account of voters) await vote(account, { ...NO_BALLOT, id: left, support: "for" });
      await pass(connection, deployment, voters, BigInt(leaving));
      for (const id of [left, leaving]) await queue(other, { id });
      await local().time.increase(DELAY);
      await execute(other, { id: leaving });
      expect(await governor.timelock()).to.not.equal(await timelock.getAddress());
      expect(await refusal(execute(other, { id: left }))).to.match(
        /cannot be executed now: cancelled by the guardian, or with the timelock that it was queued in\.$/,
      );
    });
  });

  describe("badge", () => {
    it("should be minted for what is staked, shown, and burned", async () => {
      const { session } = local();
      expect(await refusal(badges.mintBadge(session))).to.match(/has 0 vXME, and a badge takes 1,000 vXME: stake more/);
      expect(await refusal(badges.burnBadge(session))).to.match(/^The account has no badge/);
      expect(badges.describeBadge(await badges.readBadge(session)))
        .to.contain("has 0 vXME, which reaches no tier")
        .and.match(/badge {4}none: it takes 1,000 vXME more, by `hardhat stake add`, then `hardhat gov badge mint`/)
        .and.match(/Patron +100,000 vXME +beta access, creator line/);
      expect(badges.describeBadge(await badges.readBadge(voter))).to.contain(
        "badge    none: `hardhat gov badge mint` gives it one",
      );
      const minted = await badges.mintBadge(voter);
      expect(minted.expected[0]).to.match(/^The badge of 0x\w{40}, as Patron\./);
      expect(minted.transaction.events).to.deep.equal([`${voter.account} has its badge now.`]);
      expect(await refusal(badges.mintBadge(voter))).to.match(/has its badge already/);
      expect(await badges.readBadge(voter)).to.deep.include({
        minted: true,
        tier: 3,
        entitlements: ["beta access", "creator line"],
      });
      expect(badges.describeBadge(await badges.readBadge(voter))).to.contain("active: beta access, creator line");
      await requestUnstake(voter, { amount: "1000000" });
      expect(badges.describeBadge(await badges.readBadge(voter))).to.contain("badge    inactive, without privileges");
      const burned = await badges.burnBadge(voter);
      expect(burned.transaction.events).to.deep.equal([`The badge of ${voter.account} was burned.`]);
    });
  });

  it("should send nothing for an account whose key is not here", async () => {
    const { connection, deployment } = local();
    const away = await sessionOf(connection, deployment, "0x000000000000000000000000000000000000dEaD");
    for (const flow of [
      () => proposing.proposeShares(away, SHARES),
      () => vote(away, { ...NO_BALLOT, id: "1", support: "for" }),
      () => signVote(away, { id: "1", support: "for", reason: "", voter: "" }),
      () => queue(away, { id: "1" }),
      () => execute(away, { id: "1" }),
      () => cancel(away, { id: "1" }),
      () => badges.mintBadge(away),
      () => buybacks.closePlan(away, { plan: "1" }),
    ]) {
      expect(await refusal(flow())).to.match(/has no key of 0x0+dEaD/);
    }
  });

  it("should list, show, vote by number and name roles on a node that limits the blocks of an answer", async () => {
    const { connection, deployment } = local();
    const shares = idOf(await proposing.proposeShares(voter, SHARES));
    await connection.networkHelpers.mine(600);
    const role = idOf(await proposing.proposeRole(voter, { ...ROLE, grant: voter.account }));
    await connection.networkHelpers.mine(600);
    await openVoting(connection, deployment, BigInt(role));
    await vote(voters[1] as Session, { ...NO_BALLOT, id: shares, support: "against" });
    await onNarrow(local(), async (narrow) => {
      const poor = await narrow.session(voter.account);
      const all = (await readGovernment(poor, { id: "", last: "5" })) as GovernmentStatus;
      expect(all.proposals.map(({ number, id }) => [number, String(id)])).to.deep.equal([
        [2, role],
        [1, shares],
      ]);
      expect(describeGovernment(all)).to.match(/\n2: 0x\w{40} gets role \d+ \(settler\)\.\n/);
      const done = await vote(poor, { ...NO_BALLOT, id: "1", support: "for", reason: "It is fair." });
      expect(done.transaction.events[0]).to.contain("voted for on proposal");
      const one = (await readGovernment(poor, { id: "1", last: "" })) as ProposalView;
      expect(one.ballots.map(({ voter: who, support }) => [who, support])).to.deep.equal([
        [(voters[1] as Session).account, "against"],
        [voter.account, "for"],
      ]);
      expect(describeGovernment(one)).to.match(/voted for with 1,000,000 vXME: "It is fair\."$/);
      expect(await refusal(readGovernment(poor, { id: "3", last: "" }))).to.match(
        /^There is no proposal 3: .* 1 to 2;/,
      );
      const before = narrow.asked.length;
      const whole = (await readGovernment(poor, { id: shares, last: "" })) as ProposalView;
      expect(whole.proposal).to.include({ id: BigInt(shares), number: undefined });
      expect(whole.ballots).to.deep.equal(one.ballots);
      // Now and then a quarter more is tried: when, depends on which of the answers that are waited for at once comes first.
      expect(Math.max(...narrow.asked.slice(before)), "what the limit is was known").to.be.at.most(625);
      expect(await refusal(proposing.proposeRole(poor, { ...ROLE, revoke: poor.account }))).to.match(
        /has not role \d+ \(settler\)/,
      );
    });
  });

  it("should govern XP in the suite, whose contracts and roles have names of their own", async () => {
    const connection = await hre.network.create({
      network: "default",
      override: { allowBlocksWithSameTimestamp: true },
    });
    const { deployment } = await deploy(hre, connection, { economy: "suite" });
    const [first] = await electorate(connection, deployment, 1);
    if (!first) throw new Error("one voter was asked for");
    const role = { ...ROLE, manager: "xp.accessManager", role: "minter", grant: "xp.redistributor" };
    expect(await refusal(proposing.proposeRole(first, { ...role, revoke: "xp.xpMarket" }))).to.match(
      /^XPMarket has not role 1 \(minter\)/,
    );
    // In the second block of a second, where chains are that fast.
    const { time } = connection.networkHelpers;
    await time.setNextBlockTimestamp(await time.latest());
    const done = await proposing.proposeRole(first, { ...role, delay: "1h" });
    const view = (await readGovernment(first, { id: idOf(done), last: "" })) as ProposalView;
    expect(view.proposal.proposer).to.equal(first.account);
    expect(done.expected[1]).to.equal("1. EpochRedistributor gets role 1 (minter), to act 1 hour after it says so.");
    const calls = [
      { contract: "xp.serviceMarket", function: "setBondBps", args: [9000] },
      { contract: "serviceMarket", function: "setTreasury", args: ["xp.accessManager"] },
      { contract: "paymentToken", function: "transfer", args: ["timelock", 2500000] },
    ];
    const path = file(calls);
    expect(await refusal(proposing.propose(first, { ...BASE, file: path }))).to.match(
      /: the treasury could not do that now\. ServiceMarket refuses: bond out of range \(bondBps 9000, .*\)\. Add --anyway/,
    );
    const anyway = await proposing.propose(first, { ...BASE, anyway: true, title: "XP", file: path });
    expect(anyway.expected.slice(1, 4)).to.deep.equal([
      "1. ServiceMarket.setBondBps(newBondBps 90 %).",
      "2. ServiceMarket.setTreasury(newTreasury FlywheelAccessManager).",
      "3. 2.500000 TUSD from the treasury to the treasury.",
    ]);
  });

  it("should know of every number in a contract's calls what it counts", async () => {
    const unknown: string[] = [];
    let units = 0;
    const records = [CONTRACTS.xme, CONTRACTS.xp, CONTRACTS.rank].flatMap((economy) => Object.values(economy));
    for (const kind of new Set(records.map(({ contract }) => contract))) {
      if (!(await hre.artifacts.artifactExists(kind))) continue;
      new Interface((await hre.artifacts.readArtifact(kind)).abi).forEachFunction((fragment) => {
        if (fragment.constant || isPhrased(kind, fragment.name)) return;
        for (const input of fragment.inputs) {
          const unit = unitOf(kind, fragment.name, input);
          if (unit) {
            units++;
            expect(unit(10n ** 9n, { chainId: 1n, payment: undefined }), `${kind}.${fragment.name}`).to.match(
              / [A-Z%a-z]|^\d{4}-|^[\d,]+$/,
            );
          } else if (/^u?int/.test(input.type) && !COUNTS.test(input.name) && !NUMBERED.has(`${kind}.${input.name}`)) {
            unknown.push(`${kind}.${fragment.name} ${input.name}`);
          }
        }
      });
    }
    expect(unknown).to.deep.equal([]);
    expect(units).to.be.above(100);
    const inputOf = (signature: string) => FunctionFragment.from(signature).inputs[0];
    const unit = unitOf("VotingXME", "stake", inputOf("function stake(uint256 amount)") as ParamType);
    const delegated = new Interface((await hre.artifacts.readArtifact("NodeStaking")).abi).getFunction("delegate");
    const amount = unitOf("NodeStaking", "delegate", delegated?.inputs[1] as ParamType);
    expect(amount?.(parseEther("1"), { chainId: 1n, payment: undefined })).to.equal("1 XMEX");
    expect(unit?.(MaxUint256, { chainId: 1n, payment: undefined })).to.equal("any amount of XME");
  });

  it("should have a sentence for every refusal that users can meet, and for every event, whatever its values", () => {
    const unworded: string[] = [];
    let sentences = 0;
    for (const [key, { contract: kind }] of Object.entries(CONTRACTS.xme)) {
      const words = GOV_WORDS[kind];
      if (!words) continue;
      local()
        .deployment.contract("xme", key)
        .interface.fragments.forEach((fragment) => {
          const { type, name, inputs } = fragment as ErrorFragment | EventFragment;
          if (type !== "error" && type !== "event") return;
          if (type === "error" ? NOT_OF_GOVERNANCE.some((one) => one.test(name)) : NOT_TOLD.test(name)) return;
          // What is not governed there is told by name and values.
          if (type === "event" && ["AdSettlement", "NodeStaking"].includes(kind)) return;
          const sentence = (type === "error" ? words.refusals : words.events)[name];
          if (!sentence) return void unworded.push(`${kind}: ${name}`);
          for (const number of [0n, 1n, 2n ** 40n, 8_640_000_000_001n, MaxUint256]) {
            const values = inputs.map(({ baseType, type: full }) =>
              baseType === "address"
                ? `0x${"12".repeat(20)}`
                : baseType === "array"
                  ? full.startsWith("tuple")
                    ? [{ name: "x", minimum: number, entitlements: [] }]
                    : [number]
                  : /int/.test(baseType)
                    ? number
                    : baseType === "bool"
                      ? number === 0n
                      : baseType === "bytes32"
                        ? ZeroHash
                        : "0x",
            );
            expect(sentence(values as never), `${kind}: ${name}`)
              .to.match(/[."]$/)
              .and.not.match(/undefined|NaN|\[object/);
            sentences++;
          }
        });
    }
    expect(unworded).to.deep.equal([]);
    expect(sentences).to.be.above(400);
  });

  it("should announce each step before it sends it", async () => {
    const { connection, deployment, other, time, later } = local();
    await expectAnnouncedFirst(voter, (s) => proposing.proposeShares(s, SHARES));
    await expectAnnouncedFirst(voter, (s) => proposing.proposeBuyback(s, PLAN));
    const id = idOf(await proposing.proposeBuyback(voter, PLAN));
    await expectAnnouncedFirst(await guardian(), (s) => cancel(s, { id }));
    await openVoting(connection, deployment, BigInt(id));
    await expectAnnouncedFirst(voter, (s) => vote(s, { ...NO_BALLOT, id, support: "for" }));
    await pass(connection, deployment, voters, BigInt(id));
    await expectAnnouncedFirst(other, (s) => queue(s, { id }));
    await queue(other, { id });
    await time.increase(DELAY);
    await expectAnnouncedFirst(other, (s) => execute(s, { id }));
    await execute(other, { id });
    await expectAnnouncedFirst(other, (s) => buybacks.executeSlice(s, { plan: "1" }));
    await later(40);
    await expectAnnouncedFirst(other, (s) => buybacks.closePlan(s, { plan: "1" }));
    await expectAnnouncedFirst(voter, (s) => badges.mintBadge(s));
    await badges.mintBadge(voter);
    await expectAnnouncedFirst(voter, (s) => badges.burnBadge(s));
  });

  context("given a recorded deployment", () => {
    let chain: Recorded;

    before(async () => {
      chain = await recorded("xme");
    });
    after(() => chain.remove());

    it("should work from the command line, with --json for machines", async function () {
      this.timeout(240_000);
      await act(chain, saleTasks, "sale buy", { amount: "1000000", account: "7" });
      const [status, staked, refused] = await Promise.all([
        chain.run(["gov", "status"]),
        chain.run(["stake", "add", "--amount", "1000000", "--account", "7"]),
        chain.run(["gov", "propose", "shares", "--shares", "50", "--json"]),
      ]);
      expect(status.output).to.contain("Nothing was proposed yet.");
      expect(staked.output)
        .to.match(/^1,000,000 XME for as much vXME\./)
        .and.match(/0x\w{40} now holds 1,000,000 vXME\.\n$/);
      expect(refused.code).to.equal(1);
      expect((JSON.parse(refused.output) as { error: string }).error).to.match(/^--shares sum to 50 %/);
      // Votes count a second after they came.
      await rpc(chain.anvil.url, "evm_increaseTime", 5);
      await rpc(chain.anvil.url, "evm_mine");
      const made = await chain.run(["gov", "propose", "shares", "--shares", "40,20,20,20", "--account", "7"]);
      expect(made.output)
        .to.match(/^Proposal \d+: XMEX emission shared out anew/)
        .and.match(/now holds 1,000,000 vXME\.\n$/);
    });

    it("should have in every command the options that it reads", async function () {
      this.timeout(120_000);
      const done: string[] = [];
      const run = async (name: string, given: Readonly<Record<string, string | boolean>> = {}): Promise<string> => {
        done.push(name);
        return act(chain, [...stakeTasks, ...govTasks], name, given);
      };
      const move = async (seconds: number): Promise<void> => {
        await rpc(chain.anvil.url, "evm_increaseTime", seconds);
        await rpc(chain.anvil.url, "evm_mine");
      };
      const no = async (name: string, given: Readonly<Record<string, string | boolean>> = {}): Promise<string> =>
        refusal(run(name, given));
      const one = { account: "7" };
      const id = { id: "1" };
      expect(await no("stake add", { ...one, amount: "1" })).to.match(/holds 0 XME/);
      await run("stake request", { ...one, amount: "10" });
      await run("stake restake", { ...one, amount: "5" });
      await run("stake delegate", { ...one, to: "nobody" });
      await run("stake delegate", one);
      expect(await no("stake withdraw", one)).to.match(/^The XME can be taken from/);
      expect(await no("stake claim", one)).to.match(/has earned no XMEX/);
      expect(await no("stake income", { ...one, amount: "1" })).to.match(/holds 0 XMEX/);
      expect(JSON.parse(await run("stake status", { ...one, json: true }))).to.include({
        staked: String(parseEther("999995")),
      });
      const path = file([{ contract: "votes", function: "advance" }]);
      await move(5);
      for (const [name, given] of [
        ["", { file: path }],
        [" drawer", { stream: "4", drawer: "votes" }],
        [" spend", { token: "XME", amount: "1", to: "0x000000000000000000000000000000000000dEaD" }],
        [" buyback", { total: "1000", slice: "10" }],
        [" role", { role: "settler", grant: "0x000000000000000000000000000000000000dEaD" }],
        [" policy", { policy: "feed", text: path, uri: "ipfs://feed" }],
        [" shares", { shares: "100" }],
      ] as const) {
        expect(await no(`gov propose${name}`, { ...one, ...given }), name).to.match(
          /had 999,995 vXME of votes a second ago/,
        );
      }
      await move(DAY + 60);
      expect(await no("gov vote", { ...one, ...id, support: "yes" })).to.match(/^--support is "yes"/);
      const ballot = await run("gov sign-vote", { ...one, ...id, support: "for" });
      expect(await run("gov vote", { account: "8", signature: ballot })).to.contain("needed for the quorum");
      expect(await no("gov queue", id)).to.match(/cannot be queued now: voting is open until/);
      expect(await no("gov execute", id)).to.match(/cannot be executed now: voting is open until/);
      expect(JSON.parse(await run("gov status", { ...id, json: true }))).to.have.nested.property(
        "proposal.state",
        "active",
      );
      expect(await run("gov cancel", { ...id, account: "1" })).to.contain("Cancelled for ever");
      expect(await run("gov status")).to.contain("cancelled by the guardian");
      expect(await run("gov policy")).to.match(/^Nothing was decided yet/);
      expect(await run("gov buyback status")).to.match(/^No buyback was ever decided/);
      expect(await no("gov buyback execute", { plan: "1" })).to.match(/^There is no plan 1/);
      expect(await no("gov buyback close", { plan: "1" })).to.match(/^There is no plan 1/);
      await run("stake advance");
      await run("gov badge mint", one);
      expect(await run("gov badge status", one)).to.contain("active: beta access, creator line");
      await run("gov badge burn", one);
      const all = [...stakeTasks, ...govTasks].map(({ id: name }) => name.join(" "));
      const groups = ["stake", "gov", "gov badge", "gov buyback"];
      expect(all.filter((name) => !groups.includes(name))).to.have.members([...new Set(done)]);
    });
  });
});
