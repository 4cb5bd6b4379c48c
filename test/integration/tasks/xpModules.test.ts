import { expect } from "chai";
import { parseEther, ZeroAddress } from "ethers";

import * as agents from "../../../tasks/xp/flows/agents.js";
import * as jobs from "../../../tasks/xp/flows/jobs.js";
import * as reputation from "../../../tasks/xp/flows/reputation.js";
import { describeStatus, readStatus } from "../../../tasks/xp/flows/status.js";
import * as tiers from "../../../tasks/xp/flows/tiers.js";
import * as weeks from "../../../tasks/xp/flows/weeks.js";
import { xp as inXp } from "../../../tasks/xp/words.js";
import { onNarrow } from "../../support/narrow.js";
import { deployed, refusal } from "../../support/tasks.js";
import { adminOf, dollars, giveXp, JOB, MINTER_ROLE, startWork } from "../../support/xpTasks.js";

const QUOTE = { tier: "1", volume: "1000", price: "", monthlyCost: "50", monthlyXp: "5000", last: "1000" };
const BUY = { tier: "1", maxPayment: "", slippage: "1", validFor: "20m" };
const ONE = { agent: "1" };

describe("hardhat xp: replaced modules", () => {
  const local = deployed("xp", 5);
  before(() => startWork(local()));

  const addressOf = (contract: { readonly target: unknown }): string => String(contract.target);
  const recorded = () => local().deployment.xp;

  /** A tier for a hundred XP in place of the source's, as the runbook has it. */
  async function replaceTiers(): Promise<string> {
    const { xp, agentRegistry, feeTiers, accessManager, serviceMarket } = recorded();
    const admin = await adminOf(local());
    const table = [{ price: parseEther("100"), feeBps: 100n }];
    const { ethers } = local().connection;
    const replacement = await ethers.deployContract("FeeTiers", [xp, agentRegistry, feeTiers, accessManager, table]);
    await serviceMarket.connect(admin).setFeeTiers(replacement);
    await feeTiers.connect(admin).setTable([]);
    return addressOf(replacement);
  }

  async function replaceReputation() {
    const { xp, agentRegistry, serviceMarket } = recorded();
    const { ethers } = local().connection;
    const replacement = await ethers.deployContract("Reputation", [xp, agentRegistry, serviceMarket]);
    await serviceMarket.connect(await adminOf(local())).setReputation(replacement);
    return replacement;
  }

  async function replaceRedistributor(): Promise<string> {
    const { xp, serviceMarket, agentRegistry, redistributor, paymentToken, accessManager } = recorded();
    const admin = await adminOf(local());
    const replacement = await local().connection.ethers.deployContract("EpochRedistributor", [
      xp,
      serviceMarket,
      agentRegistry,
      redistributor,
      paymentToken,
      accessManager,
    ]);
    await accessManager.connect(admin).grantRole(MINTER_ROLE, replacement, 0n);
    await serviceMarket.connect(admin).setRedistributor(replacement);
    return addressOf(replacement);
  }

  /** A job of agent 1 that earns 5,000 XP; @returns what its end told */
  async function work(): Promise<readonly string[]> {
    const { session, other } = local();
    await jobs.open(other, { ...JOB, payment: "10000" });
    const job = String(await recorded().serviceMarket.jobCount());
    await jobs.accept(session, { job, agent: "1", maxFee: "" });
    await jobs.deliver(session, { job, result: "done" });
    return (await jobs.settle(other, { job })).transaction.events;
  }

  describe("fee tiers", () => {
    it("should sell those that the market asks, keep what was bought before, and say what differs", async () => {
      const { session } = local();
      await giveXp(local(), session.account, "20000");
      await tiers.burn(session, { tier: "1", maxBurn: "" });
      const { end } = await recorded().feeTiers.boughtTierOf(session.account);
      const replacement = await replaceTiers();
      const note = `The market asks the fee tiers ${replacement}, in place of ${addressOf(recorded().feeTiers)} with which this deployment began.`;

      // The old ones sell nothing any more, and what they sold keeps its fee.
      const status = await readStatus(session);
      expect(status).to.deep.include({ feeBps: 200n, until: end, notes: [note], left: [] });
      expect(describeStatus(status)).to.contain(note);
      expect((await agents.readAgent(session, ONE)).fee).to.deep.equal({ bps: 200n, until: end });
      const table = await tiers.readTiers(session);
      expect(table.tiers.map(({ feeBps }) => feeBps)).to.deep.equal([250n, 100n]);
      expect(table).to.deep.include({ feeBps: 200n, until: end });
      expect(tiers.describeTiers(table)).to.contain(note);
      const quote = await tiers.readQuote(session, { ...QUOTE, price: "0.01" });
      expect(quote).to.deep.include({ burn: parseEther("100"), cost: dollars("1"), notes: [note] });
      expect(tiers.describeQuote(quote)).to.contain(note);

      const burned = await tiers.burn(session, { tier: "1", maxBurn: "" });
      expect(burned.expected).to.include("100 XP burned for ever.").and.include(note);
      expect(burned.transaction.events[0]).to.match(/has tier 1, a fee of 1 %/);
      expect(burned.balance).to.equal(parseEther("9900"));
      const agent = await agents.readAgent(session, ONE);
      expect(agent.fee.bps).to.equal(100n);
      expect(agent.fee.until).not.to.equal(end);
    });

    it("should refuse to buy through the router of the old ones", async () => {
      const { session } = local();
      await replaceTiers();
      const nonce = await session.signer?.getNonce();
      const sentence =
        /^The tier router buys from the fee tiers 0x\w{40}, which the market does not ask any more: buy XP/;
      expect(await refusal(tiers.buyAndBurn(session, BUY))).to.match(sentence);
      expect(await session.signer?.getNonce()).to.equal(nonce);
      const { pool, cost } = await tiers.readQuote(session, QUOTE);
      expect(pool.refusal).to.match(sentence);
      expect(pool.available).to.equal(0n);
      expect(cost).to.equal(undefined);
    });
  });

  describe("reputation", () => {
    beforeEach(async () => {
      const { session } = local();
      await giveXp(local(), session.account, "1000");
      await reputation.lock(session, { agent: "1", amount: "100" });
    });

    it("should lock to the one that the market asks", async () => {
      const { session } = local();
      const replacement = await replaceReputation();
      const locked = await reputation.lock(session, { agent: "1", amount: "10" });
      expect(locked.expected[0]).to.equal("For 10 XP locked, agent 1 has 10.00 of 30 points of trust instead of 0.00.");
      expect(locked.expected.at(-1)).to.match(/^The market asks the reputation 0x\w{40}, in place of 0x/);
      expect(locked.transaction.events[0]).to.match(/locked 10 XP to agent 1\.$/);
      expect(await replacement.getFunction("lockedTo")(1n)).to.equal(parseEther("10"));
      const agent = await agents.readAgent(session, ONE);
      expect(agent.locked).to.equal(parseEther("10"));
      expect(agent.trust?.lockedBonus).to.equal(parseEther("10"));
    });

    it("should tell where XP is still locked, and reach it there", async () => {
      const { session, other, later } = local();
      await replaceReputation();
      const old = addressOf(recorded().reputation);
      const agent = await agents.readAgent(session, ONE);
      expect(agent).to.deep.include({ locked: 0n, left: { reputation: old, xp: parseEther("100") } });
      expect(agents.describeAgent(agent)).to.contain("left     100 XP locked to it in a reputation that was replaced");
      const status = await readStatus(session);
      expect(status.left).to.deep.equal([{ reputation: old, agent: 1n, locked: parseEther("100"), pending: 0n }]);
      expect(describeStatus(status)).to.contain(`100 XP locked to agent 1 and 0 XP waiting there`).and.contain(old);
      expect((await readStatus(other)).left).to.deep.equal([]);

      const ten = { agent: "1", amount: "10" };
      expect(await refusal(reputation.unlock(session, ten))).to.match(/has 0 XP locked to agent 1/);
      const asked = await reputation.unlock(session, { agent: "1", amount: "100", reputation: old });
      expect(asked.expected[0]).to.equal("The trust of agent 1 stays as it is.");
      expect(asked.expected[1]).to.match(/^100 XP can be taken/);
      expect(asked.expected[2]).to.equal(
        `The market does not ask the reputation ${old} now: XP that is locked there gives no trust.`,
      );
      expect(asked.transaction.events[0]).to.match(/asked 100 XP back from agent 1/);
      const again = await reputation.relock(session, { ...ten, reputation: old.toLowerCase() });
      expect(again.transaction.events[0]).to.match(/locked 10 XP to agent 1 again\.$/);
      await later(7);
      expect(await refusal(reputation.take(session, { agent: "1", to: "" }))).to.match(
        /has nothing waiting at agent 1/,
      );
      const taken = await reputation.take(session, { agent: "1", to: "", reputation: old });
      expect(taken.balance).to.equal(parseEther("990"));
      expect((await readStatus(session)).left[0]).to.include({ locked: parseEther("10"), pending: 0n });
    });

    it("should tell where XP is still locked on a node that limits the blocks of an answer", async () => {
      const { session } = local();
      await replaceReputation();
      const old = addressOf(recorded().reputation);
      await onNarrow(local(), async (narrow) => {
        const status = await readStatus(await narrow.session(session.account));
        expect(status.left).to.deep.equal([{ reputation: old, agent: 1n, locked: parseEther("100"), pending: 0n }]);
        expect(describeStatus(status)).to.contain("100 XP locked to agent 1").and.not.contain("unknown");
      });
    });

    it("should say so when what is named is no reputation of this XP", async () => {
      const { session } = local();
      const taking = (named: string): Promise<string> =>
        refusal(reputation.take(session, { agent: "1", to: "", reputation: named }));
      expect(await taking("0x12")).to.match(/^--reputation is "0x12": write an address/);
      for (const named of [addressOf(recorded().xp), addressOf(recorded().feeTiers), session.account]) {
        expect(await taking(named)).to.equal(
          `--reputation is ${named}: there is no reputation of this deployment's XP.`,
        );
      }
    });
  });

  describe("redistributor", () => {
    it("should tell whom the market asks next, and go on with the old one until then", async () => {
      const { session } = local();
      const replacement = await replaceRedistributor();
      const note = `From epoch 2 on the market asks the redistributor ${replacement}.`;
      expect((await work()).at(-1)).to.match(/^Counted in epoch 1 for agent 1/);
      const epoch = await weeks.readEpoch(session, { epoch: "" });
      expect(epoch).to.deep.include({ state: "running", released: parseEther("5000"), notes: [note] });
      expect(weeks.describeEpoch(epoch)).to.contain(note);
      const agent = await agents.readAgent(session, ONE);
      expect(agent).to.deep.include({ notes: [note] });
      expect(agent.week?.estimate).to.equal(parseEther("5000"));
    });

    it("should show and claim every week from whoever recorded it, the oldest first", async () => {
      const { session, later } = local();
      const old = addressOf(recorded().redistributor);
      await work();
      const { pool = 0n } = await weeks.readEpoch(session, { epoch: "1" });
      const replacement = await replaceRedistributor();
      await later(7);
      // The first job that the new one records makes the old one's week final.
      const told = await work();
      expect(told).to.include.members([`Epoch 1 is final: 5,000 XP of its pool of ${inXp(pool)} were released.`]);
      expect(told.at(-1)).to.match(/^Counted in epoch 2 for agent 1/);
      await later(7);
      const differs = `The market asks the redistributor ${replacement}, in place of ${old} with which this deployment began.`;
      const left = `The market does not ask the redistributor ${old} now: it pays for the weeks that it recorded.`;
      const agent = await agents.readAgent(session, ONE);
      expect(agent.claimable).to.deep.equal([1n, 2n].map((epoch) => ({ epoch, amount: parseEther("5000") })));
      expect(agent.notes).to.deep.equal([differs]);
      const first = await weeks.readEpoch(session, { epoch: "1" });
      expect(first).to.deep.include({ state: "final", released: parseEther("5000"), notes: [left, differs] });
      expect(await weeks.readEpoch(session, { epoch: "2" })).to.deep.include({
        state: "over, not final",
        released: parseEther("5000"),
        notes: [differs],
      });

      const claiming = { agent: "1", epoch: "", to: "" };
      const one = await weeks.claim(session, claiming);
      expect(one.expected).to.deep.equal([
        "5,000 XP that agent 1 earned in epoch 1.",
        `5,000 XP in all, to ${session.account}.`,
        "One more week needs the same command again.",
        left,
      ]);
      expect(one.transaction.events).to.deep.equal([`Agent 1 was paid 5,000 XP for epoch 1, to ${session.account}.`]);
      const two = await weeks.claim(session, claiming);
      expect(two.expected[0]).to.equal("5,000 XP that agent 1 earned in epoch 2.");
      expect(two.expected.at(-1)).to.equal(differs);
      expect(two.balance).to.equal(parseEther("10000"));
      expect(await refusal(weeks.claim(session, claiming))).to.match(/^Agent 1 has nothing to claim/);
      expect(await refusal(weeks.claim(session, { ...claiming, epoch: "1" }))).to.match(
        /^Agent 1 has nothing to claim for epoch 1/,
      );
    });

    it("should finalise and expire what the old one recorded", async () => {
      const { session, later } = local();
      await work();
      await replaceRedistributor();
      await later(7);
      const released = await weeks.finalise(session);
      expect(released.expected[0]).to.equal("5,000 XP are created for the agents of epoch 1.");
      expect(await refusal(weeks.finalise(session))).to.equal("Nothing waits to be finalised.");
      await work();
      expect(await refusal(weeks.finalise(session))).to.match(/^Epoch 2 is still running/);
      await later(7 * 52);
      const expired = await weeks.expire(session, { epoch: "1" });
      expect(expired.expected[0]).to.match(/^5,000 XP that nobody claimed for epoch 1/);
      expect(await refusal(weeks.claim(session, { agent: "1", epoch: "1", to: "" }))).to.match(/^Epoch 1 has expired/);
      const later2 = await weeks.claim(session, { agent: "1", epoch: "2", to: "" });
      expect(later2.balance).to.equal(parseEther("5000"));
    });
  });

  describe("none", () => {
    const none = async (setter: "setFeeTiers" | "setReputation" | "setRedistributor"): Promise<void> => {
      const market = recorded().serviceMarket.connect(await adminOf(local()));
      await market[setter](ZeroAddress);
    };

    it("should refuse tiers and trust in a sentence, and show what there is without them", async () => {
      const { session, later } = local();
      await giveXp(local(), session.account, "20000");
      await tiers.burn(session, { tier: "1", maxBurn: "" });
      for (const setter of ["setFeeTiers", "setReputation", "setRedistributor"] as const) await none(setter);
      await later(7);
      const nonce = await session.signer?.getNonce();
      const noTiers =
        /^The market asks no fee tiers now: everybody pays 2\.5 %, and no tier is for sale, until its administrator/;
      for (const flow of [
        () => tiers.readTiers(session),
        () => tiers.readQuote(session, QUOTE),
        () => tiers.burn(session, { tier: "1", maxBurn: "" }),
        () => tiers.buyAndBurn(session, BUY),
      ]) {
        expect(await refusal(flow())).to.match(noTiers);
      }
      const noTrust = /^The market asks no reputation now: nobody has any trust, .* comes back with --reputation/;
      expect(await refusal(reputation.lock(session, { agent: "1", amount: "1" }))).to.match(noTrust);
      expect(await refusal(reputation.unlock(session, { agent: "1", amount: "1" }))).to.match(noTrust);
      expect(await session.signer?.getNonce()).to.equal(nonce);

      const status = await readStatus(session);
      expect(status).to.include({ feeBps: 250n, until: undefined });
      expect(status.notes).to.have.length(3);
      const agent = await agents.readAgent(session, ONE);
      expect(agent).to.deep.include({ trust: undefined, week: undefined, fee: { bps: 250n, until: undefined } });
      expect(agents.describeAgent(agent)).to.contain("trust    unknown").and.contain("week     not recorded");
      const epoch = await weeks.readEpoch(session, { epoch: "" });
      expect(epoch).to.include({ epoch: 2n, state: "nothing recorded", pool: 0n, released: 0n });
      expect(weeks.describeEpoch(epoch)).to.contain(
        "The market asks no redistributor now: jobs that end now earn no XP",
      );
      // Work goes on at the base fee.
      expect(await work()).to.have.length(1);
      expect(await refusal(weeks.finalise(session))).to.equal("Nothing waits to be finalised.");
    });

    it("should still give back XP that was locked", async () => {
      const { session, later } = local();
      await giveXp(local(), session.account, "10");
      await reputation.lock(session, { agent: "1", amount: "10" });
      await none("setReputation");
      const old = addressOf(recorded().reputation);
      expect((await agents.readAgent(session, ONE)).left).to.deep.equal({ reputation: old, xp: parseEther("10") });
      await reputation.unlock(session, { agent: "1", amount: "10", reputation: old });
      expect((await readStatus(session)).left[0]).to.include({ locked: 0n, pending: parseEther("10") });
      await later(7);
      expect((await reputation.take(session, { agent: "1", to: "", reputation: old })).balance).to.equal(
        parseEther("10"),
      );
    });

    it("should pay for weeks that were recorded, also by one that only its address leads to", async () => {
      const { session, later } = local();
      await work();
      const replacement = await replaceRedistributor();
      await later(7);
      await work();
      await none("setRedistributor");
      expect((await weeks.readEpoch(session, { epoch: "" })).notes.at(-1)).to.equal(
        "From epoch 3 on the market asks no redistributor: jobs that end then earn no XP.",
      );
      await later(7);
      const claiming = { agent: "1", epoch: "", to: "" };
      expect((await weeks.claim(session, claiming)).balance).to.equal(parseEther("5000"));
      expect(await refusal(weeks.claim(session, claiming))).to.match(/^Agent 1 has nothing to claim/);
      expect(await weeks.readEpoch(session, { epoch: "2" })).to.include({ state: "nothing recorded" });
      const named = { redistributor: replacement };
      expect(await weeks.readEpoch(session, { epoch: "2", ...named })).to.include({ state: "over, not final" });
      expect((await weeks.finalise(session, named)).expected[0]).to.match(/^5,000 XP are created/);
      expect((await weeks.claim(session, { ...claiming, ...named })).balance).to.equal(parseEther("10000"));
      expect(
        await refusal(weeks.claim(session, { ...claiming, redistributor: addressOf(recorded().reputation) })),
      ).to.match(/^--redistributor is 0x\w{40}: there is no redistributor of this deployment's XP/);
    });
  });

  it("should say that it does not know what the market asks, where that is of another kind", async () => {
    const { session, later } = local();
    const { serviceMarket: market, xp, feeTiers } = recorded();
    const asking = market.connect(await adminOf(local()));
    await asking.setFeeTiers(xp);
    await asking.setReputation(feeTiers);
    await asking.setRedistributor(xp);
    await later(7);
    const unknown = /which these commands do not know: use what came with it\.$/;
    expect(await refusal(tiers.readTiers(session)))
      .to.match(unknown)
      .and.contain(addressOf(xp));
    expect(await refusal(reputation.lock(session, { agent: "1", amount: "1" }))).to.match(unknown);
    const agent = await agents.readAgent(session, ONE);
    expect(agent).to.include({ trust: undefined, week: undefined });
    expect(agent.notes).to.have.length(3);
    for (const note of agent.notes) expect(note).to.match(unknown);
    expect((await readStatus(session)).feeBps).to.equal(250n);
  });
});
