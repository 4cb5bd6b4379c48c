import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { expect } from "chai";
import { hexlify, parseEther, randomBytes, Result, ZeroAddress } from "ethers";
import hre from "hardhat";

import { buildAirdrop } from "../../../src/airdrop/index.js";
import { claimAirdrop } from "../../../tasks/airdrop/claim-action.js";
import { sweepAirdrop } from "../../../tasks/airdrop/sweep-action.js";
import { buy, describeSale, readSale, saleWords, sweepUnsold, withdrawProceeds } from "../../../tasks/sale/flows.js";
import { describeDraft } from "../../../tasks/support/describe-draft.js";
import { sessionOf } from "../../../tasks/support/session.js";
import { describeVault, giveBack, readVault } from "../../../tasks/vault/flows.js";
import { accept, describeVesting, offer, readVesting, release } from "../../../tasks/vesting/flows.js";
import { rpc } from "../../support/anvil.js";
import { drafted } from "../../support/sendingTasks.js";
import { deployed, expectAnnouncedFirst, onPolygon, type Recorded, recorded, refusal } from "../../support/tasks.js";
import { asTreasury } from "../../support/xmeTasks.js";

const DAY = 86_400;
const CAP = parseEther("1000000");
const COST_OF_CAP = parseEther("100");

