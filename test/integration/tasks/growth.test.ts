import { expect } from "chai";
import { id, parseEther } from "ethers";

import { INVITATION } from "../../../src/xme/growth.js";
import { MINING_WEEK, STRIKE_WINDOW } from "../../../src/xme/mining.js";
import * as growth from "../../../tasks/growth/flows.js";
import { growthTasks } from "../../../tasks/growth/index.js";
import { GROWTH_WORDS } from "../../../tasks/growth/words.js";
import { type Session, sessionOf } from "../../../tasks/support/session.js";
import { listOf } from "../../support/people.js";
import { deployed, expectAnnouncedFirst, refusal } from "../../support/tasks.js";
import { expectWordsForAll } from "../../support/words.js";
import { asTreasury } from "../../support/xmeTasks.js";

/** Thrown at construction, to governance or to who sells growth. */
const NOT_OF_USERS =
  /HasNoCode|TokenMismatch|NotInGwei|RewardTooHigh|DaysAreZero|TooManyDays|Unknown|AlreadyUnlocked|AccessManaged|SafeERC20|SafeCast|GrowthAccounts_|AddressEmptyCode|FailedCall/;
const NOT_TOLD = /RewardsChanged|SourcesChanged|AuthorityUpdated/;

describe("hardhat growth", () => {
  // The publisher of the local parameters is the account of the session.
  const local = deployed("xme", 6);
  let ada: Session;
  let ben: Session;

  before(async () => {
    const { connection, deployment } = local();
    [ada, ben] = [await sessionOf(connection, deployment, "10"), await sessionOf(connection, deployment, "11")];
  });

  const statusOf = async (who: Session): Promise<string> => growth.describeGrowth(await growth.readGrowth(who));

  /** Checks in on days in a row. */
  async function checkInDays(who: Session, days: number): Promise<void> {
    const { time } = local();
    for (let i = 0; i < days; i++) {
      await growth.checkIn(who);
      await time.increase(86_400n);
    }
  }

  /** Has everybody that is named claim an epoch of social mining. */
  async function mine(...who: readonly Session[]): Promise<void> {
    const { session, deployment, time } = local();
    const mining = deployment.xme.socialMining;
    const epoch = await mining.currentEpoch();
    await time.increaseTo((epoch + 1n) * MINING_WEEK + 1n);
    const { tree, total } = listOf(new Map(who.map(({ account }) => [account, 1n])));
    await mining.connect(session.signer).publish(epoch, tree.root, total, "ipfs://log", id("log"));
    await time.increase(STRIKE_WINDOW);
    for (const { account } of who) {
      await mining.connect(session.signer).claim(epoch, account, 1n, tree.getProof([account, 1n]));
    }
  }

  it("should check in day by day, and tell level, streak and what idleness threatens", async () => {
    const { time, deployment } = local();
    expect(await statusOf(ada))
      .to.contain("level       1 with 0 points; ")
      .and.contain("kept        the first level cannot be taken")
      .and.contain("check-ins   on 0 days; 0 in a row");
    const first = await growth.checkIn(ada);
    expect(first.expected[0]).to.equal(`10 points for ${ada.account}, which has 10 then, at level 1.`);
    expect(first.transaction.events[0]).to.match(/, 1 day in a row, and has 10 points\.$/);
    await time.increase(86_400n);
    expect((await growth.checkIn(ada)).expected[0]).to.match(/^11 points for .* has 21 then/);
    expect(await growth.readGrowth(ada)).to.include({ streak: 2n, daysCheckedIn: 2n, daysToLoss: 0n });

    // Days until something can be lost, which is then taken on the day that was said.
    const needed = await deployment.xme.userGrowth.thresholdOf(2n);
    await time.increase(86_400n);
    while ((await growth.readGrowth(ada)).points < needed) await checkInDays(ada, 1);
    const risen = await growth.readGrowth(ada);
    expect(risen.level).to.equal(2n);
    await time.increase((risen.daysToLoss - 1n) * 86_400n);
    expect(await growth.readGrowth(ada)).to.include({ level: 2n, daysToLoss: 1n });
    expect(await statusOf(ada)).to.match(/kept +idle for 29 days: 1 day more without a check-in take a level/);
    await time.increase(86_400n);
    expect(await growth.readGrowth(ada)).to.include({ level: 1n, daysToLoss: 0n, streak: 0n });
  });

  it("should accept an invitation, complete it when it is due, and collect what mining credited", async () => {
    const { session, deployment } = local();
    await checkInDays(ada, 3);
    const accepted = await growth.accept(ben, { inviter: ada.account });
    expect(accepted.expected).to.have.length(2);
    expect(accepted.transaction.events[0]).to.contain(`${ada.account} invited ${ben.account}: 50 XMEX`);
    expect(await statusOf(ben)).to.contain(`invitation  by ${ada.account}: 50 XMEX, and 50 XMEX to who invited, once`);
    await checkInDays(ben, 3);
    await mine(ben);
    const before = await deployment.xme.xmex.balanceOf(ada.account);
    const done = await growth.complete(session, { invitee: ben.account });
    expect(done.transaction.events[0]).to.match(/is completed: 50 XMEX to/);
    expect((await deployment.xme.xmex.balanceOf(ada.account)) - before).to.equal(parseEther("50"));
    expect(await statusOf(ben)).to.match(/invitation {2}by 0x\w{40}, completed and paid/);
    const { collectable, points } = await growth.readGrowth(ben);
    expect(collectable).to.equal(1_000n);
    expect((await growth.collect(session, { for: ben.account })).expected[0]).to.match(/^1,000 points .* 10,000 XMEX/);
    expect((await growth.readGrowth(ben)).points).to.equal(points + 1_000n);
  });

  it("should say what does not allow it, and send nothing", async () => {
    const { deployment } = local();
    await growth.checkIn(ada);
    const nonces = async () => [await ada.signer?.getNonce(), await ben.signer?.getNonce()];
    const before = await nonces();
    expect(await refusal(growth.checkIn(ada))).to.match(/checked in on \d{4}-\d\d-\d\d already: the next day begins/);
    expect(await refusal(growth.accept(ben, { inviter: "" }))).to.match(/^--inviter is missing/);
    expect(await refusal(growth.accept(ben, { inviter: "ada" }))).to.match(/^--inviter is "ada"/);
    expect(await refusal(growth.accept(ben, { inviter: ben.account }))).to.match(/cannot invite itself/);
    expect(await refusal(growth.accept(ben, { inviter: ada.account }))).to.match(/on 1 day, and 3 are needed/);
    expect(await refusal(growth.complete(ben, { invitee: "" }))).to.match(/has accepted no invitation/);
    expect(await refusal(growth.collect(ben, { for: "" }))).to.match(/has nothing to collect/);
    expect(await refusal(growth.collect(ben, { for: "me" }))).to.match(/^--for is "me"/);
    const away = await sessionOf(local().connection, deployment, "0x000000000000000000000000000000000000dEaD");
    expect(await refusal(growth.checkIn(away))).to.match(/has no key of/);
    expect(await nonces()).to.deep.equal(before);

    await local().time.increase(86_400n);
    await checkInDays(ada, 2);
    await growth.accept(ben, { inviter: ada.account });
    expect(await refusal(growth.accept(ben, { inviter: ada.account }))).to.match(/once for ever/);
    expect(await refusal(growth.complete(ben, { invitee: "" }))).to.match(/on 0 days, and 3 are needed/);
    await checkInDays(ben, 3);
    expect(await refusal(growth.complete(ben, { invitee: "" }))).to.match(/has not claimed from social mining yet/);
    await mine(ada, ben);
    expect(await refusal(growth.accept(ada, { inviter: ben.account }))).to.match(/it is too late/);
    await growth.complete(ben, { invitee: "" });
    expect(await refusal(growth.complete(ben, { invitee: "" }))).to.match(/completed and paid already/);
  });

  it("should say what is missing while the stream cannot pay, and pay later", async () => {
    const { connection, deployment } = local();
    const { userGrowth, emissionVault, xmex } = deployment.xme;
    await checkInDays(ada, 3);
    await growth.accept(ben, { inviter: ada.account });
    await checkInDays(ben, 3);
    await mine(ben);
    const { impersonateAccount, setBalance, stopImpersonatingAccount } = connection.networkHelpers;
    const [drawer, stream] = [await userGrowth.getAddress(), await userGrowth.emissionStream()];
    const nobody = "0x000000000000000000000000000000000000dEaD";
    await impersonateAccount(drawer);
    await setBalance(drawer, parseEther("1"));
    const asGrowth = await connection.ethers.getSigner(drawer);
    await emissionVault.connect(asGrowth).drawAvailable(stream, nobody);
    const taken = await xmex.balanceOf(nobody);
    await stopImpersonatingAccount(drawer);
    expect(taken > parseEther("100")).to.equal(true);
    expect(await refusal(growth.complete(ben, { invitee: "" }))).to.match(
      /less than the 100 XMEX promised: nothing is lost/,
    );
    await local().time.increase(86_400n);
    const nameDrawer = (to: string) =>
      asTreasury(local(), async (treasury) => {
        await emissionVault.connect(treasury).setDrawer(stream, to);
      });
    await nameDrawer(nobody);
    expect(await refusal(growth.complete(ben, { invitee: "" })), "another draws").to.match(
      /^User growth can draw 0 XMEX from its stream, less than the 100 XMEX promised/,
    );
    await nameDrawer(drawer);
    const { days, inviteePoints, inviterPoints } = INVITATION;
    expect(await userGrowth.INVITATION_DAYS()).to.equal(days);
    expect((await growth.complete(ben, { invitee: "" })).expected).to.deep.equal([
      `50 XMEX and ${String(inviteePoints)} points to ${ben.account}, and 50 XMEX and ${String(inviterPoints)} points to ${ada.account}, who invited it.`,
    ]);
    expect(await xmex.balanceOf(ada.account)).to.equal(parseEther("50"));
  });

  it("should have a sentence for every refusal and event that users meet", () => {
    expectWordsForAll(local().deployment.xme.userGrowth, GROWTH_WORDS, { refusals: NOT_OF_USERS, events: NOT_TOLD });
    expect(growthTasks.map(({ id: path }) => path.join(" "))).to.have.length(6);
  });

  it("should announce each step before it sends it", async () => {
    await expectAnnouncedFirst(ada, (s) => growth.checkIn(s));
    await checkInDays(ada, 3);
    await expectAnnouncedFirst(ben, (s) => growth.accept(s, { inviter: ada.account }));
    await growth.accept(ben, { inviter: ada.account });
    await checkInDays(ben, 3);
    await mine(ben);
    await expectAnnouncedFirst(ben, (s) => growth.complete(s, { invitee: "" }));
    await expectAnnouncedFirst(ben, (s) => growth.collect(s, { for: "" }));
  });
});
