import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { expect } from "chai";
import { parseEther } from "ethers";
import hre from "hardhat";

import { buildAirdrop } from "../../../src/airdrop/index.js";
import { deploy } from "../../../src/deployment/deploy.js";
import { ExplainedError } from "../../../src/deployment/explained-error.js";
import { claimAirdrop } from "../../../tasks/airdrop/claim-action.js";
import { buy, describeSale, readSale } from "../../../tasks/sale/flows.js";
import { sessionOf } from "../../../tasks/support/session.js";
import { describeVault, readVault } from "../../../tasks/vault/flows.js";
import { describeVesting, readVesting, release } from "../../../tasks/vesting/flows.js";

const { config, network } = hre;
const DAY = 86_400;
const CAP = parseEther("1000000");
const COST_OF_CAP = parseEther("100");

async function refusal(promise: Promise<unknown>): Promise<string> {
  return promise.then(
    () => "nothing was refused",
    (error: unknown) => {
      if (error instanceof ExplainedError) return error.message;
      throw error;
    },
  );
}

describe("X.me's tasks", () => {
  const scratch = mkdtempSync(join(tmpdir(), "xonomy-tasks-"));
  const store = join(scratch, "airdrop.store");

  async function fresh() {
    const connection = await network.create();
    const { deployment } = await deploy(hre, connection, { economy: "xme" });
    const session = await sessionOf(connection, deployment, "5");
    const other = await sessionOf(connection, deployment, "6");
    return { connection, deployment, session, other, time: connection.networkHelpers.time };
  }
  let local: Awaited<ReturnType<typeof fresh>>;
  let restore: () => Promise<void>;

  before(async () => {
    local = await fresh();
    await buildAirdrop({ csv: join(config.paths.ignition, "parameters", "airdrop-local.csv"), out: store });
  });
  after(() => {
    rmSync(scratch, { recursive: true });
  });
  beforeEach(async () => {
    const snapshot = await local.connection.networkHelpers.takeSnapshot();
    restore = () => snapshot.restore();
  });
  afterEach(() => restore());

  describe("hardhat sale", () => {
    it("should buy what was quoted, for the account or for another", async () => {
      const { session, other, deployment } = local;
      const own = await buy(session, { amount: "1000", to: "" });
      expect(own.expected).to.deep.equal(["1,000 XME for 0.1 ETH."]);
      expect(own.xme).to.equal(parseEther("1000"));
      expect(own.transaction.events[0]).to.match(/bought 1,000 XME for 0\.1 ETH/);
      const given = await buy(session, { amount: "2.5", to: other.account });
      expect(given.xme).to.equal(parseEther("1000"));
      expect(await deployment.xme.xme.balanceOf(other.account)).to.equal(parseEther("2.5"));
    });

    it("should buy what cap or sale leave, and say which of them it was", async () => {
      const { session, connection, deployment, other } = local;
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
        const wallet = connection.ethers.Wallet.createRandom().address;
        await publicSale.connect(payer).buy(wallet, most, 1n, { value: COST_OF_CAP, gasLimit: 300_000n });
      }
      expect((await buy(session, { amount: "10", to: "" })).expected).to.deep.equal([
        "3 XME for 0.0003 ETH, which is all that is left of the 10 XME asked for.",
      ]);
    });

    it("should say what does not allow a purchase, and send nothing", async () => {
      const { session, connection, deployment, other, time } = local;
      const nonce = await connection.ethers.provider.getTransactionCount(session.account);
      expect(await refusal(buy(session, { amount: "", to: "" }))).to.match(/^--amount is missing/);
      expect(await refusal(buy(session, { amount: "1", to: "bob" }))).to.match(/^--to is "bob"/);
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

    it("should tell terms, progress and the account's room", async () => {
      const { session } = local;
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

  describe("hardhat airdrop claim", () => {
    it("should send an account what the list gives it, once", async () => {
      const { session } = local;
      const claimed = await claimAirdrop(session, { store, to: "" });
      expect(claimed.xme > 0n).to.equal(true);
      expect(claimed.transaction.events[0]).to.match(/^0x\w{40} received [\d,.]+ XME \(row \d+\)\.$/);
      expect(await refusal(claimAirdrop(session, { store, to: "" }))).to.match(
        /^Row \d+ of the list was claimed already/,
      );
    });

    it("should say so when the store is another list's, or the account is on none", async () => {
      const { session } = local;
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

  describe("hardhat vesting", () => {
    it("should pay the owner what has vested", async () => {
      const { session, deployment, time } = local;
      await time.increase(2 * 365 * DAY);
      const paid = await release(session, { wallet: "team" });
      expect(paid.account).to.equal(await deployment.xme.teamVesting.owner());
      // Half of 150,000,000 after two of four years, and the seconds of the blocks since.
      expect(paid.xme >= parseEther("75000000") && paid.xme < parseEther("75001000")).to.equal(true);
      expect(paid.transaction.events[0]).to.match(/^75,000,\d{3}\.\d+ XME were released\.$/);
    });

    it("should say so when nothing has vested, or no wallet is named", async () => {
      const { session } = local;
      expect(await refusal(release(session, { wallet: "team" }))).to.match(/^Nothing vests before \d{4}-/);
      expect(await refusal(release(session, { wallet: "mine" }))).to.equal(
        '--wallet is "mine": choose one of team, private-sale.',
      );
    });

    it("should tell both schedules", async () => {
      const { session, time } = local;
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
      const { session, time } = local;
      await time.increase(365 * DAY);
      const vault = await readVault(session);
      const elapsed = vault.time - vault.start;
      const perBasisPoint = (9n * 10n ** 24n * elapsed) / BigInt(8 * 365 * DAY);
      expect(vault.unlocked).to.equal(perBasisPoint * 10_000n);
      expect(vault.streams[0]).to.include({
        shareBps: 10_000n,
        accrued: vault.unlocked,
        netDrawn: 0n,
        drawer: undefined,
      });
      expect(vault.streams).to.have.length(8);
      expect(describeVault(vault)).to.contain("nobody yet");
    });
  });
});