describe("X.me's tasks", () => {
  const scratch = mkdtempSync(join(tmpdir(), "xonomy-tasks-"));
  const store = join(scratch, "airdrop.store");

  const local = deployed("xme", 5);

  before(async () => {
    await buildAirdrop({ csv: join(hre.config.paths.ignition, "parameters", "airdrop-local.csv"), out: store });
  });
  after(() => {
    rmSync(scratch, { recursive: true });
  });

  describe("hardhat sale", () => {
    it("should buy what was quoted, for the account or for another", async () => {
      const { session, other, deployment } = local();
      const own = await buy(session, { amount: "1000", to: "" });
      expect(own.expected).to.deep.equal(["1,000 XME for 0.1 ETH."]);
      expect(own.balance).to.equal(parseEther("1000"));
      expect(own.transaction.events[0]).to.match(/bought 1,000 XME for 0\.1 ETH/);
      const given = await buy(session, { amount: "2.5", to: other.account });
      expect(given.balance).to.equal(parseEther("1000"));
      expect(await deployment.xme.xme.balanceOf(other.account)).to.equal(parseEther("2.5"));
    });

    it("should buy for whoever can use them: a treasury, or a vesting wallet, which pays its owner", async () => {
      const { session, deployment, time } = local();
      const { timelock, teamVesting, xme } = deployment.xme;
      const treasury = await timelock.getAddress();
      const before = await xme.balanceOf(treasury);
      await buy(session, { amount: "7", to: treasury });
      expect((await xme.balanceOf(treasury)) - before).to.equal(parseEther("7"));
      await buy(session, { amount: "5", to: await teamVesting.getAddress() });
      await time.increase(10 * 365 * DAY);
      expect((await release(session, { wallet: "team" })).balance).to.equal(parseEther("150000005"));
    });

    it("should buy what cap or sale leave, and say which of them it was", async () => {
      const { session, connection, deployment, other } = local();
      const capped = await buy(session, { amount: "1000001", to: other.account });
      expect(capped.expected).to.deep.equal([
        `1,000,000 XME for 100.0 ETH, which is all that the cap leaves ${other.account} of the 1,000,001 XME asked for.`,
      ]);
      expect(await deployment.xme.xme.balanceOf(other.account)).to.equal(parseEther("1000000"));
      const { publicSale } = deployment.xme;
      const payer = await connection.ethers.getSigner(other.account);
      await connection.networkHelpers.setBalance(other.account, parseEther("100000"));
      for (let left = await publicSale.remaining(); left > parseEther("3"); left = await publicSale.remaining()) {
        const most = left - parseEther("3") < CAP ? left - parseEther("3") : CAP;
        const wallet = hexlify(randomBytes(20));
        await publicSale.connect(payer).buy(wallet, most, 1n, { value: COST_OF_CAP, gasLimit: 300_000n });
      }
      expect((await buy(session, { amount: "10", to: "" })).expected).to.deep.equal([
        "3 XME for 0.0003 ETH, which is all that is left of the 10 XME asked for.",
      ]);
    });

    it("should say what does not allow a purchase, and send nothing", async () => {
      const { session, connection, deployment, other, time } = local();
      const nonce = await connection.ethers.provider.getTransactionCount(session.account);
      expect(await refusal(buy(session, { amount: "", to: "" }))).to.match(/^--amount is missing/);
      expect(await refusal(buy(session, { amount: "1", to: "bob" }))).to.match(/^--to is "bob"/);
      for (const name of ["xme", "publicSale", "genesis"] as const) {
        const to = await deployment.xme[name].getAddress();
        expect(await refusal(buy(session, { amount: "1", to }))).to.match(
          /^--to is 0x\w{40}, which is this deployment's contract (XME|PublicSale|Genesis) and nobody's account/,
        );
      }
      expect(await refusal(buy(session, { amount: "0", to: "" }))).to.match(/^An amount of zero buys nothing/);
      expect(await refusal(buy(session, { amount: "1000001", to: "", atLeast: "1000001" }))).to.match(
        /^Cap and sale leave 1,000,000 XME, less than the 1,000,001 XME asked for at least/,
      );
      expect(await refusal(buy(session, { amount: "1", to: "", atLeast: "half" }))).to.match(/^--at-least is "half"/);
      const payer = await connection.ethers.getSigner(other.account);
      await deployment.xme.publicSale.connect(payer).buy(payer, CAP, CAP, { value: COST_OF_CAP });
      expect(await refusal(buy(session, { amount: "1", to: other.account }))).to.match(
        /has all 1,000,000 XME that one wallet gets here: give another --to/,
      );
      await connection.networkHelpers.setBalance(session.account, parseEther("1"));
      expect(await refusal(buy(session, { amount: "20000", to: "" }))).to.match(
        /^20,000 XME cost 2\.0 ETH, and .* holds 1\.0 ETH/,
      );
      await time.increase(31 * DAY);
      expect(await refusal(buy(session, { amount: "1", to: "" }))).to.match(/^The sale closed at \d{4}-/);
      expect(await connection.ethers.provider.getTransactionCount(session.account)).to.equal(nonce);
    });

    it("should send the treasury what buyers paid, and what nobody bought once it is over", async () => {
      const { session, connection, deployment, other, time } = local();
      const treasury = await deployment.xme.timelock.getAddress();
      expect(await refusal(withdrawProceeds(other))).to.match(/^No proceeds wait in the sale/);
      await buy(session, { amount: "1000", to: "" });
      const before = await connection.ethers.provider.getBalance(treasury);
      const withdrawn = await withdrawProceeds(other);
      expect(withdrawn).to.include({ account: treasury, token: "ETH", balance: before + parseEther("0.1") });
      expect(withdrawn.expected).to.deep.equal([
        `0.1 ETH that buyers paid, all that the sale holds, to the treasury, ${treasury}.`,
      ]);
      expect(withdrawn.transaction.events).to.deep.equal(["0.1 ETH of proceeds went to the treasury."]);

      const nonce = await connection.ethers.provider.getTransactionCount(other.account);
      expect(await refusal(sweepUnsold(other))).to.match(/^The sale goes on until \d{4}-.*: wait\.$/);
      expect(await connection.ethers.provider.getTransactionCount(other.account)).to.equal(nonce);
      await time.increase(31 * DAY);
      const swept = await sweepUnsold(other);
      expect(swept.expected).to.deep.equal([`249,999,000 XME that nobody bought to the treasury, ${treasury}.`]);
      expect(swept.transaction.events).to.deep.equal(["249,999,000 XME that nobody bought went to the treasury."]);
      expect(swept.balance).to.equal(await deployment.xme.xme.balanceOf(treasury));
      expect(await refusal(sweepUnsold(other))).to.match(/^The sale holds no XME: all were sold, or swept already/);
      const { PublicSale_TreasuryRefused: refused } = saleWords(1n).refusals;
      expect(refused?.(Result.fromItems(["0xb", parseEther("2")]))).to.equal(
        "The treasury 0xb does not take 2.0 ETH: they stay in the sale until it does.",
      );
    });

    it("should write down the calls for somebody else to send, where they are allowed", async () => {
      const { session, time } = local();
      await buy(session, { amount: "1000", to: "" });
      const { calls, expected } = await drafted(session, session.account, withdrawProceeds);
      expect(calls.map(({ contract, function: name }) => [contract, name])).to.deep.equal([
        ["PublicSale", "withdrawProceeds()"],
      ]);
      expect(expected[0]).to.match(/^0\.1 ETH that buyers paid/);
      expect(await refusal(drafted(session, session.account, sweepUnsold))).to.match(/^The sale goes on until/);
      await time.increase(31 * DAY);
      expect((await drafted(session, session.account, sweepUnsold)).calls[0]?.function).to.equal("sweepUnsold()");
    });

    it("should tell terms, progress and the account's room", async () => {
      const { session } = local();
      await buy(session, { amount: "1000", to: "" });
      const sale = await readSale(session);
      expect(sale).to.include({
        price: parseEther("0.0001"),
        walletCap: parseEther("1000000"),
        sold: parseEther("1000"),
        remaining: parseEther("249999000"),
        bought: parseEther("1000"),
        room: parseEther("999000"),
      });
      expect(describeSale(sale))
        .to.contain("The sale is open")
        .and.contain("bought 1,000 XME and may buy 999,000 XME more");
    });
  });

  describe("hardhat sale on a chain whose currency is not ether", () => {
    it("should tell prices, costs and payments in that currency", async () => {
      const session = await onPolygon(local(), local().session);
      const bought = await buy(session, { amount: "1000", to: "" });
      expect(bought.expected).to.deep.equal(["1,000 XME for 0.1 POL."]);
      expect(bought.transaction.events[0]).to.match(/bought 1,000 XME for 0\.1 POL/);
      expect(describeSale(await readSale(session))).to.contain("price    0.0001 POL for 1 XME");
      expect(
        describeDraft(await drafted(session, session.account, (one) => buy(one, { amount: "5", to: "" }))),
      ).to.contain("500000000000000 wei, which are 0.0005 POL\n");
      await local().connection.networkHelpers.setBalance(session.account, parseEther("1"));
      expect(await refusal(buy(session, { amount: "20000", to: "" }))).to.match(
        /^20,000 XME cost 2\.0 POL, and .* holds 1\.0 POL/,
      );
      const { PublicSale_PaymentTooLow: tooLow, PublicSale_ChangeRefused: refused } = saleWords(137n).refusals;
      expect(tooLow?.(Result.fromItems([parseEther("1"), parseEther("2")]))).to.match(
        /^The purchase costs 2\.0 POL, not 1\.0 POL:/,
      );
      expect(refused?.(Result.fromItems(["0xb", parseEther("2")]))).to.match(
        /^0xb is a contract that takes no POL, so 2\.0 POL of change cannot come back:/,
      );
    });
  });

  describe("hardhat airdrop claim", () => {
    it("should send an account what the list gives it, once", async () => {
      const { session } = local();
      const claimed = await claimAirdrop(session, { store, to: "" });
      expect((claimed.balance ?? 0n) > 0n).to.equal(true);
      expect(claimed.transaction.events[0]).to.match(/^0x\w{40} received [\d,.]+ XME \(row \d+\)\.$/);
      expect(await refusal(claimAirdrop(session, { store, to: "" }))).to.match(
        /^Row \d+ of the list was claimed already/,
      );
    });

    it("should say so when the store is another list's, or the account is on none", async () => {
      const { session } = local();
      const stranger = "0x000000000000000000000000000000000000dEaD";
      expect(await refusal(claimAirdrop(session, { store, to: stranger }))).to.contain(
        `${stranger} is not on the list`,
      );
      const csv = join(scratch, "other.csv");
      writeFileSync(csv, `address,amount\n${session.account},5\n`);
      const otherStore = join(scratch, "other.store");
      await buildAirdrop({ csv, out: otherStore });
      expect(await refusal(claimAirdrop(session, { store: otherStore, to: "" }))).to.match(
        /was built for the root 0x\w{64}, but/,
      );
    });
  });

  describe("hardhat airdrop sweep", () => {
    it("should send the treasury what nobody claimed, once the airdrop is over", async () => {
      const { session, other, deployment, time } = local();
      const treasury = await deployment.xme.timelock.getAddress();
      await claimAirdrop(session, { store, to: "" });
      expect(await refusal(sweepAirdrop(other))).to.match(/^The airdrop can be claimed until \d{4}-.*: wait\.$/);
      await time.increase(181 * DAY);
      const swept = await sweepAirdrop(other);
      expect(swept.account).to.equal(treasury);
      expect(swept.balance).to.equal(await deployment.xme.xme.balanceOf(treasury));
      expect(swept.expected[0]).to.match(
        /^1\d\d,\d{3},\d{3}(\.\d+)? XME that nobody claimed to the treasury, 0x\w{40}\.$/,
      );
      expect(swept.transaction.events[0]).to.match(/ XME that nobody claimed went to the treasury\.$/);
      expect(await refusal(sweepAirdrop(other))).to.match(/^The airdrop holds no XME/);
    });
  });

  describe("hardhat vesting", () => {
    it("should hand a wallet over in two steps, for its owner and for whom it is offered to", async () => {
      const { session, other, connection, deployment } = local();
      const { teamVesting } = deployment.xme;
      const owner = await sessionOf(connection, deployment, await teamVesting.owner());
      const wallet = "team";
      const offered = await offer(owner, { wallet, to: other.account });
      expect(offered.expected[0]).to.match(
        /^The team wallet stays with .* until .* runs `hardhat vesting accept --wallet team`/,
      );
      expect(offered.transaction.events[0]).to.match(/ offers the wallet to .*, and keeps it until that accepts\.$/);
      expect(describeVesting(await readVesting(session))).to.contain(
        `offered to ${other.account}, who has not accepted`,
      );
      for (const wrong of [() => offer(session, { wallet, to: session.account }), () => accept(session, { wallet })]) {
        expect(await refusal(wrong())).to.match(/is not who may do that: the wallet's owner offers it/);
      }
      expect(await refusal(offer(owner, { wallet, to: await deployment.xme.xme.getAddress() }))).to.match(
        /which is this deployment's contract XME and nobody's account/,
      );
      expect(await refusal(offer(owner, { wallet, to: ZeroAddress }))).to.match(/write nobody if that is meant\.$/);
      const accepted = await accept(other, { wallet });
      expect(accepted.expected[0]).to.match(
        /^The team wallet goes from .* to .*, and so does all that it releases from now on\.$/,
      );
      expect(accepted.transaction.events[0]).to.match(/^The wallet belongs to .* now, and not to/);
      expect(await teamVesting.owner()).to.equal(other.account);

      await offer(other, { wallet, to: session.account });
      const taken = await offer(other, { wallet, to: "nobody" });
      expect(taken.transaction.events[0]).to.match(/ offers the wallet to nobody now\.$/);
      expect(describeVesting(await readVesting(session))).not.to.contain("offered to");
      expect(await refusal(accept(session, { wallet }))).to.match(/is not who may do that/);
    });

    it("should pay the owner what has vested", async () => {
      const { session, deployment, time } = local();
      await time.increase(2 * 365 * DAY);
      const paid = await release(session, { wallet: "team" });
      expect(paid.account).to.equal(await deployment.xme.teamVesting.owner());
      // Half of 150,000,000 after two of four years, and the seconds of the blocks since.
      expect(paid.balance).to.be.within(parseEther("75000000"), parseEther("75001000") - 1n);
      expect(paid.transaction.events[0]).to.match(/^75,000,\d{3}\.\d+ XME were released\.$/);
    });

    it("should say so when nothing has vested, or no wallet is named", async () => {
      const { session } = local();
      expect(await refusal(release(session, { wallet: "team" }))).to.match(/^Nothing vests before \d{4}-/);
      expect(await refusal(release(session, { wallet: "mine" }))).to.equal(
        '--wallet is "mine": choose one of team, private-sale.',
      );
    });

    it("should tell both schedules", async () => {
      const { session, time } = local();
      await time.increase(365 * DAY);
      const [team, privateSale] = await readVesting(session);
      expect(team?.allocated).to.equal(parseEther("150000000"));
      expect(privateSale?.allocated).to.equal(parseEther("100000000"));
      expect((team?.end ?? 0n) - (team?.start ?? 0n)).to.equal(BigInt(4 * 365 * DAY));
      expect((privateSale?.releasable ?? 0n) >= parseEther("50000000")).to.equal(true);
      expect(describeVesting(await readVesting(session))).to.contain("private-sale: 100,000,000 XME");
    });
  });

  describe("hardhat vault status", () => {
    it("should tell what the line of emission says is unlocked", async () => {
      const { session, time, deployment } = local();
      await time.increase(365 * DAY);
      const vault = await readVault(session);
      const elapsed = vault.time - vault.start;
      const perBasisPoint = (9n * 10n ** 24n * elapsed) / BigInt(8 * 365 * DAY);
      expect(vault.unlocked).to.equal(perBasisPoint * 10_000n);
      expect(vault.streams[0]).to.include({
        shareBps: 6_000n,
        accrued: perBasisPoint * 6_000n,
        netDrawn: 0n,
        drawer: await deployment.xme.socialMining.getAddress(),
      });
      expect(vault.streams).to.have.length(8);
      expect(vault.streams[4]?.drawer).to.equal(undefined);
      expect(describeVault(vault)).to.contain("nobody yet");
    });
  });

  describe("hardhat vault return", () => {
    it("should give XMEX back to a stream, which can release them again", async () => {
      const { session, deployment } = local();
      const { emissionVault: vault, xmex } = deployment.xme;
      const given = { stream: "7", amount: "12.5" };
      expect(await refusal(giveBack(session, given))).to.match(/holds 0 XMEX, and 12\.500000 XMEX are needed/);
      expect(await refusal(giveBack(session, { ...given, stream: "8" }))).to.equal(
        "There is no stream 8: `hardhat vault status` shows those there are.",
      );
      expect(await refusal(giveBack(session, { ...given, amount: "0" }))).to.match(/^An amount of zero gives nothing/);
      expect(await refusal(giveBack(session, { ...given, amount: "9".repeat(58) }))).to.match(
        /^That is more XMEX than there are/,
      );
      await asTreasury(local(), async (treasury) => {
        await xmex.connect(treasury).transfer(session.account, parseEther("20"));
      });
      const held = await xmex.balanceOf(vault);
      const returned = await giveBack(session, given);
      expect(returned.expected).to.include(
        "12.500000 XMEX for stream 7, which can release 12.500000 XMEX then. Nobody gives them back.",
      );
      expect(returned.transaction.events).to.deep.equal([`${session.account} gave stream 7 12.500000 XMEX.`]);
      expect(returned.balance).to.equal(parseEther("7.5"));
      expect(await vault.available(7n)).to.equal(parseEther("12.5"));
      expect((await xmex.balanceOf(vault)) - held).to.equal(parseEther("12.5"));
    });
  });

  it("should announce each step before it sends it", async () => {
    const { session, time } = local();
    await expectAnnouncedFirst(session, (listening) => buy(listening, { amount: "10", to: "" }));
    await expectAnnouncedFirst(session, (listening) => claimAirdrop(listening, { store, to: "" }));
    await buy(session, { amount: "10", to: "" });
    await expectAnnouncedFirst(session, withdrawProceeds);
    await time.increase(2 * 365 * DAY);
    await expectAnnouncedFirst(session, sweepUnsold);
    await expectAnnouncedFirst(session, sweepAirdrop);
    await expectAnnouncedFirst(session, (listening) => release(listening, { wallet: "team" }));
  });

  context("given a recorded deployment", () => {
    const ends =
      /Transaction 0x[0-9a-f]{64} in block \d+ on network "localhost", [\d,]+ gas\.\n0x\w{40} now holds [\d,.]+ XME\.\n$/;
    let chain: Recorded;

    before(async () => {
      chain = await recorded("xme");
    });
    after(() => chain.remove());

    it("should work from the command line through every command, with --json for machines", async function () {
      this.timeout(240_000);
      const fromShell = await chain.shell(["sale", "buy", "--amount", "2.5", "--account", "7"]);
      expect(fromShell.balance).to.equal(String(parseEther("2.5")));
      const [bought, claimed, huge, sale] = await Promise.all([
        chain.run(["sale", "buy", "--amount", "12.5", "--account", "5"]),
        chain.run(["airdrop", "claim", "--store", store, "--account", "6"]),
        chain.run(["sale", "buy", "--amount", "9".repeat(86), "--json"]),
        chain.run(["sale", "status", "--json"]),
      ]);
      expect(bought.output)
        .to.match(/^12\.500000 XME for 0\.00125 ETH\.\n/)
        .and.match(ends);
      expect(claimed.output)
        .to.match(ends)
        .and.match(/received [\d,.]+ XME \(row \d+\)/);
      expect(huge.code).to.equal(1);
      expect((JSON.parse(huge.output) as { error: string }).error).to.match(/above 2\^256 − 1 base units of XME/);
      expect(JSON.parse(sale.output)).to.include({ price: String(parseEther("0.0001")) });
      await rpc(chain.anvil.url, "evm_increaseTime", 2 * 365 * DAY);
      await rpc(chain.anvil.url, "evm_mine");
      const [withdrawn, unsold, unclaimed] = [
        await chain.run(["sale", "withdraw", "--json"]),
        await chain.run(["sale", "sweep"]),
        await chain.run(["airdrop", "sweep", "--calldata", "--account", "7"]),
      ];
      expect(JSON.parse(withdrawn.output)).to.have.property("token", "ETH");
      expect(unsold.output)
        .to.match(/ XME that nobody bought to the treasury, 0x\w{40}\.\n/)
        .and.match(ends);
      expect(unclaimed.output).to.contain("sweepUnclaimed()");
      const [offer_, accepted, returned] = [
        await chain.run(["vesting", "offer", "--wallet", "team", "--to", "nobody"]),
        await chain.run(["vesting", "accept", "--wallet", "team"]),
        await chain.run(["vault", "return", "--stream", "0", "--amount", "1"]),
      ];
      for (const ran of [offer_, accepted]) expect(ran.complaint).to.match(/is not who may do that/);
      expect(returned.complaint).to.match(/holds 0 XMEX, and 1 XMEX are needed/);
      const [released, vesting, vault] = await Promise.all([
        chain.run(["vesting", "release", "--wallet", "team"]),
        chain.run(["vesting", "status"]),
        chain.run(["vault", "status"]),
      ]);
      expect(released.output)
        .to.match(/^At least 7\d,\d{3},\d{3}\.\d+ XME to 0x\w{40}, the wallet's owner\.\n/)
        .and.match(ends);
      expect(vesting.output).to.contain("private-sale: 100,000,000 XME");
      expect(vault.output).to.contain("nobody yet");
    });
  });
});
