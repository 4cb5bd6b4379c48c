import { expect } from "chai";
import {
  type BaseContract,
  type ErrorFragment,
  type EventFragment,
  id,
  MaxUint256,
  parseEther,
  ZeroAddress,
} from "ethers";

import type { Deployment } from "../../../src/deployment/open.js";
import { formatMoment } from "../../../tasks/support/inputs.js";
import { describeOutcome } from "../../../tasks/support/outcome.js";
import { type Session, sessionOf } from "../../../tasks/support/session.js";
import * as agents from "../../../tasks/xp/flows/agents.js";
import * as jobs from "../../../tasks/xp/flows/jobs.js";
import * as reputation from "../../../tasks/xp/flows/reputation.js";
import { describeStatus, readStatus } from "../../../tasks/xp/flows/status.js";
import * as weeks from "../../../tasks/xp/flows/weeks.js";
import { xpTasks } from "../../../tasks/xp/index.js";
import { quoted, wordsIn } from "../../../tasks/xp/words.js";
import { hooksAreHeard, rpc } from "../../support/anvil.js";
import { asked } from "../../support/sendingTasks.js";
import { act, deployed, expectAnnouncedFirst, type Recorded, recorded, refusal } from "../../support/tasks.js";
import { actor, arbiterOf, dollars, giveXp, JOB, startWork } from "../../support/xpTasks.js";

const NO_WALLET = { agent: "1", wallet: "", signature: "", deadline: "", unset: false };

/** Errors that only a deployment, governance, or a contract that is not this project's can meet. */
const NOT_OF_USERS = [
  /HasNoCode$/,
  /^TierRouter_(NoCode|NoPool|NotPool|Quote)$/,
  /^ServiceMarket_(TokenWithoutDecimals|TooManyDecimals|InvalidTreasury|BondOutOfRange)$/,
  /^EpochRedistributor_(NoDecimals|TooManyDecimals|NotMarket|TrustAboveMaximum|TooMuchVolume|TooMuchFees|KappaAboveMaximum)$/,
  /^FeeTiers_(TooManyTiers|PriceNotAbovePrevious|FeeIsZero|FeeNotBelowPrevious)$/,
  /^XPMarket_(PaymentTokenIsXp|TooManyDecimals)$/,
  /^AccessManagedInvalidAuthority$/,
  /^SafeERC20FailedOperation$|^ERC20|^ERC2612|^ECDSA|^InvalidAccountNonce$/,
  /^ERC721(IncorrectOwner|InvalidApprover|InvalidOperator|InvalidSender)$/,
  /^InvalidShortString$|^StringTooLong$/,
];
/** Events of governance, of transfers between accounts, and of OpenZeppelin's parts. */
const NOT_TOLD =
  /^(Transfer|Approval|ApprovalForAll|BatchMetadataUpdate|MetadataUpdate|EIP712DomainChanged|AuthorityUpdated)$|Changed$/;

