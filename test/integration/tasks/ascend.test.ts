import { expect } from "chai";
import { parseEther } from "ethers";

import * as channel from "../../../tasks/ascend/flows.js";
import { ascendTasks } from "../../../tasks/ascend/index.js";
import { ASCENSION_WORDS } from "../../../tasks/ascend/words.js";
import { sessionOf } from "../../../tasks/support/session.js";
import { deployed, expectAnnouncedFirst, refusal } from "../../support/tasks.js";
import { expectWordsForAll } from "../../support/words.js";
import { buyXme, giveXmex } from "../../support/xmeTasks.js";

/** Thrown at construction, or only to governance. */
const NOT_OF_USERS = /HasNoCode|TokensAreTheSame|BaseBudget|Rate|AccessManaged|SafeERC20/;
const NOT_TOLD = /TermsChanged|AuthorityUpdated/;

describe("hardhat ascend", () => {
  const local = deployed("xme", 5);

  before(async () => {
    const { session, other } = local();
    await buyXme(session, "5000");
    await giveXmex(local(), other.account, "600000");
  });

  it("should fund, deposit with what is promised announced, and claim when the week is over", async () => {
    const { session, other, later } = local();
    expect(channel.describeAscension(await channel.readAscension(other)))
      .to.contain("cannot begin without a budget")
      .and.match(/locked {4}nothing .*\nowed {6}0 XME$/);
    const funded = await channel.fund(session, { amount: "1000" });
    expect(funded.expected[0]).to.match(/^1,000 XME for rounds to come, which have 1,000 XME then\./);
    expect(funded).to.include({ token: "XME", balance: parseEther("4000") });
    expect(channel.describeAscension(await channel.readAscension(other))).to.contain("begins with its first deposit");
    const done = await channel.deposit(other, { amount: "50000", min: "" });
    expect(done.expected[1]).to.match(/^They bring 50 XME at least and 500 XME at most: their part of 1,000 XME/);
    expect(done.allowances).to.deep.equal([]);
    expect(done.balance).to.equal(parseEther("550000"));
    expect(done.transaction.events).to.have.length(2);
    const status = await channel.readAscension(other);
    expect(status).to.deep.include({ begun: true, budget: parseEther("1000"), paid: parseEther("500"), free: 0n });
    expect(status.position).to.deep.equal({
      round: status.round,
      deposits: parseEther("50000"),
      guaranteed: parseEther("50"),
      claimable: 0n,
    });
    expect(channel.describeAscension(status))
      .to.contain("at most 0.01 XME for an XMEX, at least 0.001 XME for an XMEX")
      .and.contain("deposits  50,000 XMEX, and room for 950,000 XMEX; as it stands they are paid 500 XME");
    await later(7);
    expect(channel.describeAscension(await channel.readAscension(other))).to.contain(
      "500 XME, which `hardhat ascend claim` pays",
    );
    const paid = await channel.claim(session, { for: other.account });
    expect(paid).to.include({ account: other.account, balance: parseEther("500") });
    expect(paid.transaction.events).to.deep.equal([`${other.account} was paid 500 XME.`]);
  });

  it("should say what does not allow it, and send nothing", async () => {
    const { session, other, connection, deployment } = local();
    expect(await refusal(channel.deposit(other, { amount: "1", min: "" }))).to.match(/cannot begin: 0 XME are free/);
    await channel.fund(session, { amount: "500" });
    const nonces = async () => [await session.signer?.getNonce(), await other.signer?.getNonce()];
    const before = await nonces();
    const deposit = async (amount: string, min = "") => refusal(channel.deposit(other, { amount, min }));
    expect(await deposit("")).to.match(/^--amount is missing/);
    expect(await deposit("0")).to.match(/^An amount of zero/);
    expect(await deposit("0.0000000001")).to.match(/^A deposit has at most nine decimals/);
    expect(await deposit("1", "much")).to.match(/^--min is "much"/);
    expect(await deposit("1000", "1.5")).to.match(/promises 1 XME, less than the 1\.500000 XME asked for/);
    expect(await deposit("500001")).to.match(/takes only 500,000 XMEX more, less than 500,001 XMEX/);
    expect(await refusal(channel.deposit(session, { amount: "1", min: "" }))).to.match(/holds 0 XMEX, and 1 XMEX/);
    expect(await refusal(channel.fund(session, { amount: "0" }))).to.match(/^An amount of zero/);
    expect(await refusal(channel.fund(other, { amount: "1" }))).to.match(/holds 0 XME, and 1 XME/);
    expect(await refusal(channel.claim(other, { for: "" }))).to.match(/has nothing to claim now/);
    expect(await refusal(channel.claim(other, { for: "bob" }))).to.match(/^--for is "bob"/);
    const away = await sessionOf(connection, deployment, "0x000000000000000000000000000000000000dEaD");
    expect(await refusal(channel.claim(away, { for: "" }))).to.match(/has no key of/);
    expect(await nonces()).to.deep.equal(before);
  });

  it("should have a sentence for every refusal and event that users meet", () => {
    expectWordsForAll(local().deployment.xme.ascension, ASCENSION_WORDS, { refusals: NOT_OF_USERS, events: NOT_TOLD });
    expect(ascendTasks.map(({ id }) => id.join(" "))).to.have.length(5);
  });

  it("should announce each step before it sends it", async () => {
    const { session, other, later } = local();
    await expectAnnouncedFirst(session, (s) => channel.fund(s, { amount: "10" }));
    await channel.fund(session, { amount: "10" });
    await expectAnnouncedFirst(other, (s) => channel.deposit(s, { amount: "10", min: "" }));
    await channel.deposit(other, { amount: "10", min: "" });
    await later(7);
    await expectAnnouncedFirst(other, (s) => channel.claim(s, { for: "" }));
  });
});