describe("hardhat xp", () => {
  const local = deployed("xp", 5);
  before(() => startWork(local()));

  /** Job 1, as far as it is asked for. */
  async function job(until: "open" | "accepted" | "delivered" | "rejected"): Promise<void> {
    const { session, other } = local();
    await jobs.open(other, JOB);
    if (until === "open") return;
    await jobs.accept(session, { job: "1", agent: "1", maxFee: "" });
    if (until === "accepted") return;
    await jobs.deliver(session, { job: "1", result: "a translation" });
    if (until === "delivered") return;
    await jobs.reject(other, { job: "1", reason: "half of it" });
  }
  const creditOf = (who: Session): Promise<bigint> => local().deployment.xp.serviceMarket.creditOf(who.account);

  describe("register, uri, metadata", () => {
    it("should register an agent with the file and the metadata given, and tell its number", async () => {
      const { other, deployment } = local();
      const { agentRegistry } = deployment.xp;
      const plain = await agents.register(other, { uri: "", metadata: "" });
      expect(plain.expected).to.deep.equal([
        `Agent 2 or a later number, owned by ${other.account}, which is its wallet too.`,
        "Its registration file can follow with `hardhat xp uri`.",
      ]);
      expect(plain.transaction.events[0]).to.equal(`Agent 2 was registered for ${other.account}.`);
      expect(plain.transaction.logs[0]).to.deep.include({ event: "Registered" });
      expect(plain.transaction.logs[0]?.args).to.deep.include({ agentId: 2n, owner: other.account });
      await agents.register(other, { uri: "ipfs://three", metadata: '{"model":"small","key":"0x1234"}' });
      expect(await agentRegistry.tokenURI(3n)).to.equal("ipfs://three");
      expect(await agentRegistry.getMetadata(3n, "model")).to.equal("0x736d616c6c");
      expect(await agentRegistry.getMetadata(3n, "key")).to.equal("0x1234");
    });

    it("should move its file and set what is known of it", async () => {
      const { session, deployment } = local();
      const moved = await agents.moveFile(session, { agent: "1", uri: "https://agent.test/1" });
      expect(moved.expected[0]).to.contain('moves from "ipfs://agent" to "https://agent.test/1"');
      expect(await deployment.xp.agentRegistry.tokenURI(1n)).to.equal("https://agent.test/1");
      const set = await agents.setMetadata(session, { agent: "1", key: "model", value: "large" });
      expect(set.expected[0]).to.equal('What is known of agent 1 under "model" changes from nothing to "large".');
      expect(set.transaction.events).to.deep.equal(['Agent 1 has the metadata "model" = "large".']);
      const other = await agents.setMetadata(session, { agent: "1", key: "model", value: "0xff0102" });
      expect(other.expected[0]).to.equal('What is known of agent 1 under "model" changes from "large" to 0xff0102.');
      const hidden = await agents.setMetadata(session, { agent: "1", key: "model", value: "0x41e2808b" });
      expect(hidden.expected[0]).to.match(/ changes from 0xff0102 to "A\\u200b"\.$/);
    });

    it("should say so when metadata, agent or owner are wrong, and send nothing", async () => {
      const { session, other } = local();
      const nonce = await session.signer?.getNonce();
      const registering = (metadata: string): Promise<string> =>
        refusal(agents.register(session, { uri: "", metadata }));
      expect(await registering("model=small")).to.match(/^--metadata is "model=small": write a JSON object of texts/);
      expect(await registering("[]")).to.match(/^--metadata is "\[\]"/);
      expect(await registering('{"model":1}')).to.match(/^--metadata has no text under "model"/);
      expect(await registering('{"agentWallet":"0x"}')).to.match(/^The metadata key "agentWallet" is the wallet's/);
      expect(await refusal(agents.moveFile(session, { agent: "", uri: "" }))).to.match(/^--agent is missing/);
      expect(await refusal(agents.moveFile(session, { agent: "7", uri: "" }))).to.match(/^There is no agent 7:/);
      expect(await refusal(agents.moveFile(other, { agent: "1", uri: "" }))).to.match(
        /neither owns agent 1 nor is approved for it/,
      );
      expect(await refusal(agents.setMetadata(session, { agent: "1", key: "", value: "" }))).to.match(
        /^--key is missing/,
      );
      expect(await session.signer?.getNonce()).to.equal(nonce);
    });
  });

  describe("wallet and consent", () => {
    it("should make an account of the network the wallet, which signs for it", async () => {
      const { session, deployment } = local();
      const wallet = await actor(local(), "9");
      const done = await agents.setWallet(session, { ...NO_WALLET, wallet: "9" });
      expect(done.expected[0]).to.match(new RegExp(`^${wallet.account} receives what agent 1 earns from its next job`));
      expect(await deployment.xp.agentRegistry.getAgentWallet(1n)).to.equal(wallet.account);
    });

    it("should tell on a public network what is to be signed, in words and as it is, before it asks", async () => {
      const { session, deployment } = local();
      const wallet = await actor(local(), "9");
      const registry = await deployment.xp.agentRegistry.getAddress();
      const words = (shown: string): readonly string[] => {
        const [agreement = "", ...fields] = shown.split("\n");
        const [, until = ""] =
          new RegExp(
            `^${wallet.account} agrees to receive what agent 1 earns while ${session.account} owns it, if that is told to the registry by (.+)\\.$`,
          ).exec(agreement) ?? [];
        expect(until, agreement).to.match(/^\d{4}-\d\d-\d\d /);
        return fields;
      };
      const signed = [
        `A signed AgentWalletSet for the contract ${registry} on chain 31337:`,
        "  agentId: 1",
        `  newWallet: ${wallet.account}`,
        `  owner: ${session.account}`,
      ];
      const alone = asked(wallet, "n");
      expect(await refusal(agents.consent(alone.asking, { agent: "1" }))).to.equal(
        "Nothing was signed or sent, since the answer was not yes.",
      );
      const fields = words(alone.shown());
      expect(fields.slice(0, 4)).to.deep.equal(signed);
      expect(fields[4]).to.match(/^ {2}deadline: \d{10}$/);
      expect(fields.slice(5)).to.deep.equal(["Sign it? [y/N] "]);
      const halfway = asked(session, "y", "n");
      expect(await refusal(agents.setWallet(halfway.asking, { ...NO_WALLET, wallet: "9" }))).to.equal(
        "Nothing more was signed or sent, since the answer was not yes.",
      );
      const both = words(halfway.shown());
      expect(both.slice(0, 4)).to.deep.equal(signed);
      expect(both.slice(5).join("\n")).to.match(
        /^Sign it\? \[y\/N\] It takes about [\d,]+ gas.*\nSend it\? \[y\/N\] $/,
      );
      await agents.setWallet(asked(session, "y", "y").asking, { ...NO_WALLET, wallet: "9" });
      expect(await deployment.xp.agentRegistry.getAgentWallet(1n)).to.equal(wallet.account);
    });

    it("should take a consent that was signed elsewhere", async () => {
      const { session, connection, deployment } = local();
      const wallet = await actor(local(), "9");
      const given = await agents.consent(wallet, { agent: "1" });
      expect(given).to.include({ agent: 1n, wallet: wallet.account, owner: session.account });
      expect(agents.describeConsent(given)).to.contain(`--signature ${given.signature}`);
      // The same as if its key were not here: the address alone is known.
      const away = await sessionOf(connection, deployment, wallet.account);
      const input = { ...NO_WALLET, wallet: away.account, signature: given.signature };
      expect(await refusal(agents.setWallet(session, input))).to.match(/^--deadline is missing: it comes with/);
      await agents.setWallet(session, { ...input, deadline: String(given.deadline) });
      expect(await deployment.xp.agentRegistry.getAgentWallet(1n)).to.equal(wallet.account);
    });

    it("should leave the agent without a wallet when asked to", async () => {
      const { session, deployment } = local();
      const done = await agents.setWallet(session, { ...NO_WALLET, unset: true });
      expect(done.expected[0]).to.contain(`loses its wallet ${session.account}`);
      expect(done.transaction.events).to.deep.equal(["Agent 1 has no wallet now: its owner receives what it earns."]);
      expect(await deployment.xp.agentRegistry.getAgentWallet(1n)).to.match(/^0x0+$/);
    });

    it("should say so when the consent is missing, of another, or over", async () => {
      const { session, time } = local();
      const wallet = await actor(local(), "9");
      const setting = (input: Partial<typeof NO_WALLET>): Promise<string> =>
        refusal(agents.setWallet(session, { ...NO_WALLET, ...input }));
      const stranger = "0x000000000000000000000000000000000000dEaD";
      expect(await setting({})).to.match(/^--wallet is missing/);
      expect(await setting({ wallet: "9", unset: true })).to.match(/^--wallet and --unset say opposite things/);
      expect(await setting({ wallet: "99" })).to.match(/^--wallet is 99, but network "default" has 20 accounts/);
      expect(await setting({ wallet: stranger })).to.match(/has no key of 0x0{36}dEaD, whose consent is needed/);
      expect(await setting({ wallet: "9", signature: "signed", deadline: "1" })).to.match(/^--signature is "signed"/);
      const { signature, deadline } = await agents.consent(wallet, { agent: "1" });
      const over = { wallet: "9", signature, deadline: String(deadline) };
      expect(await setting({ ...over, wallet: "8" })).to.match(/has not signed that it becomes the wallet of agent 1/);
      expect(await setting({ ...over, deadline: String(deadline + 1_000n) })).to.match(/^The wallet's consent runs to/);
      expect(await setting({ ...over, deadline: "10000000000000000" })).to.match(
        /^The wallet's consent runs to Unix second 10,000,000,000,000,000, later than the \d{4}-/,
      );
      await time.increase(600);
      expect(await setting(over)).to.match(/^The wallet's consent ran out at \d{4}-/);
    });
  });

  describe("transfer", () => {
    it("should say before that the wallet is lost, and that unclaimed XP goes with the agent", async () => {
      const { session, other, later, deployment } = local();
      await job("delivered");
      await jobs.settle(other, { job: "1" });
      await later(7);
      await jobs.open(other, { ...JOB, payment: "200" });
      await jobs.accept(session, { job: "2", agent: "1", maxFee: "" });
      await jobs.deliver(session, { job: "2", result: "done" });
      await jobs.settle(other, { job: "2" });
      const buyer = await actor(local(), "9");
      const given = await agents.transfer(session, { agent: "1", to: buyer.account });
      expect(given.expected).to.deep.equal([
        `Agent 1 goes from ${session.account} to ${buyer.account}, who alone can give it back.`,
        `It loses its wallet ${session.account}: what it earns from its next job on goes to ${buyer.account}; jobs that it has accepted pay ` +
          "whom they named then.",
        "Unclaimed XP goes with it: 500 XP, from epoch 1: 500 XP. To keep it, stop here and run `hardhat xp claim --agent 1` first.",
        "What it earns in this week goes with it too, and cannot be claimed yet: 100 XP if the week ended now.",
      ]);
      expect(given.transaction.events).to.include(
        `Agent 1 belongs to ${buyer.account} now, and not to ${session.account}.`,
      );
      const { agentRegistry } = deployment.xp;
      expect(await agentRegistry.ownerOf(1n)).to.equal(buyer.account);
      expect(await agentRegistry.getAgentWallet(1n)).to.match(/^0x0+$/);
      await later(7);
      const claimed = await weeks.claim(buyer, { agent: "1", epoch: "", to: "" });
      expect(claimed.balance).to.equal(parseEther("600"));
    });

    it("should say so where no XP waits and the agent has no wallet", async () => {
      const { session, other } = local();
      await agents.setWallet(session, { ...NO_WALLET, unset: true });
      const given = await agents.transfer(session, { agent: "1", to: other.account });
      expect(given.expected.slice(1)).to.deep.equal([
        `It has no wallet: what it earns from its next job on goes to ${other.account}; jobs that it has accepted pay whom they named then.`,
        "No XP waits to be claimed for it.",
      ]);
    });

    it("should say so when agent, owner or receiver are wrong, and send nothing", async () => {
      const { session, other, connection, deployment } = local();
      const nonce = await session.signer?.getNonce();
      const giving = (input: object, who = session): Promise<string> =>
        refusal(agents.transfer(who, { agent: "1", to: other.account, ...input }));
      expect(await giving({ to: "" })).to.match(/^--to is missing: give the address that is to own the agent/);
      expect(await giving({ to: "0x12" })).to.match(/^--to is "0x12": write an address/);
      expect(await giving({ agent: "7" })).to.match(/^There is no agent 7/);
      expect(await giving({}, other)).to.match(/neither owns agent 1 nor is approved for it/);
      const market = await deployment.xp.serviceMarket.getAddress();
      expect(await giving({ to: market })).to.contain("this deployment's contract ServiceMarket and nobody's account");
      const stranger = `0x${"12".repeat(20)}`;
      // A contract that reverts without a word.
      await connection.networkHelpers.setCode(stranger, "0x5f5ffd");
      for (const to of [stranger, ZeroAddress]) expect(await giving({ to })).to.equal(`${to} cannot receive an agent.`);
      expect(await session.signer?.getNonce()).to.equal(nonce);
    });
  });

  describe("agent and status", () => {
    it("should tell owner, wallet, age, trust, work, fee, this week and what can be claimed", async () => {
      const { session, other, later } = local();
      await job("delivered");
      await jobs.settle(other, { job: "1" });
      await giveXp(local(), session.account, "100");
      await reputation.lock(session, { agent: "1", amount: "100" });
      const now = await agents.readAgent(session, { agent: "1" });
      expect(now).to.deep.include({
        agent: 1n,
        owner: session.account,
        wallet: session.account,
        uri: "ipfs://agent",
        volumes: { accepted: dollars("1000"), settled: dollars("1000") },
        fee: { bps: 250n, until: undefined },
        claimable: [],
      });
      expect(now.trust).to.include({ success: parseEther("50"), lockedBonus: parseEther("20") });
      const { total, success = 0n, lockedBonus = 0n, age = 0n } = now.trust ?? {};
      expect(total).to.equal(success + lockedBonus + age);
      expect(now).to.deep.include({ left: undefined, notes: [] });
      // The source: 250 of fees earn 5,000 XP, so 25 earn 500.
      expect(now.week).to.include({ epoch: 1n, fees: dollars("25"), clients: 1n, estimate: parseEther("500") });
      await later(7);
      const then = await agents.readAgent(session, { agent: "1" });
      expect(then.claimable).to.deep.equal([{ epoch: 1n, amount: parseEther("500") }]);
      expect(agents.describeAgent(then))
        .to.contain("of 50 for success, 20.00 of 30 for 100 XP locked")
        .and.contain("claim    500 XP, from epoch 1: 500 XP");
      expect(await refusal(agents.readAgent(session, { agent: "2" }))).to.match(/^There is no agent 2/);
    });

    it("should tell an account's balances, credit, agents and fee", async () => {
      const { session, other } = local();
      await job("delivered");
      await jobs.settle(other, { job: "1" });
      const status = await readStatus(session);
      expect(status).to.include({ xp: 0n, credit: dollars("1025"), agents: 1n, feeBps: 250n, until: undefined });
      expect(describeStatus(status)).to.contain("credit   1,025 TUSD at the market, which `hardhat xp withdraw`");
    });

    it("should show what others wrote so that no terminal obeys it", () => {
      expect(quoted("a\u001b[31mb\u0007")).to.equal('"a\\u001b[31mb\\u0007"');
      expect(quoted("a\u202eb\u009bc")).to.equal('"a\\u202eb\\u009bc"');
      expect(quoted("x".repeat(300))).to.have.length(203);
    });
  });

  describe("faucet", () => {
    it("should give test dollars, and say what it gives at most", async () => {
      const { session, other } = local();
      const given = await jobs.faucet(session, { amount: "0.5", to: other.account });
      expect(given).to.include({ account: other.account, token: "TUSD", decimals: 6 });
      expect(given.balance).to.equal(dollars("1000000.5"));
      expect(describeOutcome(given)).to.match(/now holds 1,000,000\.500000 TUSD\.$/);
      expect(await refusal(jobs.faucet(session, { amount: "1000000000", to: "" }))).to.equal(
        "The faucet gives at most 100,000,000 TUSD at once, not 1,000,000,000 TUSD: give a lower --amount.",
      );
      expect(await refusal(jobs.faucet(session, { amount: "0.0000001", to: "" }))).to.match(
        /write how many TUSD, such as 12\.5, with at most 6 decimals/,
      );
    });
  });

  describe("open and cancel", () => {
    it("should escrow the payment in one transaction, and give it back as credit", async () => {
      const { session, other, deployment } = local();
      const nonce = (await other.signer?.getNonce()) ?? 0;
      const opened = await jobs.open(other, { ...JOB, agent: "1", minTrust: "0" });
      expect(await other.signer?.getNonce()).to.equal(nonce + 1);
      expect(opened.balance).to.equal(dollars("999000"));
      expect(opened.allowances).to.deep.equal([]);
      expect(opened.expected[0]).to.equal("Job 1 or a later number, with 1,000 TUSD in escrow, for agent 1.");
      expect(opened.expected[1]).to.match(/then 3 days to deliver; each side's bond is 50 TUSD\.$/);
      const { logs } = opened.transaction;
      expect(logs.map(({ event }) => event)).to.deep.equal(["JobOpened"]);
      expect(logs[0]?.args).to.include({ jobId: 1n, terms: id("translate a page") });
      expect(await refusal(jobs.cancel(session, { job: "1" }))).to.match(/^Only after \d{4}-.* open to everybody/);
      const cancelled = await jobs.cancel(other, { job: "1" });
      expect(cancelled.expected[0]).to.match(/^1,000 TUSD credited to 0x/);
      expect(await deployment.xp.serviceMarket.creditOf(other.account)).to.equal(dollars("1000"));
      expect(jobs.describeJob(await jobs.readJob(other, { job: "1" }))).to.match(/^Job 1 was cancelled/);
    });

    it("should say what to write when input is missing or wrong, and send nothing", async () => {
      const { session, other } = local();
      const nonce = await other.signer?.getNonce();
      const opening = (input: Partial<jobs.OpenInput>, who = other): Promise<string> =>
        refusal(jobs.open(who, { ...JOB, ...input }));
      expect(await opening({ payment: "" })).to.match(/^--payment is missing: write how many TUSD/);
      expect(await opening({ payment: "0" })).to.match(/^A job pays more than nothing and at most/);
      expect(await opening({ terms: "" })).to.match(/^--terms is missing/);
      expect(await opening({ openFor: "7" })).to.match(/^--open-for is "7": write a whole number and d, h, m or s/);
      expect(await opening({ openFor: "400d" })).to.match(
        /^A job is open to acceptance from now, .*shorter --open-for/,
      );
      expect(await opening({ deliverWithin: "59m" })).to.match(
        /^An agent gets from 1 hour to 365 days to deliver, not 59 minutes/,
      );
      expect(await opening({ minTrust: "101" })).to.match(/^Trust ends at 100 points, not 101/);
      expect(await opening({ agent: "9" })).to.match(/^There is no agent 9/);
      expect(await opening({ agent: "1" }, session)).to.match(/nobody hires their own agent/);
      expect(await opening({ payment: "2000000" })).to.match(/ holds 1,000,000 TUSD, and 2,000,000 TUSD are needed\.$/);
      expect(await refusal(jobs.cancel(other, { job: "1" }))).to.match(/^There is no job 1: `hardhat xp jobs`/);
      expect(await other.signer?.getNonce()).to.equal(nonce);
    });

    it("should take a hash for the text", async () => {
      const { other } = local();
      const opened = await jobs.open(other, { ...JOB, terms: id("secret") });
      expect(opened.transaction.logs[0]?.args).to.include({ terms: id("secret") });
    });
  });

  describe("accept, deliver, settle", () => {
    it("should end in the credits that were announced", async () => {
      const { session, other, deployment } = local();
      await jobs.open(other, JOB);
      const accepted = await jobs.accept(session, { job: "1", agent: "1", maxFee: "2.5" });
      expect(accepted.balance).to.equal(dollars("9950"));
      expect(accepted.expected[1]).to.equal(
        `Done well, the job brings 975 TUSD to ${session.account}, after a fee of 2.5 %, 25 TUSD.`,
      );
      const delivered = await jobs.deliver(session, { job: "1", result: "a translation" });
      expect(delivered.transaction.logs[0]?.args).to.include({ result: id("a translation") });
      expect(await refusal(jobs.settle(session, { job: "1" }))).to.match(/^Only after/);
      const settled = await jobs.settle(other, { job: "1" });
      expect(settled.expected).to.deep.equal([
        "Credited: 1,025 TUSD to the agent's side, 25 TUSD to the treasury; `hardhat xp withdraw` takes a credit out.",
        "The job counts as done.",
      ]);
      expect(settled.transaction.events[2]).to.match(/^Counted in epoch 1 for agent 1: a volume of 1,000 TUSD/);
      const taken = await jobs.withdraw(session, { to: other.account });
      expect(taken).to.include({ account: other.account, balance: dollars("1000025") });
      const collected = await jobs.collect(session);
      expect(collected.balance).to.equal(dollars("25"));
      expect(collected.account).to.equal(await deployment.xp.serviceMarket.treasury());
    });

    it("should settle for anybody once the review is over", async () => {
      const { later } = local();
      await job("delivered");
      await later(3);
      await jobs.settle(await actor(local(), "9"), { job: "1" });
      expect(await creditOf(local().session)).to.equal(dollars("1025"));
    });

    it("should say who or what does not allow it", async () => {
      const { session, other, later } = local();
      const accepting = (input: object, who = session): Promise<string> =>
        refusal(jobs.accept(who, { job: "1", agent: "1", maxFee: "", ...input }));
      expect(await accepting({})).to.match(/^There is no job 1/);
      await jobs.open(other, { ...JOB, minTrust: "80" });
      expect(await accepting({})).to.match(/^The job asks for 80\.00 points of trust, and agent 1 has 0\.00/);
      await jobs.cancel(other, { job: "1" });
      expect(await accepting({})).to.match(/^Job 1 is cancelled, which does not allow this/);
      await jobs.open(other, JOB);
      await agents.register(other, { uri: "", metadata: "" });
      expect(await accepting({ job: "2", maxFee: "2" })).to.match(/^The agent's fee is 2\.5 %, above the 2 % allowed/);
      expect(await accepting({ job: "2", maxFee: "200" })).to.match(/^--max-fee is "200": write a number of percent/);
      expect(await accepting({ job: "2" }, await actor(local(), "9"))).to.match(/neither owns agent 1/);
      expect(await accepting({ job: "2", agent: "2" }, other)).to.match(/nobody hires their own agent/);
      await jobs.accept(session, { job: "2", agent: "1", maxFee: "" });
      const stranger = await actor(local(), "9");
      const delivery = { job: "2", result: "done" };
      expect(await refusal(jobs.deliver(stranger, delivery))).to.match(/neither owns agent 1/);
      expect(await refusal(jobs.deliver(session, { job: "2", result: "" }))).to.match(/^--result is missing/);
      expect(await refusal(jobs.settle(other, { job: "2" }))).to.match(/^Job 2 is accepted, which does not allow this/);
      await later(3);
      expect(await refusal(jobs.deliver(session, delivery))).to.match(/^The time to do this with job 2 was over after/);
      expect(await refusal(jobs.withdraw(session, { to: "" }))).to.match(/has no credit at the market\.$/);
      expect(await refusal(jobs.collect(session))).to.equal("No fees wait for the treasury.");
    });
  });

  describe("reject, rule, split, refund", () => {
    it("should tell all that a rejection can come to, and give the winner both bonds", async () => {
      const { session, other } = local();
      await job("delivered");
      const rejected = await jobs.reject(other, { job: "1", reason: "half of it" });
      expect(rejected.balance).to.equal(dollars("998950"));
      expect(rejected.expected.slice(1)).to.deep.equal([
        "If it finds for the client: 1,100 TUSD to the client.",
        "If it finds for the agent: 1,075 TUSD to the agent's side, 25 TUSD to the treasury.",
        "If it stays silent: 487.500000 TUSD to the agent's side, 500 TUSD to the client, 112.500000 TUSD to the treasury.",
      ]);
      const ruling = (who: Session, winner: string): Promise<string> => refusal(jobs.rule(who, { job: "1", winner }));
      expect(await ruling(session, "agent")).to.match(/has not the role for this: `hardhat roles` shows who has\.$/);
      const arbiter = await arbiterOf(local());
      expect(await ruling(arbiter, "")).to.equal("--winner is missing: choose agent or client.");
      expect(await ruling(arbiter, "me")).to.equal('--winner is "me": choose agent or client.');
      await jobs.rule(arbiter, { job: "1", winner: "agent" });
      expect(await creditOf(session)).to.equal(dollars("1075"));
    });

    it("should pay the client where the arbiter finds for it", async () => {
      const { other } = local();
      await job("rejected");
      const ruled = await jobs.rule(await arbiterOf(local()), { job: "1", winner: "client" });
      expect(ruled.expected[1]).to.equal("The job counts as failed.");
      expect(await creditOf(other)).to.equal(dollars("1100"));
    });

    it("should split where the arbiter stays silent", async () => {
      const { session, other, later } = local();
      await job("rejected");
      expect(await refusal(jobs.split(other, { job: "1" }))).to.match(/^Only after/);
      await later(7);
      const ended = await jobs.split(other, { job: "1" });
      expect(ended.expected[1]).to.equal("The job counts for nothing.");
      expect([await creditOf(session), await creditOf(other)]).to.deep.equal([dollars("487.5"), dollars("500")]);
    });

    it("should refund the client where nothing was delivered", async () => {
      const { other, later } = local();
      await job("accepted");
      expect(await refusal(jobs.refund(other, { job: "1" }))).to.match(/^Only after/);
      await later(3);
      await jobs.refund(await actor(local(), "9"), { job: "1" });
      expect(await creditOf(other)).to.equal(dollars("1050"));
    });

    it("should say so when it is not the client that rejects, or too late", async () => {
      const { session, other, later } = local();
      await job("delivered");
      const reason = { job: "1", reason: "no" };
      expect(await refusal(jobs.reject(session, reason))).to.match(/is not the client of job 1/);
      expect(await refusal(jobs.reject(other, { job: "1", reason: "" }))).to.match(/^--reason is missing/);
      await later(3);
      expect(await refusal(jobs.reject(other, reason))).to.match(/^The time to do this with job 1 was over/);
    });
  });

  describe("job and jobs", () => {
    it("should tell in each state who may do what, and where the money goes", async () => {
      const { session, other, later } = local();
      const told = async (): Promise<string> => jobs.describeJob(await jobs.readJob(session, { job: "1" }));
      await jobs.open(other, JOB);
      expect(await told())
        .to.contain("accept: any agent, until")
        .and.contain("cancel: the client, at any time before")
        .and.not.contain("outcome");
      await jobs.accept(session, { job: "1", agent: "1", maxFee: "" });
      expect(await told())
        .to.contain("deliver: the agent, until")
        .and.match(/not delivered +– +1,050 TUSD +–/);
      await jobs.deliver(session, { job: "1", result: "done" });
      expect(await told())
        .to.contain("settle: the client, at once")
        .and.contain("reject: the client, until")
        .and.not.contain("not delivered");
      await jobs.reject(other, { job: "1", reason: "no" });
      expect(await told())
        .to.contain("rule: the arbiter, until")
        .and.match(/not ruled on +487\.500000 TUSD +500 TUSD +112\.500000 TUSD/);
      await later(7);
      expect(await told()).to.contain("split: anybody, since nobody ruled by");
      await jobs.split(session, { job: "1" });
      expect(await told())
        .to.contain("is split at")
        .and.contain("ended at");
    });

    it("should tell what silence leaves to anybody", async () => {
      const { session, other, later } = local();
      for (let i = 0; i < 3; i++) await jobs.open(other, { ...JOB, minTrust: "0" });
      for (const which of ["2", "3"]) await jobs.accept(session, { job: which, agent: "1", maxFee: "" });
      await jobs.deliver(session, { job: "3", result: "done" });
      await later(8);
      const told = async (which: string): Promise<string> =>
        jobs.describeJob(await jobs.readJob(session, { job: which }));
      expect(await told("1")).to.contain("cancel: anybody, since nobody accepted it by");
      expect(await told("2")).to.contain("refund: anybody, since it was not delivered by");
      expect(await told("3")).to.contain("settle: anybody, since the client did not reject it by");
    });

    it("should list the latest jobs that wait for somebody, or all", async () => {
      const { session, other } = local();
      expect(jobs.describeJobs(await jobs.readJobs(session, { last: "200", all: false }))).to.equal(
        "None of the latest 0 of 0 jobs waits for anybody.",
      );
      for (let i = 0; i < 3; i++) await jobs.open(other, JOB);
      await jobs.cancel(other, { job: "2" });
      const waiting = await jobs.readJobs(session, { last: "200", all: false });
      expect(waiting.jobs.map((entry) => entry.job)).to.deep.equal([3n, 1n]);
      expect(jobs.describeJobs(waiting)).to.match(/2 of the latest 3 of 3 jobs\.$/);
      const latest = await jobs.readJobs(session, { last: "2", all: true });
      expect(latest.jobs.map((entry) => entry.state)).to.deep.equal(["open", "cancelled"]);
    });
  });

  describe("claim, expire, finalise, epoch", () => {
    /** A job of the whole volume in each of two weeks, the second of which is over. */
    async function twoWeeks(): Promise<void> {
      const { session, other, later } = local();
      for (const which of ["1", "2"]) {
        await jobs.open(other, { ...JOB, payment: "10000" });
        await jobs.accept(session, { job: which, agent: "1", maxFee: "" });
        await jobs.deliver(session, { job: which, result: "done" });
        await jobs.settle(other, { job: which });
        await later(7);
      }
    }

    it("should pay what the source says work earns: one week's, or all that are over", async () => {
      const { session, other } = local();
      await twoWeeks();
      const first = await weeks.claim(session, { agent: "1", epoch: "1", to: other.account });
      // The source: 10,000 of volume, 250 of fees, 5,000 XP.
      expect(first.expected).to.deep.equal([`5,000 XP that agent 1 earned in epoch 1, to ${other.account}.`]);
      expect(first.balance).to.equal(parseEther("5000"));
      expect(await refusal(weeks.claim(session, { agent: "1", epoch: "1", to: "" }))).to.match(
        /^Agent 1 has nothing to claim for epoch 1/,
      );
      const rest = await weeks.claim(session, { agent: "1", epoch: "", to: "" });
      expect(rest.expected).to.deep.equal([
        "5,000 XP that agent 1 earned in epoch 2.",
        `5,000 XP in all, to ${session.account}.`,
      ]);
      expect(rest.balance).to.equal(parseEther("5000"));
      expect(rest.transaction.events[0]).to.match(/^Epoch 2 is final: 5,000 XP of its pool/);
      expect(await refusal(weeks.claim(session, { agent: "1", epoch: "", to: "" }))).to.match(
        /^Agent 1 has nothing to claim: it has been paid/,
      );
    });

    it("should say so when the week runs, nothing was recorded, or the agent is another's", async () => {
      const { session, other } = local();
      await job("delivered");
      await jobs.settle(other, { job: "1" });
      const claiming = (epoch: string, who = session): Promise<string> =>
        refusal(weeks.claim(who, { agent: "1", epoch, to: "" }));
      expect(await claiming("1")).to.match(/^Epoch 1 is not over: it is epoch 1 now/);
      expect(await claiming("one")).to.match(/^--epoch is "one"/);
      expect(await claiming("1", other)).to.match(/neither owns agent 1/);
      expect(await refusal(weeks.claim(session, { agent: "9", epoch: "", to: "" }))).to.match(/^There is no agent 9/);
      expect(await refusal(weeks.finalise(session))).to.match(/^Epoch 1 is still running: wait for epoch 2/);
      expect(await refusal(weeks.expire(session, { epoch: "2" }))).to.match(/^No job ended in epoch 2/);
      expect(await refusal(weeks.expire(session, { epoch: "1" }))).to.match(
        /^Epoch 1 can be claimed from until epoch 54/,
      );
    });

    it("should create a week's release once, and burn what nobody claimed in a year", async () => {
      const { session, later, deployment } = local();
      await twoWeeks();
      const released = await weeks.finalise(session);
      expect(released.expected).to.deep.equal(["5,000 XP are created for the agents of epoch 2."]);
      expect(await refusal(weeks.finalise(session))).to.equal("Nothing waits to be finalised.");
      await later(7 * 52);
      const expired = await weeks.expire(session, { epoch: "1" });
      expect(expired.expected[0]).to.match(/^5,000 XP that nobody claimed for epoch 1 are burned/);
      expect(await deployment.xp.xp.totalBurned()).to.equal(parseEther("5000"));
      expect(await refusal(weeks.expire(session, { epoch: "1" }))).to.match(/^Epoch 1 has expired/);
      expect(await refusal(weeks.claim(session, { agent: "1", epoch: "1", to: "" }))).to.match(/^Epoch 1 has expired/);
    });

    it("should tell pool, fees and release of the running week, of one that is over, and of one that is final", async () => {
      const { session, other } = local();
      await job("delivered");
      const before = await weeks.readEpoch(session, { epoch: "" });
      expect(before).to.include({ epoch: 1n, state: "nothing recorded", fees: 0n, released: 0n });
      await jobs.settle(other, { job: "1" });
      const running = await weeks.readEpoch(session, { epoch: "" });
      expect(running).to.include({ state: "running", pool: before.pool, fees: dollars("25"), kappa: parseEther("20") });
      expect(running.released).to.equal(parseEther("500"));
      expect(weeks.describeEpoch(running))
        .to.contain("release  500 XP if it ended now")
        .and.contain("the next begins at");
      await local().later(7);
      expect(await weeks.readEpoch(session, { epoch: "1" })).to.include({ state: "over, not final" });
      await weeks.finalise(session);
      const final = await weeks.readEpoch(session, { epoch: "1" });
      expect(final).to.include({ state: "final", pool: undefined, unclaimed: parseEther("500"), current: 2n });
      expect(weeks.describeEpoch(final)).to.contain("released 500 XP, of which 500 XP are left");
      expect(await refusal(weeks.readEpoch(session, { epoch: "3" }))).to.match(/^--epoch is 3: weeks count from 1/);
    });
  });

  it("should show no more of a week's release than XP's maximum leaves room for", async () => {
    const { session, other, deployment } = local();
    const { xp: token, redistributor } = deployment.xp;
    await job("delivered");
    await jobs.settle(other, { job: "1" });
    const before = await weeks.readEpoch(session, { epoch: "" });
    expect(before.released).to.equal(parseEther("500"));
    // Minted after the pool was fixed, which so is larger than what may still be created.
    await giveXp(local(), other.account, "99999900");
    expect((await token.MAX_SUPPLY()) - (await token.totalSupply())).to.equal(parseEther("100"));
    const running = await weeks.readEpoch(session, { epoch: "" });
    expect(running).to.include({ pool: before.pool, released: parseEther("100"), unclaimed: parseEther("100") });
    expect(running.released).to.equal(await redistributor.estimateOf(1n));
    await local().later(7);
    expect(await weeks.readEpoch(session, { epoch: "1" })).to.include({ released: parseEther("100") });
    await weeks.finalise(session);
    expect(await weeks.readEpoch(session, { epoch: "1" })).to.include({ state: "final", released: parseEther("100") });
  });

  describe("lock, unlock, relock, take", () => {
    it("should tell what each does to trust, and give the XP back after the wait", async () => {
      const { session, later, deployment } = local();
      await giveXp(local(), session.account, "1000");
      const nonce = (await session.signer?.getNonce()) ?? 0;
      const locked = await reputation.lock(session, { agent: "1", amount: "1000" });
      expect(await session.signer?.getNonce()).to.equal(nonce + 1);
      expect(locked.balance).to.equal(0n);
      expect(locked.expected[0]).to.equal(
        "For 1,000 XP locked, agent 1 has 30.00 of 30 points of trust instead of 0.00.",
      );
      const asked = await reputation.unlock(session, { agent: "1", amount: "990" });
      expect(asked.expected[0]).to.match(/^For 10 XP locked, agent 1 has 10\.00 .* instead of 30\.00/);
      const more = await reputation.unlock(session, { agent: "1", amount: "1" });
      expect(more.expected[1]).to.match(/^991 XP can be taken .*the wait of the 990 XP .* starts anew\.$/);
      const again = await reputation.relock(session, { agent: "1", amount: "91" });
      expect(again.expected[0]).to.match(/^For 100 XP locked, agent 1 has 20\.00/);
      expect(await refusal(reputation.take(session, { agent: "1", to: "" }))).to.match(/^It can be taken from \d{4}-/);
      await later(7);
      const taken = await reputation.take(session, { agent: "1", to: "" });
      expect(taken.balance).to.equal(parseEther("900"));
      expect(await deployment.xp.reputation.lockedTo(1n)).to.equal(parseEther("100"));
    });

    it("should say what does not allow it, and send nothing", async () => {
      const { session } = local();
      await giveXp(local(), session.account, "5");
      const nonce = await session.signer?.getNonce();
      const locking = (input: object): Promise<string> =>
        refusal(reputation.lock(session, { agent: "1", amount: "1", ...input }));
      expect(await locking({ amount: "6" })).to.match(/ holds 5 XP, and 6 XP are needed\.$/);
      expect(await locking({ amount: "0" })).to.match(/^An amount of zero does nothing/);
      expect(await locking({ agent: "9" })).to.match(/^There is no agent 9/);
      expect(await refusal(reputation.unlock(session, { agent: "1", amount: "1" }))).to.match(
        /has 0 XP locked to agent 1, less than 1 XP/,
      );
      expect(await refusal(reputation.relock(session, { agent: "1", amount: "1" }))).to.match(/has 0 XP waiting/);
      expect(await refusal(reputation.take(session, { agent: "1", to: "" }))).to.match(
        /has nothing waiting at agent 1/,
      );
      expect(await session.signer?.getNonce()).to.equal(nonce);
    });
  });

  context("given a payment token without permits, with other decimals", () => {
    let client: Session;
    let agent: Session;

    beforeEach(async () => {
      const { session, other, connection, deployment } = local();
      const { ethers } = connection;
      const weth = await ethers.deployContract("GenesisWrappedEther");
      const { agentRegistry, xp, accessManager } = deployment.xp;
      const market = await ethers.deployContract("ServiceMarket", [
        weth,
        agentRegistry,
        xp,
        session.account,
        accessManager,
      ]);
      const elsewhere = Object.create(deployment, {
        xp: { value: { ...deployment.xp, serviceMarket: market, paymentToken: weth } },
      }) as Deployment;
      [client, agent] = [
        { ...other, deployment: elsewhere },
        { ...session, deployment: elsewhere },
      ];
      await weth.connect(await ethers.getSigner(client.account)).deposit({ value: parseEther("3") });
    });

    it("should allow exactly the amount first, say so, and tell both transactions", async () => {
      const heard: string[] = [];
      const listening = { ...client, announce: (lines: readonly string[]) => void heard.push(...lines) };
      const opened = await jobs.open(listening, { ...JOB, payment: "0.000000000000000001" });
      expect(heard[0]).to.match(/^WETH takes no signatures .* two transactions follow: .* exactly 0\.000000 WETH\.$/);
      expect(opened).to.include({ decimals: 18, balance: parseEther("3") - 1n });
      expect(opened.allowances).to.have.length(1);
      expect(describeOutcome(opened).match(/Transaction 0x/g)).to.have.length(2);
    });

    it("should take an allowance that stands, and raise one that is too low by way of none", async () => {
      const { connection, deployment } = local();
      const { serviceMarket: market, paymentToken } = client.deployment.xp;
      expect(deployment.xp.serviceMarket).not.to.equal(market);
      const signer = await connection.ethers.getSigner(client.account);
      await paymentToken.connect(signer).approve(market, parseEther("1"));
      const standing = await jobs.open(client, { ...JOB, payment: "1" });
      expect(standing.allowances).to.deep.equal([]);
      await paymentToken.connect(signer).approve(market, 1n);
      const raised = await jobs.open(client, { ...JOB, payment: "1" });
      expect(raised.allowances.map(({ logs }) => logs[0]?.args.value)).to.deep.equal([0n, parseEther("1")]);
      expect(await paymentToken.allowance(client.account, market)).to.equal(0n);
    });

    it("should refuse what the market would refuse before it allows anything", async () => {
      const nonce = await client.signer?.getNonce();
      expect(await refusal(jobs.open(client, { ...JOB, payment: "1", minTrust: "101" }))).to.match(
        /^Trust ends at 100/,
      );
      expect(await refusal(jobs.open(client, { ...JOB, payment: "4" }))).to.match(
        /holds 3 WETH, and 4 WETH are needed/,
      );
      expect(await refusal(jobs.faucet(client, { amount: "1", to: "" }))).to.equal(
        "WETH is no test dollar, and nobody gives it away.",
      );
      expect(await client.signer?.getNonce()).to.equal(nonce);
      expect(await refusal(jobs.accept(agent, { job: "1", agent: "1", maxFee: "" }))).to.match(/^There is no job 1/);
    });
  });

  it("should allow the amount first for a wallet that cannot sign typed data, but not where a person said no", async () => {
    const { other } = local();
    const { signer } = other;
    if (!signer) throw new Error("the client is an account of the chain");
    const saying = (complaint: string): Session => ({
      ...other,
      signer: new Proxy(signer, {
        get: (target, key) => {
          const value: unknown = Reflect.get(target, key, target);
          if (key === "signTypedData") return () => Promise.reject(new Error(complaint));
          return typeof value === "function" ? (value.bind(target) as unknown) : value;
        },
      }),
    });
    const refused = await jobs.open(saying("user rejected the request"), JOB).catch((error: unknown) => error);
    expect(refused).to.have.property("message", "user rejected the request");
    const opened = await jobs.open(saying("the method eth_signTypedData_v4 is not supported"), JOB);
    expect(opened.allowances).to.have.length(1);
    expect(opened.transaction.events).to.have.length(1);
  });

  it("should send nothing for an account whose key is not here", async () => {
    const { connection, deployment } = local();
    const foreign = await sessionOf(connection, deployment, "0x000000000000000000000000000000000000dEaD");
    expect(await refusal(jobs.open(foreign, JOB))).to.match(/has no key of 0x0{36}dEaD/);
    expect((await readStatus(foreign)).agents).to.equal(0n);
  });

  it("should have a sentence for every refusal that users can meet, and for every event, whatever its values", () => {
    const words = wordsIn({ symbol: "TUSD", decimals: 6 });
    const contracts: Readonly<Record<string, BaseContract | undefined>> = { ...local().deployment.xp };
    const unworded: string[] = [];
    let sentences = 0;
    for (const [name, { refusals, events }] of Object.entries(words)) {
      if (name === "swapRouter") continue;
      contracts[name]?.interface.fragments.forEach((fragment) => {
        const { type, name: what, inputs } = fragment as ErrorFragment | EventFragment;
        const ours = type === "error" ? !NOT_OF_USERS.some((pattern) => pattern.test(what)) : !NOT_TOLD.test(what);
        if ((type !== "error" && type !== "event") || !ours) return;
        const sentence = (type === "error" ? refusals : events)[what];
        if (!sentence) return void unworded.push(`${name}: ${what}`);
        for (const number of [0n, 1n, 2n ** 40n, 8_640_000_000_000n, 8_640_000_000_001n, MaxUint256]) {
          const values = inputs.map(({ baseType }) =>
            baseType === "address" ? `0x${"12".repeat(20)}` : baseType.startsWith("uint") ? number : "0x",
          );
          expect(sentence(values as never), what)
            .to.match(/\.$/)
            .and.not.match(/undefined|NaN|\[object/);
          sentences++;
        }
      });
    }
    expect(unworded).to.deep.equal([]);
    expect(sentences).to.be.above(200);
  });

  it("should write every moment that a contract may name, also beyond all calendars", () => {
    expect(formatMoment(0n)).to.equal("1970-01-01 00:00:00 UTC");
    expect(formatMoment(1_801_396_800n)).to.equal("2027-01-31 12:00:00 UTC");
    expect(formatMoment(2n ** 40n - 1n)).to.equal("36812-02-20 00:36:15 UTC");
    expect(formatMoment(8_640_000_000_000n)).to.equal("275760-09-13 00:00:00 UTC");
    expect(formatMoment(8_640_000_000_001n)).to.equal("Unix second 8,640,000,000,001");
  });

  it("should announce each step before it sends it", async () => {
    const { session, other, later } = local();
    const one = { job: "1" };
    await expectAnnouncedFirst(session, (s) => agents.register(s, { uri: "", metadata: "" }));
    await expectAnnouncedFirst(session, (s) => agents.moveFile(s, { agent: "1", uri: "x" }));
    await expectAnnouncedFirst(session, (s) => agents.setMetadata(s, { agent: "1", key: "a", value: "b" }));
    await expectAnnouncedFirst(session, (s) => agents.transfer(s, { agent: "1", to: other.account }));
    await expectAnnouncedFirst(session, (s) => agents.setWallet(s, { ...NO_WALLET, wallet: "9" }));
    await expectAnnouncedFirst(session, (s) => agents.setWallet(s, { ...NO_WALLET, unset: true }));
    await expectAnnouncedFirst(session, (s) => jobs.faucet(s, { amount: "1", to: "" }));
    await expectAnnouncedFirst(other, (s) => jobs.open(s, JOB));
    await jobs.open(other, JOB);
    await expectAnnouncedFirst(other, (s) => jobs.cancel(s, one));
    await expectAnnouncedFirst(session, (s) => jobs.accept(s, { ...one, agent: "1", maxFee: "" }));
    await jobs.accept(session, { ...one, agent: "1", maxFee: "" });
    await expectAnnouncedFirst(session, (s) => jobs.deliver(s, { ...one, result: "done" }));
    await jobs.deliver(session, { ...one, result: "done" });
    await expectAnnouncedFirst(other, (s) => jobs.settle(s, one));
    await expectAnnouncedFirst(other, (s) => jobs.reject(s, { ...one, reason: "no" }));
    await jobs.reject(other, { ...one, reason: "no" });
    await expectAnnouncedFirst(await arbiterOf(local()), (s) => jobs.rule(s, { ...one, winner: "agent" }));
    await jobs.rule(await arbiterOf(local()), { ...one, winner: "agent" });
    await expectAnnouncedFirst(session, (s) => jobs.withdraw(s, { to: "" }));
    await expectAnnouncedFirst(session, (s) => jobs.collect(s));
    await giveXp(local(), session.account, "10");
    await expectAnnouncedFirst(session, (s) => reputation.lock(s, { agent: "1", amount: "5" }));
    await reputation.lock(session, { agent: "1", amount: "5" });
    await expectAnnouncedFirst(session, (s) => reputation.unlock(s, { agent: "1", amount: "5" }));
    await reputation.unlock(session, { agent: "1", amount: "5" });
    await expectAnnouncedFirst(session, (s) => reputation.relock(s, { agent: "1", amount: "5" }));
    await later(7);
    await expectAnnouncedFirst(session, (s) => reputation.take(s, { agent: "1", to: "" }));
    await expectAnnouncedFirst(session, (s) => weeks.finalise(s));
    await expectAnnouncedFirst(session, (s) => weeks.claim(s, { agent: "1", epoch: "1", to: "" }));
    await expectAnnouncedFirst(session, (s) => weeks.claim(s, { agent: "1", epoch: "", to: "" }));
    await jobs.open(other, JOB);
    await jobs.accept(session, { job: "2", agent: "1", maxFee: "" });
    await later(3);
    await expectAnnouncedFirst(session, (s) => jobs.refund(s, { job: "2" }));
    await later(52 * 7);
    await expectAnnouncedFirst(session, (s) => weeks.expire(s, { epoch: "1" }));
  });

  context("given a recorded deployment", () => {
    const ends =
      /Transaction 0x[0-9a-f]{64} in block \d+ on network "localhost", [\d,]+ gas\.\n0x\w{40} now holds [\d,.]+ (XP|TUSD)\.\n$/;
    let chain: Recorded;

    before(async () => {
      chain = await recorded("xp");
    });
    after(() => chain.remove());

    it("should work from the command line, with --json for machines", async function () {
      this.timeout(240_000);
      const fromShell = await chain.shell(["xp", "faucet", "--amount", "2.5", "--account", "7"]);
      expect(fromShell.balance).to.equal(String(dollars("2.5")));
      const [tiers, given, refused] = await Promise.all([
        chain.run(["xp", "tiers"]),
        chain.run(["xp", "faucet", "--amount", "12.5", "--account", "6"]),
        chain.run(["xp", "open", "--payment", "1", "--terms", "x", "--open-for", "soon", "--json"]),
      ]);
      expect(tiers.output).to.match(/5 +Diamond +0\.25 % +5,000,000 XP +50,000,000 TUSD +1,125,000 TUSD/);
      expect(given.output)
        .to.match(/^12\.500000 TUSD to 0x\w{40}, for nothing: it is worth nothing\.\n/)
        .and.match(ends);
      expect(refused.code).to.equal(1);
      expect((JSON.parse(refused.output) as { error: string }).error).to.match(/^--open-for is "soon"/);
    });

    it("should have in every command the options that it reads", async function () {
      this.timeout(120_000);
      const done: string[] = [];
      const run = async (name: string, given: Readonly<Record<string, string | boolean>> = {}): Promise<string> => {
        done.push(`xp ${name}`);
        return act(chain, xpTasks, `xp ${name}`, given);
      };
      const later = async (days: number): Promise<void> => {
        await rpc(chain.anvil.url, "evm_increaseTime", days * 86_400 + 60);
        await rpc(chain.anvil.url, "evm_mine");
      };
      const [agent, client] = [{ account: "7" }, { account: "8" }];
      const one = { agent: "1" };
      await run("register", { ...agent, uri: "ipfs://agent" });
      await run("faucet", { ...agent, amount: "100000" });
      await run("faucet", { ...client, amount: "100000" });
      await run("uri", { ...agent, ...one, uri: "ipfs://moved" });
      await run("metadata", { ...agent, ...one, key: "model", value: "small" });
      await run("consent", { ...one, account: "9" });
      await run("wallet", { ...agent, ...one, unset: true });
      const begin = async (job: string, until: string): Promise<void> => {
        await run("open", { ...client, payment: "40000", terms: "translate" });
        if (until === "open") return;
        await run("accept", { ...agent, ...one, job });
        if (until === "accepted") return;
        await run("deliver", { ...agent, job, result: "done" });
        if (until === "delivered") return;
        await run("reject", { ...client, job, reason: "no" });
      };
      await begin("1", "delivered");
      await run("settle", { ...client, job: "1" });
      await begin("2", "rejected");
      await run("rule", { account: "4", job: "2", winner: "client" });
      await run("withdraw", client);
      await run("collect");
      await begin("3", "open");
      await run("cancel", { ...client, job: "3" });
      await run("withdraw", client);
      await begin("4", "accepted");
      expect(await run("job", { job: "4" })).to.contain("deliver: the agent, until");
      expect(await run("jobs", { all: true })).to.contain("4 of the latest 4 of 4 jobs.");
      expect(JSON.parse(await run("agent", { ...one, json: true }))).to.include({ agent: "1", uri: "ipfs://moved" });
      await later(7);
      await run("refund", { ...client, job: "4" });
      await run("withdraw", client);
      await begin("5", "rejected");
      await later(7);
      await run("split", { ...client, job: "5" });
      await run("finalise");
      // A tenth of what is released goes by trust, and to nobody where the market heard of none.
      const paid = hooksAreHeard ? "20,000" : "18,000";
      expect(await run("claim", { ...agent, ...one })).to.contain(`now holds ${paid} XP.`);
      expect(await run("epoch", { epoch: "1" })).to.contain("final");
      await run("lock", { ...agent, ...one, amount: "10" });
      await run("unlock", { ...agent, ...one, amount: "10" });
      await run("relock", { ...agent, ...one, amount: "5" });
      await later(7);
      await run("take", { ...agent, ...one });
      expect(await run("burn", { ...agent, tier: "1" })).to.contain("a fee of 2 %");
      expect(await run("quote", { tier: "2" })).to.contain("floor    0.01 TUSD");
      expect(await run("status", agent)).to.contain("fee      2 %, with a tier until");
      await run("tiers", agent);
      await run("ask", { ...agent, amount: "10", price: "0.02" });
      await run("bid", { ...client, amount: "10", price: "0.02" });
      await run("fill", { ...client, order: "1" });
      await run("cancel-order", { ...client, order: "2" });
      expect(await run("orders")).to.equal("None of the latest 2 of 2 orders is open.");
      await later(52 * 7);
      await run("expire", { epoch: "1" });
      const refused = async (name: string, given: Readonly<Record<string, string>>): Promise<string> =>
        refusal(run(name, given));
      expect(await refused("sell", { ...agent, amount: "1" })).to.match(/^The pool has no liquidity/);
      expect(await refused("buy", { ...client, amount: "1" })).to.match(/^The pool has no liquidity/);
      expect(await refused("buy-and-burn", { ...agent, tier: "2" })).to.match(/and the pool has 0 XP/);
      await run("transfer", { ...agent, ...one, to: "0x000000000000000000000000000000000000dEaD" });
      const all = xpTasks.map(({ id }) => id.join(" ")).filter((name) => name !== "xp");
      expect(all).to.have.members([...new Set(done)]);
    });
  });
});
