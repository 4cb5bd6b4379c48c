import { expect } from "chai";
import { type ContractTransactionResponse, MaxUint256, Signature, ZeroAddress, ZeroHash } from "ethers";
import hre, { network } from "hardhat";
import type { HardhatEthersSigner } from "@nomicfoundation/hardhat-ethers/types";

import { STREAM_SCALE } from "../../../src/common/streams.js";
import { EMISSION_ALLOCATION, EmissionModel } from "../../../src/xme/emission.js";
import {
  GWEI,
  NODE_CAP_PER_BOND,
  NODE_MAX_COMMISSION_BPS,
  NODE_MAX_LEVEL,
  NODE_MINIMUM_SHARES,
  NODE_MIN_BOND,
  NODE_MONTH,
  NODE_UNBONDING,
  NodeRefusal,
  type NodeState,
  NodesModel,
  PRINCIPAL_UNIT,
  nodeCap,
} from "../../../src/xme/nodes.js";
import type { NodeStaking } from "../../../typechain-types/index.js";
import { PERMIT_TYPES } from "../../support/permit.js";
import { effort } from "../../support/effort.js";
import { Random, seedOfThisRun } from "../../support/rankRandom.js";

const { ethers, networkHelpers } = await network.create();

const SEED = seedOfThisRun();
const TOKEN = 10n ** 18n;
const DAY = 86_400n;
const MONTH = NODE_MONTH;
const WEEK = NODE_UNBONDING.first;
/** A whole XMEX a second. */
const XMEX_MONTHLY = MONTH * TOKEN;
/** A thousandth of an XME a second. */
const XME_MONTHLY = (MONTH * TOKEN) / 1_000n;
const STREAM = 2n;
const URI = "ipfs://node-one";
const BOND = 100_000n * TOKEN;

type Shares = [bigint, bigint, bigint, bigint, bigint, bigint, bigint, bigint];
/** Stream 2 gets almost a hundred thousand XMEX a month. */
const SHARES: Shares = [4_000n, 1_000n, 1n, 4_999n, 0n, 0n, 0n, 0n];

/** Whether two amounts lie at most `apart` apart. */
function within(one: bigint, other: bigint, apart: bigint): boolean {
  return one - other <= apart && other - one <= apart;
}

describe("NodeStaking", () => {
  const at = async (timestamp: bigint) => networkHelpers.time.setNextBlockTimestamp(timestamp);
  const now = async () => BigInt(await networkHelpers.time.latest());
  /** Moves on to `timestamp`, so that views are of it. */
  const goTo = async (timestamp: bigint) => networkHelpers.time.increaseTo(timestamp);

  /** At the beginning of a month, with a vault that names no drawer. */
  async function deploy() {
    const [governance, operator, ada, ben, cleo, stranger] = await ethers.getSigners();
    if (!governance || !operator || !ada || !ben || !cleo || !stranger) throw new Error("too few accounts");
    const xme = await ethers.deployContract("XME");
    const xmex = await ethers.deployContract("XMEX");
    const manager = await ethers.deployContract("AccessManager", [governance]);
    const start = await now();
    const vault = await ethers.deployContract("EmissionVault", [xmex, manager, start, SHARES]);
    await xmex.transfer(vault, EMISSION_ALLOCATION);
    const staking = await ethers.deployContract("NodeStaking", [xme, xmex, vault, STREAM, manager]);
    const made = await now();
    for (const holder of [governance, operator, ada, ben, cleo]) {
      await xme.transfer(holder, 1_000_000n * TOKEN);
      await xmex.transfer(holder, 1_000_000_000n * TOKEN);
      await xme.connect(holder).approve(staking, MaxUint256);
      await xmex.connect(holder).approve(staking, MaxUint256);
    }
    const begin = ((await now()) / MONTH + 1n) * MONTH;
    await goTo(begin);
    const as = (holder: HardhatEthersSigner) => staking.connect(holder);
    return {
      governance,
      operator,
      ada,
      ben,
      cleo,
      stranger,
      xme,
      xmex,
      manager,
      start,
      vault,
      staking,
      made,
      begin,
      as,
    };
  }

  /** The operator has a node, 1, with a commission of 10 % and room for ten million XMEX. */
  async function opened() {
    const world = await deploy();
    await world.as(world.operator).openNode(BOND, 1_000n, URI);
    return world;
  }

  /** Ada has delegated 3,000 XMEX to it and Ben 1,000, and from `begin` on a whole XMEX and a thousandth of an XME stream each second. */
  async function streaming() {
    const world = await opened();
    const { governance, ada, ben, as } = world;
    await as(ada).delegate(1n, 3_000n * TOKEN);
    await as(ben).delegate(1n, 1_000n * TOKEN);
    await as(governance).addXmexIncome(XMEX_MONTHLY);
    await as(governance).addXmeIncome(XME_MONTHLY);
    const begin = world.begin + MONTH;
    await goTo(begin);
    return { ...world, begin };
  }

  /** As before, a day later, when Ada asked half of hers back. */
  async function asked() {
    const world = await streaming();
    const askedAt = world.begin + DAY;
    await at(askedAt);
    await world.as(world.ada).undelegate(1n, 1_500n * TOKEN);
    return { ...world, askedAt, availableAt: askedAt + WEEK };
  }

  /** As streaming, a day later, when the operator closed the node. */
  async function closed() {
    const world = await streaming();
    const closedAt = world.begin + DAY;
    await at(closedAt);
    await world.as(world.operator).closeNode(1n);
    return { ...world, closedAt };
  }

  /** As streaming, and the vault pays its stream to delegators. */
  async function drawing() {
    const world = await streaming();
    await world.vault.setDrawer(STREAM, world.staking);
    return world;
  }

  const refuses = async (staking: NodeStaking, sent: Promise<unknown>, error: string, ...values: unknown[]) => {
    await expect(sent)
      .to.be.revertedWithCustomError(staking, `NodeStaking_${error}`)
      .withArgs(...values);
  };

  describe("constructor", () => {
    it("refuses a token, a vault or an authority without code", async () => {
      const { staking, xme, xmex, vault, manager, stranger } = await networkHelpers.loadFixture(deploy);
      for (const [parameters, error] of [
        [[stranger, xmex, vault, STREAM, manager], "TokenHasNoCode"],
        [[xme, stranger, vault, STREAM, manager], "TokenHasNoCode"],
        [[xme, xmex, stranger, STREAM, manager], "VaultHasNoCode"],
        [[xme, xmex, vault, STREAM, stranger], "AuthorityHasNoCode"],
      ] as const) {
        await refuses(staking, ethers.deployContract("NodeStaking", [...parameters]), error, stranger.address);
      }
    });

    it("refuses tokens that are the same", async () => {
      const { staking, xmex, vault, manager } = await networkHelpers.loadFixture(deploy);
      const made = ethers.deployContract("NodeStaking", [xmex, xmex, vault, STREAM, manager]);
      await refuses(staking, made, "TokensAreTheSame", await xmex.getAddress());
    });

    it("refuses a vault that releases another token, or has no such stream", async () => {
      const { staking, xme, xmex, vault, manager } = await networkHelpers.loadFixture(deploy);
      const another = await ethers.deployContract("EmissionVault", [xme, manager, await now(), SHARES]);
      const made = ethers.deployContract("NodeStaking", [xme, xmex, another, STREAM, manager]);
      await refuses(staking, made, "VaultTokenMismatch", await xme.getAddress(), await xmex.getAddress());
      await expect(ethers.deployContract("NodeStaking", [xme, xmex, vault, 8n, manager]))
        .to.be.revertedWithCustomError(vault, "EmissionVault_UnknownStream")
        .withArgs(8n);
    });

    it("shows what it was made with, and its numbers", async () => {
      const { staking, xme, xmex, vault, manager } = await networkHelpers.loadFixture(deploy);
      expect(await staking.xme()).to.equal(await xme.getAddress());
      expect(await staking.xmex()).to.equal(await xmex.getAddress());
      expect(await staking.vault()).to.equal(await vault.getAddress());
      expect(await staking.emissionStream()).to.equal(STREAM);
      expect(await staking.authority()).to.equal(await manager.getAddress());
      expect(await staking.MONTH()).to.equal(NODE_MONTH);
      expect(await staking.MINIMUM_SHARES()).to.equal(NODE_MINIMUM_SHARES);
      expect(await staking.MAX_COMMISSION_BPS()).to.equal(NODE_MAX_COMMISSION_BPS);
      expect(await staking.MIN_BOND()).to.equal(NODE_MIN_BOND);
      expect(await staking.CAP_PER_BOND()).to.equal(NODE_CAP_PER_BOND);
      expect(await staking.MAX_LEVEL()).to.equal(NODE_MAX_LEVEL);
      expect(await staking.MIN_UNBONDING_PERIOD()).to.equal(NODE_UNBONDING.shortest);
      expect(await staking.MAX_UNBONDING_PERIOD()).to.equal(NODE_UNBONDING.longest);
      expect(await staking.unbondingPeriod()).to.equal(NODE_UNBONDING.first);
      expect(await staking.nodeCount()).to.equal(0n);
      expect([...(await staking.poolState())]).to.deep.equal([STREAM_SCALE, 0n, 0n, 0n, 0n, 0n, 0n]);
    });

    it("fits the limits of code size", async () => {
      const { bytecode, deployedBytecode } = await hre.artifacts.readArtifact("NodeStaking");
      if (hre.globalOptions.coverage || process.env["DEV_SOURCES"] !== undefined) return;
      expect((deployedBytecode.length - 2) / 2).to.be.at.most(24_576);
      expect((bytecode.length - 2) / 2).to.be.at.most(49_152);
    });
  });

  describe("openNode", () => {
    it("refuses a commission above 20 % and a bond below a thousand XME, and takes both edges", async () => {
      const { staking, operator, as } = await networkHelpers.loadFixture(deploy);
      await refuses(staking, as(operator).openNode(BOND, 2_001n, URI), "CommissionTooHigh", 2_001n, 2_000n);
      const less = NODE_MIN_BOND - 1n;
      await refuses(staking, as(operator).openNode(less, 2_000n, URI), "BondTooSmall", less, NODE_MIN_BOND);
      await as(operator).openNode(NODE_MIN_BOND, 2_000n, URI);
      expect((await staking.nodeOf(1n)).capLeft).to.equal(100_000n * TOKEN);
    });

    it("fails in the token without an allowance", async () => {
      const { xme, stranger, as } = await networkHelpers.loadFixture(deploy);
      await expect(as(stranger).openNode(BOND, 0n, URI)).to.be.revertedWithCustomError(
        xme,
        "ERC20InsufficientAllowance",
      );
    });

    it("takes the bond, numbers the node and tells", async () => {
      const { staking, xme, operator, cleo, as } = await networkHelpers.loadFixture(deploy);
      await expect(as(operator).openNode(BOND, 1_000n, URI))
        .to.emit(staking, "NodeOpened")
        .withArgs(1n, operator.address, BOND, 1_000n, URI);
      await expect(as(cleo).openNode(NODE_MIN_BOND + 1n, 0n, ""))
        .to.emit(staking, "NodeOpened")
        .withArgs(2n, cleo.address, NODE_MIN_BOND + 1n, 0n, "");
      expect(await staking.nodeCount()).to.equal(2n);
      expect(await xme.balanceOf(staking)).to.equal(BOND + NODE_MIN_BOND + 1n);
      const expected: NodeState = {
        operator: operator.address,
        isOpen: true,
        level: 0n,
        bond: BOND,
        bondLeaving: 0n,
        bondAvailableAt: 0n,
        commissionBps: 1_000n,
        nextCommissionBps: 1_000n,
        nextCommissionMonth: 0n,
        delegated: 0n,
        cap: 10_000_000n * TOKEN,
        capLeft: 10_000_000n * TOKEN,
        shares: 0n,
        commissionShares: 0n,
        commission: 0n,
        commissionXme: 0n,
      };
      expect([...(await staking.nodeOf(1n))]).to.deep.equal(Object.values(expected));
      expect((await staking.nodeOf(2n)).cap).to.equal(100_000n * TOKEN);
    });
  });

  describe("with a permit", () => {
    async function permitted() {
      const world = await opened();
      const { staking, operator, begin } = world;
      const { chainId } = await ethers.provider.getNetwork();
      const spender = await staking.getAddress();
      const deadline = begin + 12n * MONTH;
      const sign = async (token: (typeof world)["xme" | "xmex"], value: bigint) => {
        const domain = { name: await token.name(), version: "1", chainId, verifyingContract: await token.getAddress() };
        await token.connect(operator).approve(staking, 0n);
        const message = { owner: operator.address, spender, value, nonce: await token.nonces(operator), deadline };
        const { v, r, s } = Signature.from(await operator.signTypedData(domain, PERMIT_TYPES, message));
        return [deadline, v, r, s] as const;
      };
      return { ...world, spender, sign };
    }

    it("opens, bonds and delegates with a good signature, without an allowance, and leaves none", async () => {
      const { staking, xme, xmex, operator, as, sign } = await networkHelpers.loadFixture(permitted);
      await as(operator).openNodeWithPermit(BOND, 500n, URI, ...(await sign(xme, BOND)));
      await as(operator).addBondWithPermit(2n, 7n, ...(await sign(xme, 7n)));
      await as(operator).delegateWithPermit(2n, TOKEN, ...(await sign(xmex, TOKEN)));
      const node = await staking.nodeOf(2n);
      expect([node.bond, node.commissionBps, node.delegated]).to.deep.equal([BOND + 7n, 500n, TOKEN]);
      expect(await xme.allowance(operator, staking)).to.equal(0n);
      expect(await xmex.allowance(operator, staking)).to.equal(0n);
    });

    it("does so all the same where somebody used the signature first", async () => {
      const { staking, xmex, operator, stranger, as, spender, sign } = await networkHelpers.loadFixture(permitted);
      const permit = await sign(xmex, TOKEN);
      await xmex.connect(stranger).permit(operator, spender, TOKEN, ...permit);
      await as(operator).delegateWithPermit(1n, TOKEN, ...permit);
      expect(await staking.sharesOf(1n, operator)).to.equal(TOKEN);
    });

    it("does so all the same with a bad signature and an allowance", async () => {
      const { staking, ben, as } = await networkHelpers.loadFixture(permitted);
      const bad = [0n, 27, ZeroHash, ZeroHash] as const;
      await as(ben).openNodeWithPermit(BOND, 0n, URI, ...bad);
      await as(ben).addBondWithPermit(2n, 1n, ...bad);
      await as(ben).delegateWithPermit(2n, TOKEN, ...bad);
      expect((await staking.nodeOf(2n)).bond).to.equal(BOND + 1n);
      expect(await staking.sharesOf(2n, ben)).to.equal(TOKEN);
    });

    it("fails in the token with a bad signature and no allowance", async () => {
      const { xmex, operator, as, spender, sign } = await networkHelpers.loadFixture(permitted);
      const permit = await sign(xmex, TOKEN);
      await expect(as(operator).delegateWithPermit(1n, TOKEN + 1n, ...permit))
        .to.be.revertedWithCustomError(xmex, "ERC20InsufficientAllowance")
        .withArgs(spender, 0n, TOKEN + 1n);
    });
  });

  describe("an operator's calls", () => {
    const calls = [
      ["describeNode", [1n, URI]],
      ["addBond", [1n, 1n]],
      ["removeBond", [1n, 1n]],
      ["withdrawBond", [1n, ZeroAddress]],
      ["setCommission", [1n, 0n]],
      ["undelegateCommission", [1n, 1n]],
      ["closeNode", [1n]],
    ] as const;

    it("refuse a node that was never opened, and everybody else, governance too", async () => {
      const { staking, governance, ada, operator } = await networkHelpers.loadFixture(opened);
      for (const [name, parameters] of calls) {
        for (const unknown of [0n, 2n, MaxUint256]) {
          const call = staking.connect(operator).getFunction(name)(unknown, ...parameters.slice(1));
          await refuses(staking, call, "UnknownNode", unknown);
        }
        for (const caller of [governance, ada]) {
          const call = staking.connect(caller).getFunction(name)(...parameters);
          await refuses(staking, call, "NotOperator", 1n, caller.address, operator.address);
        }
      }
    });

    it("refuse a closed node, but for the description and the bond", async () => {
      const { staking, operator } = await networkHelpers.loadFixture(closed);
      for (const [name, parameters] of calls) {
        if (name === "describeNode" || name === "withdrawBond") continue;
        await refuses(staking, staking.connect(operator).getFunction(name)(...parameters), "NodeIsClosed", 1n);
      }
      await staking.connect(operator).describeNode(1n, "ipfs://closed");
    });
  });

  describe("describeNode", () => {
    it("tells where the node is described", async () => {
      const { staking, operator, as } = await networkHelpers.loadFixture(opened);
      await expect(as(operator).describeNode(1n, "ipfs://two"))
        .to.emit(staking, "NodeDescribed")
        .withArgs(1n, "ipfs://two");
    });
  });

  describe("addBond", () => {
    it("refuses nothing", async () => {
      const { staking, operator, as } = await networkHelpers.loadFixture(opened);
      await refuses(staking, as(operator).addBond(1n, 0n), "AmountIsZero");
    });

    it("takes the XME, lifts the cap in whole hundreds of XMEX, and tells", async () => {
      const { staking, xme, operator, as } = await networkHelpers.loadFixture(opened);
      await expect(as(operator).addBond(1n, 2n * TOKEN - 1n))
        .to.emit(staking, "BondAdded")
        .withArgs(1n, 2n * TOKEN - 1n);
      expect(await xme.balanceOf(staking)).to.equal(BOND + 2n * TOKEN - 1n);
      expect((await staking.nodeOf(1n)).cap).to.equal(10_000_100n * TOKEN);
    });
  });

  describe("removeBond", () => {
    it("refuses nothing, more than is bonded, and to go below a thousand XME", async () => {
      const { staking, operator, as } = await networkHelpers.loadFixture(opened);
      await refuses(staking, as(operator).removeBond(1n, 0n), "AmountIsZero");
      await refuses(staking, as(operator).removeBond(1n, BOND + 1n), "AboveBond", 1n, BOND + 1n, BOND);
      const most = BOND - NODE_MIN_BOND;
      await refuses(staking, as(operator).removeBond(1n, most + 1n), "BondTooSmall", NODE_MIN_BOND - 1n, NODE_MIN_BOND);
      await as(operator).removeBond(1n, most);
      expect((await staking.nodeOf(1n)).bond).to.equal(NODE_MIN_BOND);
    });

    it("lowers the cap now, forces nobody out, and lets the bond go when it has waited, anew for all of it", async () => {
      const { staking, xme, operator, ada, ben, stranger, as, begin } = await networkHelpers.loadFixture(opened);
      await as(ada).delegate(1n, 500_000n * TOKEN);
      await at(begin + DAY);
      await expect(as(operator).removeBond(1n, 96_000n * TOKEN))
        .to.emit(staking, "BondRemoved")
        .withArgs(1n, 96_000n * TOKEN, begin + DAY + WEEK);
      let node = await staking.nodeOf(1n);
      expect([node.cap, node.capLeft, node.delegated]).to.deep.equal([400_000n * TOKEN, 0n, 500_000n * TOKEN]);
      await refuses(staking, as(ben).delegate(1n, 1n), "AboveCap", 1n, 500_000n * TOKEN + 1n, 400_000n * TOKEN);
      expect(await staking.worthOf(1n, ada)).to.equal(500_000n * TOKEN);

      await at(begin + 3n * DAY);
      await as(operator).removeBond(1n, 1n);
      node = await staking.nodeOf(1n);
      expect([node.bondLeaving, node.bondAvailableAt]).to.deep.equal([96_000n * TOKEN + 1n, begin + 3n * DAY + WEEK]);
      await at(begin + 3n * DAY + WEEK - 1n);
      await refuses(
        staking,
        as(operator).withdrawBond(1n, stranger),
        "StillWaiting",
        begin + 3n * DAY + WEEK,
        begin + 3n * DAY + WEEK - 1n,
      );
      await at(begin + 3n * DAY + WEEK);
      await expect(as(operator).withdrawBond(1n, stranger))
        .to.emit(staking, "BondWithdrawn")
        .withArgs(1n, stranger.address, 96_000n * TOKEN + 1n);
      expect(await xme.balanceOf(stranger)).to.equal(96_000n * TOKEN + 1n);
      expect((await staking.nodeOf(1n)).bondAvailableAt).to.equal(0n);
    });
  });

  describe("withdrawBond", () => {
    it("refuses the contract itself, and where nothing is leaving", async () => {
      const { staking, operator, as } = await networkHelpers.loadFixture(opened);
      await refuses(staking, as(operator).withdrawBond(1n, staking), "RecipientIsNodeStaking");
      await refuses(staking, as(operator).withdrawBond(1n, operator), "NothingToTake", operator.address);
    });
  });

  describe("setCommission", () => {
    it("refuses more than 20 %", async () => {
      const { staking, operator, as } = await networkHelpers.loadFixture(opened);
      await refuses(staking, as(operator).setCommission(1n, 2_001n), "CommissionTooHigh", 2_001n, 2_000n);
    });

    it("leaves this month as it is, and applies from the first second of the next, whenever anybody calls", async () => {
      const { staking, governance, operator, as, begin } = await networkHelpers.loadFixture(streaming);
      await as(governance).addXmexIncome(XMEX_MONTHLY);
      const next = begin + MONTH;
      await at(begin + 10n * DAY);
      await expect(as(operator).setCommission(1n, 2_000n))
        .to.emit(staking, "CommissionAnnounced")
        .withArgs(1n, 2_000n, next / MONTH);
      await goTo(next - 1n);
      let node = await staking.nodeOf(1n);
      expect([node.commissionBps, node.nextCommissionBps, node.nextCommissionMonth]).to.deep.equal([
        1_000n,
        2_000n,
        next / MONTH,
      ]);
      for (const months of [1n, 3n, 40n]) {
        const snapshot = await networkHelpers.takeSnapshot();
        await goTo(next + months * MONTH - 1n);
        node = await staking.nodeOf(1n);
        expect([node.commissionBps, node.nextCommissionBps, node.nextCommissionMonth]).to.deep.equal([
          2_000n,
          2_000n,
          0n,
        ]);
        const earned = months === 1n ? 2n * XMEX_MONTHLY - TOKEN : 2n * XMEX_MONTHLY;
        let [delegators, own, last] = [4_000n * TOKEN, 0n, STREAM_SCALE];
        for (const [xmex, bps] of [
          [10n * DAY * TOKEN, 1_000n], // where it was announced
          [XMEX_MONTHLY, 1_000n],
          [earned, 2_000n],
        ] as const) {
          const price = (STREAM_SCALE * (4_000n * TOKEN + xmex)) / (4_000n * TOKEN);
          const fee = (delegators * (price - last) * bps) / (10_000n * price);
          [delegators, own, last] = [delegators - fee, own + fee, price];
        }
        expect(within(node.commission, (own * last) / STREAM_SCALE, 10_000n)).to.equal(true);
        expect(within(node.delegated, (delegators * last) / STREAM_SCALE, 10_000n)).to.equal(true);
        await snapshot.restore();
      }
    });

    it("takes the place of a change announced this month, and settles one of an earlier month first", async () => {
      const { staking, operator, as, begin } = await networkHelpers.loadFixture(streaming);
      await as(operator).setCommission(1n, 2_000n);
      await as(operator).setCommission(1n, 300n);
      expect((await staking.nodeOf(1n)).nextCommissionBps).to.equal(300n);
      await at(begin + 2n * MONTH);
      await as(operator).setCommission(1n, 0n);
      const node = await staking.nodeOf(1n);
      expect([node.commissionBps, node.nextCommissionBps]).to.deep.equal([300n, 0n]);
    });
  });

  describe("undelegateCommission", () => {
    it("refuses nothing and more than there is", async () => {
      const { staking, operator, as, begin } = await networkHelpers.loadFixture(streaming);
      await refuses(staking, as(operator).undelegateCommission(1n, 0n), "AmountIsZero");
      await at(begin + DAY);
      await as(operator).undelegateCommission(1n, MaxUint256);
      await at(begin + DAY + 1n);
      const call = as(operator).undelegateCommission(1n, TOKEN);
      await expect(call).to.be.revertedWithCustomError(staking, "NodeStaking_AboveShares");
    });

    it("lets a tenth of what was earned wait for the operator, and stops its earning", async () => {
      const { staking, xmex, operator, stranger, as, begin } = await networkHelpers.loadFixture(streaming);
      await at(begin + DAY);
      const { commission, commissionShares } = await staking.nodeOf(1n, { blockTag: "pending" });
      const sent = as(operator).undelegateCommission(1n, MaxUint256);
      await expect(sent)
        .to.emit(staking, "CommissionUndelegated")
        .withArgs(1n, commissionShares, commission, begin + DAY + WEEK);
      expect(within(commission, (DAY * TOKEN) / 10n, 100n)).to.equal(true);
      expect([...(await staking.unbondingOf(operator))]).to.deep.equal([commission, begin + DAY + WEEK]);
      expect((await staking.nodeOf(1n)).commissionShares).to.equal(0n);
      await at(begin + DAY + WEEK);
      await as(operator).withdraw(stranger);
      expect(await xmex.balanceOf(stranger)).to.equal(commission);
    });

    it("takes a part", async () => {
      const { staking, operator, as, begin } = await networkHelpers.loadFixture(streaming);
      await at(begin + DAY);
      await as(operator).undelegateCommission(1n, 1_000n);
      const left = (await staking.nodeOf(1n)).commissionShares;
      await at(begin + DAY + 1n);
      await as(operator).undelegateCommission(1n, left);
      expect((await staking.nodeOf(1n)).commissionShares > 0n).to.equal(true); // what the second brought
    });
  });

  describe("closeNode", () => {
    it("fixes what delegators have, which they take when they have been there for long enough, and lets bond and commission wait", async () => {
      const { staking, xmex, xme, operator, ada, ben, stranger, as, begin } =
        await networkHelpers.loadFixture(streaming);
      await as(operator).removeBond(1n, TOKEN);
      await at(begin + DAY);
      const node = await staking.nodeOf(1n, { blockTag: "pending" });
      await expect(as(operator).closeNode(1n))
        .to.emit(staking, "NodeClosed")
        .withArgs(1n, node.delegated, node.commission, BOND - TOKEN, begin + DAY + WEEK);
      const shut = await staking.nodeOf(1n);
      expect([shut.isOpen, shut.cap, shut.capLeft, shut.bond, shut.bondLeaving, shut.bondAvailableAt]).to.deep.equal([
        false,
        0n,
        0n,
        0n,
        BOND,
        begin + DAY + WEEK,
      ]);
      expect(within(node.delegated, 4_000n * TOKEN + (DAY * TOKEN * 9n) / 10n, 100n)).to.equal(true);
      expect([shut.delegated, shut.commission]).to.deep.equal([node.delegated, 0n]);
      expect((await staking.poolState()).shares).to.equal(0n);

      await goTo(begin + 20n * DAY);
      expect((await staking.nodeOf(1n)).delegated).to.equal(node.delegated);
      const adas = await staking.worthOf(1n, ada);
      await expect(as(ada).leaveClosedNode(1n, stranger))
        .to.emit(staking, "ClosedNodeLeft")
        .withArgs(1n, ada.address, stranger.address, 3_000n * TOKEN, adas);
      expect(await xmex.balanceOf(stranger)).to.equal(adas);
      expect(adas).to.equal((node.delegated * 3n) / 4n);
      await as(ben).leaveClosedNode(1n, stranger);
      expect(await xmex.balanceOf(stranger)).to.equal(node.delegated);
      const left = await staking.nodeOf(1n);
      expect([left.shares, left.delegated]).to.deep.equal([0n, 0n]);
      await as(operator).withdraw(operator);
      await as(operator).withdrawBond(1n, stranger);
      expect(await xme.balanceOf(stranger)).to.equal(BOND);
      expect(await staking.delegatedPrincipalOf(ada)).to.equal(0n);
    });

    it("closes an empty node, which has nothing for anybody but the bond", async () => {
      const { staking, operator, ada, as } = await networkHelpers.loadFixture(opened);
      await as(operator).closeNode(1n);
      expect([...(await staking.unbondingOf(operator))]).to.deep.equal([0n, 0n]);
      await refuses(staking, as(ada).leaveClosedNode(1n, ada), "NothingToTake", ada.address);
    });

    it("calls off a change of commission", async () => {
      const { staking, operator, as, begin } = await networkHelpers.loadFixture(streaming);
      await as(operator).setCommission(1n, 0n);
      await as(operator).closeNode(1n);
      await goTo(begin + 2n * MONTH);
      const node = await staking.nodeOf(1n);
      expect([node.commissionBps, node.nextCommissionBps, node.nextCommissionMonth]).to.deep.equal([
        1_000n,
        1_000n,
        0n,
      ]);
    });

    it("leaves XME that was earned before, to delegators and to the operator", async () => {
      const { staking, xme, operator, ada, ben, stranger, as, begin } = await networkHelpers.loadFixture(streaming);
      await at(begin + DAY);
      await as(ben).delegate(1n, TOKEN); // the operator's shares earn from here on
      await at(begin + 2n * DAY);
      await as(operator).closeNode(1n);
      await as(ada).leaveClosedNode(1n, ada); // at once: she has been there for a month
      await goTo(begin + 9n * DAY);
      const owed = await Promise.all([ada, ben, operator].map((who) => staking.xmeOwedTo(who, [1n])));
      expect(owed.every((each) => each > 0n)).to.equal(true);
      for (const who of [ada, ben, operator]) await as(who).claimXme([1n], stranger);
      const sum = owed.reduce((total, each) => total + each, 0n);
      expect(await xme.balanceOf(stranger)).to.equal(sum);
      expect(within(sum, (2n * DAY * TOKEN) / 1_000n, 5n * GWEI), `${sum}`).to.equal(true);
    });
  });

  describe("delegate", () => {
    it("refuses nothing, an unknown node and a closed one", async () => {
      const { staking, ada, as } = await networkHelpers.loadFixture(closed);
      await refuses(staking, as(ada).delegate(1n, 0n), "AmountIsZero");
      await refuses(staking, as(ada).delegate(2n, 1n), "UnknownNode", 2n);
      await refuses(staking, as(ada).delegate(1n, 1n), "NodeIsClosed", 1n);
    });

    it("refuses what is worth less than a share", async () => {
      const { staking, cleo, as, begin } = await networkHelpers.loadFixture(streaming);
      await at(begin + DAY); // a share is worth 22.6 wei
      await refuses(staking, as(cleo).delegate(1n, 22n), "AmountTooSmall", 22n);
      expect(await staking.previewDelegate(1n, 22n, { blockTag: "pending" })).to.equal(0n);
      await at(begin + DAY + 1n);
      await as(cleo).delegate(1n, 23n);
      expect(await staking.sharesOf(1n, cleo)).to.equal(1n);
    });

    it("refuses one wei above the cap, earnings counted, and takes the last one below", async () => {
      const { staking, cleo, as, begin } = await networkHelpers.loadFixture(streaming);
      await at(begin + DAY);
      const { capLeft, cap } = await staking.nodeOf(1n, { blockTag: "pending" });
      expect(within(capLeft, 9_996_000n * TOKEN - (DAY * TOKEN * 9n) / 10n, 100n)).to.equal(true);
      await expect(as(cleo).delegate(1n, capLeft + 100n)).to.be.revertedWithCustomError(
        staking,
        "NodeStaking_AboveCap",
      );
      await at(begin + DAY + 1n);
      await as(cleo).delegate(1n, (await staking.nodeOf(1n, { blockTag: "pending" })).capLeft);
      const node = await staking.nodeOf(1n);
      expect(node.delegated <= cap && cap - node.delegated < 100n).to.equal(true);
    });

    it("refuses more than 104 bits", async () => {
      const { staking, ada, as } = await networkHelpers.loadFixture(opened);
      for (const amount of [2n ** 104n, MaxUint256]) {
        await expect(as(ada).delegate(1n, amount))
          .to.be.revertedWithCustomError(staking, "SafeCastOverflowedUintDowncast")
          .withArgs(104n, amount);
      }
    });

    it("takes the XMEX, gives the shares that the preview says, counts the principal and tells", async () => {
      const { staking, xmex, ada, cleo, as, begin } = await networkHelpers.loadFixture(streaming);
      await at(begin + DAY);
      const before = await xmex.balanceOf(staking);
      const amount = 10_000n * TOKEN + 123n;
      const shares = await staking.previewDelegate.staticCall(1n, amount, { blockTag: "pending" });
      await expect(as(cleo).delegate(1n, amount))
        .to.emit(staking, "Delegated")
        .withArgs(1n, cleo.address, amount, shares);
      expect(await xmex.balanceOf(staking)).to.equal(before + amount);
      expect(await staking.sharesOf(1n, cleo)).to.equal(shares);
      expect(within(await staking.worthOf(1n, cleo), amount, 100n)).to.equal(true);
      expect(await staking.principalOf(1n, cleo)).to.equal(10_000n * TOKEN);
      expect(await staking.delegatedPrincipalOf(cleo)).to.equal(10_000n * TOKEN);
      expect(await staking.delegatedPrincipalOf(ada)).to.equal(3_000n * TOKEN);
    });

    it("lets late stake earn its own seconds only", async () => {
      const { staking, ada, cleo, as, begin } = await networkHelpers.loadFixture(streaming);
      await at(begin + 29n * DAY);
      await as(cleo).delegate(1n, 500_000n * TOKEN);
      const before = await staking.worthOf(1n, ada);
      await goTo(begin + MONTH);
      const late = (await staking.worthOf(1n, cleo)) - 500_000n * TOKEN;
      const early = await staking.worthOf(1n, ada);
      // of the last day's 86,400 XMEX a tenth goes to the operator, and half a million of all stake was Cleo's
      expect(late < DAY * TOKEN).to.equal(true);
      const all = 4_000n * TOKEN + 29n * DAY * TOKEN + 500_000n * TOKEN;
      const fair = (DAY * TOKEN * 9n * 500_000n * TOKEN) / (10n * all);
      expect(within(late, fair, TOKEN), `${late} ${fair}`).to.equal(true);
      expect(before > 3_000n * TOKEN && early > before).to.equal(true);
    });

    it("gives a first delegator of one wei neither the stream nor a price that shuts others out", async () => {
      const { staking, xmex, governance, ada, ben, as, begin } = await networkHelpers.loadFixture(opened);
      await as(ada).delegate(1n, 1n);
      await as(governance).addXmexIncome(100_000_000n * TOKEN);
      await xmex.connect(ada).transfer(staking, 1_000_000n * TOKEN); // is nobody's
      await goTo(begin + 2n * MONTH);
      const { price } = await staking.poolState();
      expect(price < 100_002n * STREAM_SCALE).to.equal(true); // a hundred million, divided by a thousand XMEX
      expect(await staking.worthOf(1n, ada)).to.be.below(100_002n);
      await as(ben).delegate(1n, TOKEN);
      expect(within(await staking.worthOf(1n, ben), TOKEN, 200_000n)).to.equal(true);
      // what the wei did not earn streams on to whoever is there
      await as(governance).collectIncome();
      const { xmexNext, xmexActive } = await staking.poolState();
      expect(within(xmexNext + xmexActive, 100_000_000n * TOKEN, 200_000n)).to.equal(true);
    });
  });

  describe("undelegate", () => {
    it("refuses nothing, an unknown node, a closed one and more than the caller has", async () => {
      const { staking, ada, stranger, operator, as, begin } = await networkHelpers.loadFixture(streaming);
      await refuses(staking, as(ada).undelegate(1n, 0n), "AmountIsZero");
      await refuses(staking, as(ada).undelegate(2n, 1n), "UnknownNode", 2n);
      const all = 3_000n * TOKEN;
      await refuses(staking, as(ada).undelegate(1n, all + 1n), "AboveShares", 1n, ada.address, all + 1n, all);
      await refuses(staking, as(stranger).undelegate(1n, MaxUint256), "AmountIsZero");
      await refuses(staking, as(stranger).undelegate(1n, 1n), "AboveShares", 1n, stranger.address, 1n, 0n);
      await at(begin + DAY);
      await as(operator).closeNode(1n);
      await refuses(staking, as(ada).undelegate(1n, 1n), "NodeIsClosed", 1n);
    });

    it("refuses a part that is not worth one pool share", async () => {
      const { staking, ada, as, begin } = await networkHelpers.loadFixture(streaming);
      await at(begin + DAY); // the commission has made two node shares less than two pool shares
      await refuses(staking, as(ada).undelegate(1n, 1n), "AmountTooSmall", 1n);
      expect(await staking.previewUndelegate(1n, 1n, { blockTag: "pending" })).to.equal(0n);
    });

    it("takes all that is not worth one pool share for nothing, without a wait, so that nobody is kept", async () => {
      const { staking, ada, ben, cleo, as, begin } = await networkHelpers.loadFixture(streaming);
      await at(begin + DAY); // a node share is worth 20.4 wei, a pool share 22.6
      await as(cleo).delegate(1n, 23n);
      expect(await staking.sharesOf(1n, cleo)).to.equal(1n);
      expect(await staking.worthOf(1n, cleo)).to.equal(0n);
      const [adas, bens] = [await staking.worthOf(1n, ada), await staking.worthOf(1n, ben)];
      await at(begin + DAY + 1n);
      await expect(as(cleo).undelegate(1n, 1n)).to.emit(staking, "Undelegated").withArgs(1n, cleo.address, 1n, 0n, 0n);
      expect(await staking.sharesOf(1n, cleo)).to.equal(0n);
      expect([...(await staking.unbondingOf(cleo))]).to.deep.equal([0n, 0n]);
      expect((await staking.nodeOf(1n)).shares).to.equal(4_000n * TOKEN);
      expect((await staking.worthOf(1n, ada)) >= adas && (await staking.worthOf(1n, ben)) >= bens).to.equal(true);
    });

    it("stops earning now, in proportion in principal too, as the preview says, and tells", async () => {
      const { staking, xmex, ada, ben, as, begin } = await networkHelpers.loadFixture(streaming);
      await at(begin + DAY);
      const expected = await staking.previewUndelegate(1n, 1_000n * TOKEN, { blockTag: "pending" });
      expect(within(expected, 1_000n * TOKEN + (DAY * TOKEN * 9n) / 40n, 100n)).to.equal(true);
      await expect(as(ada).undelegate(1n, 1_000n * TOKEN))
        .to.emit(staking, "Undelegated")
        .withArgs(1n, ada.address, 1_000n * TOKEN, expected, begin + DAY + WEEK);
      expect(await staking.sharesOf(1n, ada)).to.equal(2_000n * TOKEN);
      expect(await staking.principalOf(1n, ada)).to.equal(2_000n * TOKEN);
      expect(await staking.delegatedPrincipalOf(ada)).to.equal(2_000n * TOKEN);
      const [adas, bens] = [await staking.worthOf(1n, ada), await staking.worthOf(1n, ben)];
      await goTo(begin + 2n * DAY);
      expect([...(await staking.unbondingOf(ada))]).to.deep.equal([expected, begin + DAY + WEEK]);
      const [adaEarned, benEarned] = [(await staking.worthOf(1n, ada)) - adas, (await staking.worthOf(1n, ben)) - bens];
      expect(within(adaEarned, 2n * benEarned, 1_000n)).to.equal(true);
      const before = await xmex.balanceOf(ada);
      await at(begin + DAY + WEEK);
      await as(ada).withdraw(ada);
      expect(await xmex.balanceOf(ada)).to.equal(before + expected);
    });

    it("takes all where the largest number is named, of several nodes with one wait", async () => {
      const { staking, ada, cleo, as, begin } = await networkHelpers.loadFixture(streaming);
      await as(cleo).openNode(BOND, 0n, URI);
      await as(ada).delegate(2n, 500n * TOKEN);
      expect(await staking.delegatedPrincipalOf(ada)).to.equal(3_500n * TOKEN);
      await at(begin + DAY);
      await as(ada).undelegate(1n, MaxUint256);
      const [first] = await staking.unbondingOf(ada);
      await at(begin + 2n * DAY);
      await as(ada).undelegate(2n, MaxUint256);
      const [both, availableAt] = await staking.unbondingOf(ada);
      expect(both > first + 500n * TOKEN).to.equal(true);
      expect(availableAt).to.equal(begin + 2n * DAY + WEEK);
      expect(await staking.delegatedPrincipalOf(ada)).to.equal(0n);
      expect(await staking.worthOf(1n, ada)).to.equal(0n);
      expect((await staking.nodeOf(2n)).shares).to.equal(0n);
    });

    it("leaves a node that everybody left as it was at first", async () => {
      const { staking, ada, ben, cleo, as, begin } = await networkHelpers.loadFixture(streaming);
      await at(begin + DAY);
      await as(ada).undelegate(1n, MaxUint256);
      await as(ben).undelegate(1n, MaxUint256);
      const node = await staking.nodeOf(1n);
      expect([node.shares, node.delegated]).to.deep.equal([0n, 0n]);
      expect(node.commission > 0n).to.equal(true);
      const shares = await staking.previewDelegate.staticCall(1n, 100n * TOKEN, { blockTag: "pending" });
      await as(cleo).delegate(1n, 100n * TOKEN);
      expect(within(await staking.worthOf(1n, cleo), 100n * TOKEN, 1_000n)).to.equal(true);
      expect(within(await staking.sharesOf(1n, cleo), shares, 10n ** 18n)).to.equal(true);
    });
  });

  describe("withdraw", () => {
    it("refuses the contract itself, and where nothing is unbonding", async () => {
      const { staking, ada, ben, as } = await networkHelpers.loadFixture(asked);
      await refuses(staking, as(ada).withdraw(staking), "RecipientIsNodeStaking");
      await refuses(staking, as(ben).withdraw(ben), "NothingToTake", ben.address);
    });

    it("refuses one second early, and pays from then on, once", async () => {
      const { staking, xmex, ada, stranger, as, availableAt } = await networkHelpers.loadFixture(asked);
      const [amount] = await staking.unbondingOf(ada);
      await at(availableAt - 1n);
      await refuses(staking, as(ada).withdraw(ada), "StillWaiting", availableAt, availableAt - 1n);
      await at(availableAt);
      await expect(as(ada).withdraw(stranger))
        .to.emit(staking, "Withdrawn")
        .withArgs(ada.address, stranger.address, amount);
      expect(await xmex.balanceOf(stranger)).to.equal(amount);
      await refuses(staking, as(ada).withdraw(ada), "NothingToTake", ada.address);
      expect([...(await staking.unbondingOf(ada))]).to.deep.equal([0n, 0n]);
    });

    it("keeps the wait that was in force at the request", async () => {
      const { staking, ada, ben, as, availableAt, askedAt } = await networkHelpers.loadFixture(asked);
      await staking.setUnbondingPeriod(30n * DAY);
      await at(askedAt + DAY);
      await as(ben).undelegate(1n, TOKEN);
      expect((await staking.unbondingOf(ben)).availableAt).to.equal(askedAt + 31n * DAY);
      await at(availableAt);
      await as(ada).withdraw(ada);
    });
  });

  describe("leaveClosedNode", () => {
    it("refuses the contract itself, an open node and an unknown one", async () => {
      const { staking, ada, as } = await networkHelpers.loadFixture(streaming);
      await refuses(staking, as(ada).leaveClosedNode(1n, staking), "RecipientIsNodeStaking");
      await refuses(staking, as(ada).leaveClosedNode(1n, ada), "NodeIsOpen", 1n);
      await refuses(staking, as(ada).leaveClosedNode(2n, ada), "UnknownNode", 2n);
    });

    it("makes who delegated within the unbonding period wait until it is over, in whole days, whatever others do", async () => {
      const { staking, xmex, operator, ada, ben, cleo, as, begin } = await networkHelpers.loadFixture(streaming);
      const delegatedAt = begin + DAY + 1n;
      await at(delegatedAt);
      await as(cleo).delegate(1n, 5_000n * TOKEN);
      const leavableAt = begin + 2n * DAY + WEEK;
      expect(await staking.leavableAt(1n, cleo)).to.equal(leavableAt);
      await at(delegatedAt + DAY);
      await as(ben).delegate(1n, 1_000n);
      expect(await staking.leavableAt(1n, cleo)).to.equal(leavableAt);
      await as(operator).closeNode(1n);
      const worth = await staking.worthOf(1n, cleo);
      await as(ada).leaveClosedNode(1n, ada);
      await at(leavableAt - 1n);
      await refuses(staking, as(cleo).leaveClosedNode(1n, cleo), "StillWaiting", leavableAt, leavableAt - 1n);
      expect(await staking.delegatedPrincipalOf(cleo)).to.equal(5_000n * TOKEN);
      const before = await xmex.balanceOf(cleo);
      await at(leavableAt);
      await as(cleo).leaveClosedNode(1n, cleo);
      expect((await xmex.balanceOf(cleo)) - before).to.equal(worth);
      expect(await staking.leavableAt(1n, cleo)).to.equal(0n);
      expect(await staking.leavableAt(1n, ben)).to.equal(leavableAt + DAY);
    });

    it("lets nobody put in stake, close and take it out in one block", async () => {
      const { staking, ada, as, begin } = await networkHelpers.loadFixture(opened);
      await as(ada).openNode(NODE_MIN_BOND, 0n, URI);
      await ethers.provider.send("evm_setAutomine", [false]);
      const gas = { gasLimit: 1_000_000n };
      const sent = [
        await as(ada).delegate(2n, 1_000n * TOKEN, gas),
        await as(ada).closeNode(2n, gas),
        await as(ada).leaveClosedNode(2n, ada, gas),
      ];
      await at(begin + DAY); // midnight, which rounds up to nothing more
      await networkHelpers.mine();
      await ethers.provider.send("evm_setAutomine", [true]);
      const receipts = await Promise.all(sent.map(({ hash }) => ethers.provider.getTransactionReceipt(hash)));
      expect(
        receipts.map((receipt) => [receipt?.status, receipt?.blockNumber === receipts[0]?.blockNumber]),
      ).to.deep.equal([
        [1, true],
        [1, true],
        [0, true],
      ]);
      await at(begin + DAY + WEEK - 1n);
      const early = as(ada).leaveClosedNode(2n, ada);
      await refuses(staking, early, "StillWaiting", begin + DAY + WEEK, begin + DAY + WEEK - 1n);
      await at(begin + DAY + WEEK);
      await as(ada).leaveClosedNode(2n, ada);
    });

    it("counts from the last delegation of those that are left, by the period in force", async () => {
      const { staking, governance, cleo, as, begin } = await networkHelpers.loadFixture(streaming);
      expect(await staking.leavableAt(1n, cleo)).to.equal(0n);
      for (const day of [1n, 3n]) {
        await at(begin + day * DAY - 1n);
        await as(cleo).delegate(1n, 100n * TOKEN);
        expect(await staking.leavableAt(1n, cleo)).to.equal(begin + day * DAY + WEEK);
      }
      await at(begin + 20n * DAY);
      await as(cleo).undelegate(1n, (await staking.sharesOf(1n, cleo)) / 2n);
      await as(cleo).claimXme([1n], cleo);
      expect(await staking.leavableAt(1n, cleo)).to.equal(begin + 3n * DAY + WEEK);
      await as(governance).setUnbondingPeriod(30n * DAY);
      expect(await staking.leavableAt(1n, cleo)).to.equal(begin + 33n * DAY);
      await as(cleo).undelegate(1n, MaxUint256);
      expect(await staking.leavableAt(1n, cleo)).to.equal(0n);
    });

    it("pays once, at once where the last delegation is an unbonding period ago", async () => {
      const { staking, ada, as } = await networkHelpers.loadFixture(closed);
      await as(ada).leaveClosedNode(1n, ada);
      await refuses(staking, as(ada).leaveClosedNode(1n, ada), "NothingToTake", ada.address);
    });
  });

  describe("claimXme", () => {
    it("refuses the contract itself, an unknown node, and where nothing is owed", async () => {
      const { staking, ada, stranger, as } = await networkHelpers.loadFixture(streaming);
      await refuses(staking, as(ada).claimXme([1n], staking), "RecipientIsNodeStaking");
      await refuses(staking, as(ada).claimXme([1n, 2n], ada), "UnknownNode", 2n);
      await expect(staking.xmeOwedTo(ada, [2n])).to.be.revertedWithCustomError(staking, "NodeStaking_UnknownNode");
      await refuses(staking, as(stranger).claimXme([1n], stranger), "NothingToTake", stranger.address);
      await refuses(staking, as(ada).claimXme([], ada), "NothingToTake", ada.address);
    });

    it("pays three quarters to three quarters of the stake, a node named twice once, as the preview says", async () => {
      const { staking, xme, ada, ben, stranger, as, begin } = await networkHelpers.loadFixture(streaming);
      await at(begin + DAY);
      const owed = await staking.xmeOwedTo(ada, [1n, 1n], { blockTag: "pending" });
      expect(within(owed, (DAY * TOKEN * 3n) / 4_000n, GWEI)).to.equal(true);
      await expect(as(ada).claimXme([1n, 1n], stranger))
        .to.emit(staking, "XmeClaimed")
        .withArgs(ada.address, stranger.address, owed);
      expect(await xme.balanceOf(stranger)).to.equal(owed);
      expect(await staking.xmeOwedTo(ada, [1n])).to.equal(0n);
      expect(within(await staking.xmeOwedTo(ben, [1n]), (DAY * TOKEN) / 4_000n, GWEI)).to.equal(true);
    });

    it("keeps what was earned before shares change hands, and pays it without a node", async () => {
      const { staking, ada, cleo, as, begin } = await networkHelpers.loadFixture(streaming);
      await at(begin + DAY);
      await as(ada).undelegate(1n, MaxUint256);
      await as(cleo).delegate(1n, 5_000n * TOKEN);
      const owed = await staking.xmeOwedTo(ada, []);
      expect(within(owed, (DAY * TOKEN * 3n) / 4_000n, GWEI)).to.equal(true);
      await goTo(begin + 2n * DAY);
      expect(await staking.xmeOwedTo(ada, [1n])).to.equal(owed);
      await expect(as(ada).claimXme([], ada)).to.emit(staking, "XmeClaimed").withArgs(ada.address, ada.address, owed);
    });

    it("pays an operator what the commission has earned", async () => {
      const { staking, operator, ben, as, begin } = await networkHelpers.loadFixture(streaming);
      await at(begin + DAY);
      await as(ben).delegate(1n, TOKEN);
      const price = 4_000n * TOKEN + DAY * TOKEN;
      await goTo(begin + 2n * DAY);
      const owed = await staking.xmeOwedTo(operator, [1n]);
      expect(owed).to.equal((await staking.nodeOf(1n)).commissionXme);
      const fair = (((DAY * TOKEN) / 1_000n) * ((DAY * TOKEN) / 10n)) / price;
      expect(within(owed, fair, fair / 1_000n), `${owed} ${fair}`).to.equal(true);
      await at(begin + 2n * DAY + 1n);
      await as(operator).claimXme([1n], operator);
      expect(await staking.xmeOwedTo(operator, [1n])).to.equal(0n);
    });
  });

  describe("income", () => {
    it("refuses nothing, and what was not allowed", async () => {
      const { staking, xme, xmex, ada, stranger, as } = await networkHelpers.loadFixture(opened);
      await refuses(staking, as(ada).addXmexIncome(0n), "AmountIsZero");
      await refuses(staking, as(ada).addXmeIncome(0n), "AmountIsZero");
      await expect(as(stranger).addXmexIncome(1n)).to.be.revertedWithCustomError(xmex, "ERC20InsufficientAllowance");
      await expect(as(stranger).addXmeIncome(1n)).to.be.revertedWithCustomError(xme, "ERC20InsufficientAllowance");
    });

    it("refuses more than a stream can hold", async () => {
      const { staking, ada, as } = await networkHelpers.loadFixture(opened);
      await expect(as(ada).addXmexIncome(2n ** 104n)).to.be.revertedWithCustomError(
        staking,
        "SafeCastOverflowedUintDowncast",
      );
      await expect(as(ada).addXmeIncome(GWEI * 2n ** 64n)).to.be.revertedWithCustomError(
        staking,
        "NodeStates_ValueTooWide",
      );
    });

    it("streams in the next month, evenly, and compounds by itself", async () => {
      const { staking, governance, ada, as, begin } = await networkHelpers.loadFixture(streaming);
      const values = [await staking.worthOf(1n, ada)];
      await expect(as(governance).addXmexIncome(3n * TOKEN))
        .to.emit(staking, "XmexIncomeAdded")
        .withArgs(governance.address, 3n * TOKEN);
      await expect(as(governance).addXmeIncome(5n * TOKEN))
        .to.emit(staking, "XmeIncomeAdded")
        .withArgs(governance.address, 5n * TOKEN);
      for (const days of [10n, 20n]) {
        await goTo(begin + days * DAY);
        values.push(await staking.worthOf(1n, ada));
      }
      const [none = 0n, third = 0n, second = 0n] = values;
      expect(none).to.equal(3_000n * TOKEN);
      expect(within(third, 3_000n * TOKEN + (10n * DAY * TOKEN * 27n) / 40n, 1_000n)).to.equal(true);
      expect(second > third).to.equal(true);
      await goTo(begin + MONTH);
      const state = await staking.poolState();
      expect(within(state.xmexActive, 3n * TOKEN, 10_000n), `${state.xmexActive}`).to.equal(true);
      expect(within(state.xmeActive, 5n * TOKEN, 10n * GWEI), `${state.xmeActive}`).to.equal(true);
    });

    it("keeps less than a gwei of XME until there is a whole one", async () => {
      const { staking, ada, as } = await networkHelpers.loadFixture(opened);
      await as(ada).addXmeIncome(GWEI - 1n);
      expect((await staking.poolState()).xmeNext).to.equal(GWEI - 1n);
      await as(ada).addXmeIncome(GWEI + 2n);
      expect((await staking.poolState()).xmeNext).to.equal(2n * GWEI + 1n);
    });

    it("gives stake of one XMEX a thousandth of what a thousand earn, of XME too, and streams the rest again", async () => {
      const { staking, governance, ada, as, begin } = await networkHelpers.loadFixture(opened);
      await as(ada).delegate(1n, TOKEN);
      await as(governance).addXmeIncome(XME_MONTHLY);
      await goTo(begin + 2n * MONTH);
      expect(await staking.xmeOwedTo(ada, [1n])).to.equal(XME_MONTHLY / 1_000n);
      const { xmeActive, xmeNext } = await staking.poolState();
      expect(xmeActive + xmeNext).to.equal((XME_MONTHLY * 999n) / 1_000n);
    });

    it("waits where nobody delegates", async () => {
      const { staking, governance, ada, as, begin } = await networkHelpers.loadFixture(opened);
      await as(governance).addXmexIncome(XMEX_MONTHLY);
      await at(begin + 5n * MONTH + DAY);
      await as(ada).delegate(1n, 10_000n * TOKEN);
      expect(await staking.worthOf(1n, ada)).to.equal(10_000n * TOKEN);
      expect((await staking.poolState()).xmexNext).to.equal(XMEX_MONTHLY);
      await goTo(begin + 7n * MONTH);
      expect(within(await staking.worthOf(1n, ada), 10_000n * TOKEN + (XMEX_MONTHLY * 9n) / 10n, 10_000n)).to.equal(
        true,
      );
    });
  });

  describe("the emission vault", () => {
    it("gives what it accrued at the first call of a month, which streams in the next", async () => {
      const { staking, vault, ada, as, begin } = await networkHelpers.loadFixture(drawing);
      await as(ada).collectIncome();
      await at(begin + MONTH + DAY);
      const available = await vault.available(STREAM, { blockTag: "pending" });
      await expect(as(ada).delegate(1n, TOKEN)).to.emit(staking, "EmissionDrawn").withArgs(available);
      expect((await staking.poolState()).xmexNext >= available).to.equal(true);
      await at(begin + MONTH + 2n * DAY);
      await expect(as(ada).delegate(1n, TOKEN)).not.to.emit(staking, "EmissionDrawn");
    });

    it("gives at any time to whoever asks for it to be collected", async () => {
      const { staking, vault, xmex, stranger, as, begin } = await networkHelpers.loadFixture(drawing);
      await at(begin + 29n * DAY);
      const available = await vault.available(STREAM, { blockTag: "pending" });
      const before = await xmex.balanceOf(staking);
      expect(await as(stranger).collectIncome.staticCall({ blockTag: "pending" })).to.equal(available);
      await expect(as(stranger).collectIncome()).to.emit(staking, "EmissionDrawn").withArgs(available);
      expect(await xmex.balanceOf(staking)).to.equal(before + available);
      expect(available > 0n).to.equal(true);
    });

    it("stops nobody where it has named another drawer, has nothing, cannot pay, or is none", async () => {
      const { staking, vault, xme, xmex, manager, governance, operator, ada, as, begin } =
        await networkHelpers.loadFixture(streaming);
      await at(begin + MONTH);
      await expect(as(ada).delegate(1n, TOKEN)).not.to.emit(staking, "EmissionDrawn"); // no drawer
      await vault.setDrawer(STREAM, governance);
      await at(begin + 2n * MONTH);
      await expect(as(ada).delegate(1n, TOKEN)).not.to.emit(staking, "EmissionDrawn"); // another

      const poor = await ethers.deployContract("EmissionVault", [xmex, manager, await now(), SHARES]);
      const later = await ethers.deployContract("EmissionVault", [xmex, manager, (await now()) + MONTH - DAY, SHARES]);
      for (const [index, source] of [poor.target, later.target, ZeroAddress].entries()) {
        const made = await ethers.deployContract("NodeStaking", [xme, xmex, source, STREAM, manager]);
        if (index < 2) await (index === 0 ? poor : later).setDrawer(STREAM, made);
        await xme.connect(operator).approve(made, MaxUint256);
        await xmex.connect(ada).approve(made, MaxUint256);
        await made.connect(operator).openNode(BOND, 0n, URI);
        if (index === 0) await at(begin + 3n * MONTH);
        await expect(made.connect(ada).delegate(1n, TOKEN)).not.to.emit(made, "EmissionDrawn");
        if (index !== 0) await expect(made.collectIncome()).not.to.emit(made, "EmissionDrawn");
        expect(await made.sharesOf(1n, ada)).to.equal(TOKEN);
        if (index === 1) continue;
      }
    });

    it("cannot be passed over by too little gas: a call fails as a whole", async () => {
      const { staking, vault, ada, as, begin } = await networkHelpers.loadFixture(drawing);
      const snapshot = await networkHelpers.takeSnapshot();
      const most = hre.globalOptions.coverage ? 500_000n : 200_000n;
      const outcomes = new Set<string>();
      for (let gasLimit = 22_000n; gasLimit < most; gasLimit += (most - 22_000n) / 200n) {
        await at(begin + MONTH);
        const sent = await as(ada)
          .collectIncome({ gasLimit })
          .then(
            async (response) => response.wait(),
            () => null,
          );
        if (sent !== null) {
          expect(await vault.available(STREAM), `passed over with ${gasLimit} gas`).to.equal(0n);
          outcomes.add("drawn");
          await snapshot.restore();
        } else {
          outcomes.add("failed");
          await snapshot.restore();
        }
      }
      expect([...outcomes].sort()).to.deep.equal(["drawn", "failed"]);
      expect(await staking.nodeCount()).to.equal(1n);
    });
  });

  describe("views", () => {
    it("refuse an unknown node, and shares that nobody has", async () => {
      const { staking, ada } = await networkHelpers.loadFixture(opened);
      await refuses(staking, staking.nodeOf(2n), "UnknownNode", 2n);
      await refuses(staking, staking.worthOf(2n, ada), "UnknownNode", 2n);
      await refuses(staking, staking.previewUndelegate(2n, 1n), "UnknownNode", 2n);
      await refuses(staking, staking.previewUndelegate(1n, 1n), "AboveShares", 1n, ZeroAddress, 1n, 0n);
      await refuses(staking, staking.previewDelegate(2n, 1n), "UnknownNode", 2n);
      expect(await staking.previewUndelegate(1n, 0n)).to.equal(0n);
    });

    it("tell the price with which a month began, and record it when somebody calls", async () => {
      const { staking, ada, as, begin } = await networkHelpers.loadFixture(streaming);
      const month = begin / MONTH;
      expect(await staking.priceAtMonth(month - 2n)).to.equal(0n);
      await at(begin + MONTH);
      const { price } = await staking.poolState({ blockTag: "pending" });
      const sent = as(ada).delegate(1n, TOKEN);
      await expect(sent).to.emit(staking, "MonthBegan").withArgs(month, STREAM_SCALE);
      await expect(sent)
        .to.emit(staking, "MonthBegan")
        .withArgs(month + 1n, price);
      expect(await staking.priceAtMonth(month)).to.equal(STREAM_SCALE);
      expect(await staking.priceAtMonth(month + 1n)).to.equal(price);
      expect(await staking.priceAtMonth(month + 100n)).to.equal(price);
    });
  });

  describe("setLevel", () => {
    it("refuses everybody but governance, a level above the highest, an unknown node and a closed one", async () => {
      const { staking, operator, as } = await networkHelpers.loadFixture(closed);
      await expect(as(operator).setLevel(1n, 1n))
        .to.be.revertedWithCustomError(staking, "AccessManagedUnauthorized")
        .withArgs(operator.address);
      await refuses(staking, staking.setLevel(1n, 6n), "LevelTooHigh", 6n, 5n);
      await refuses(staking, staking.setLevel(2n, 1n), "UnknownNode", 2n);
      await refuses(staking, staking.setLevel(1n, 1n), "NodeIsClosed", 1n);
    });

    it("doubles the cap with each level, forces nobody out when it falls, and tells", async () => {
      const { staking, operator, ada, as } = await networkHelpers.loadFixture(opened);
      for (let level = 0n; level <= NODE_MAX_LEVEL; level++) {
        await expect(staking.setLevel(1n, level)).to.emit(staking, "LevelChanged").withArgs(1n, level);
        const node = await staking.nodeOf(1n);
        expect([node.level, node.cap]).to.deep.equal([level, 10_000_000n * TOKEN * 2n ** level]);
      }
      await as(ada).delegate(1n, 320_000_000n * TOKEN);
      await staking.setLevel(1n, 0n);
      expect(await staking.worthOf(1n, ada)).to.equal(320_000_000n * TOKEN);
      await as(operator).addBond(1n, 300_000n * TOKEN);
      expect((await staking.nodeOf(1n)).capLeft).to.equal(0n);
      await staking.setLevel(1n, 4n);
      expect((await staking.nodeOf(1n)).capLeft).to.equal(320_000_000n * TOKEN);
    });

    it("caps nothing above four times all XMEX", async () => {
      const { staking, xme, governance, as } = await networkHelpers.loadFixture(opened);
      await as(governance).openNode(await xme.balanceOf(governance), 0n, URI);
      await staking.setLevel(2n, 5n);
      const { bond, cap } = await staking.nodeOf(2n);
      expect(cap).to.equal(nodeCap(bond, 5n));
      expect(cap).to.equal((2n ** 32n - 1n) * 100n * TOKEN);
    });
  });

  describe("setUnbondingPeriod", () => {
    it("refuses everybody but governance, and less than a day or more than thirty", async () => {
      const { staking, operator, as } = await networkHelpers.loadFixture(opened);
      await expect(as(operator).setUnbondingPeriod(2n * DAY)).to.be.revertedWithCustomError(
        staking,
        "AccessManagedUnauthorized",
      );
      for (const period of [0n, DAY - 1n, 30n * DAY + 1n, MaxUint256]) {
        await refuses(staking, staking.setUnbondingPeriod(period), "UnbondingPeriodOutOfRange", period, DAY, 30n * DAY);
      }
    });

    it("sets the wait of later requests, and tells", async () => {
      const { staking, ada, operator, as } = await networkHelpers.loadFixture(streaming);
      await expect(staking.setUnbondingPeriod(30n * DAY))
        .to.emit(staking, "UnbondingPeriodChanged")
        .withArgs(WEEK, 30n * DAY);
      await staking.setUnbondingPeriod(DAY);
      expect(await staking.unbondingPeriod()).to.equal(DAY);
      await as(ada).undelegate(1n, TOKEN);
      expect((await staking.unbondingOf(ada)).availableAt).to.equal((await now()) + DAY);
      await as(operator).removeBond(1n, TOKEN);
      expect((await staking.nodeOf(1n)).bondAvailableAt).to.equal((await now()) + DAY);
    });
  });

  describe("five years of two hundred delegators on twenty nodes", () => {
    const DELEGATORS = 200;
    const OPERATORS = 20;
    const GOVERNANCE = DELEGATORS + OPERATORS;

    /** A crowd with all the tokens that genesis does not lock away, each member an account of its own, and governance among them. */
    async function crowded() {
      const world = await deploy();
      const { governance, xme, xmex, manager, vault, staking, start } = world;
      const crowd = await ethers.deployContract("NodeCrowd", [staking]);
      const lens = await ethers.deployContract("NodeLens");
      await xme.connect(governance).transfer(crowd, 500_000_000n * TOKEN);
      await xmex.connect(governance).transfer(crowd, 4_000_000_000n * TOKEN);
      for (let left = GOVERNANCE + 1; left > 0; left -= 60) {
        await crowd.populate(left < 60 ? left : 60, 2_000_000n * TOKEN, 18_000_000n * TOKEN, { gasLimit: 59_000_000n });
      }
      const members = [...(await crowd.members())];
      await manager.connect(governance).grantRole(0n, members[GOVERNANCE] ?? ZeroAddress, 0n);
      await vault.connect(governance).setDrawer(STREAM, staking);
      // the crowd took some blocks, and a story may go on a second later
      return { ...world, crowd, lens, members, start, begin: await now() };
    }

    it("agrees with the model at every step, to the wei, and covers what it owes, until everybody has left (a fixed seed)", async () => {
      const story = new NodeStory(await networkHelpers.loadFixture(crowded), new Random(8n), "the fixed seed");
      await story.play(effort(40, 160), 5n * 365n * DAY);
      await story.leave();
      // delegations, withdrawals, changes of commission, closures and incomes, and refusals of every kind
      for (const call of NodeStory.CALLS) expect(story.done.get(call) ?? 0, call).to.be.at.least(3);
      for (const reason of NodeStory.REASONS) expect(story.done.get(reason) ?? 0, reason).to.be.at.least(1);
    });

    it(`does so with any seed (XONOMY_SEED=${SEED})`, async () => {
      const story = new NodeStory(await networkHelpers.loadFixture(crowded), new Random(SEED), `XONOMY_SEED=${SEED}`);
      await story.play(effort(25, 100), 5n * 365n * DAY);
      await story.leave();
      expect(story.times("delegate"), "delegations").to.be.at.least(10);
      expect(story.times("undelegate"), "withdrawals from open nodes").to.be.at.least(1);
      // how many of those who go find their node closed is the dice's
      expect(story.times("undelegate", "leaveClosedNode"), "withdrawals").to.be.at.least(10);
    });

    type Crowded = Awaited<ReturnType<typeof crowded>>;

    /** Random calls on the contract and on its model, compared after each transaction. */
    class NodeStory {
      static readonly CALLS = [
        "openNode",
        "addBond",
        "removeBond",
        "withdrawBond",
        "setCommission",
        "undelegateCommission",
        "closeNode",
        "delegate",
        "undelegate",
        "withdraw",
        "leaveClosedNode",
        "claimXme",
        "addXmexIncome",
        "addXmeIncome",
        "collectIncome",
        "setLevel",
        "setUnbondingPeriod",
      ] as const;
      static readonly REASONS = [
        "AboveCap",
        "AboveShares",
        "NodeIsClosed",
        "StillWaiting",
        "NothingToTake",
        "NodeIsOpen",
      ];

      /** How often each call was carried out, and each reason given. */
      readonly done = new Map<string, number>();
      readonly #world: Crowded;
      readonly #random: Random;
      readonly #note: string;
      readonly #model: NodesModel;
      readonly #emission: EmissionModel;
      /** The nodes that each member has, or once had, a position at. */
      readonly #held = new Map<number, Set<number>>();
      readonly #operatorOf: number[] = [];
      #acts: { member: number; call_: string; reason: string | undefined }[] = [];
      /** The members and nodes of this step. */
      #touched = new Map<number, Set<number>>();
      #now: bigint;
      #xmex = 0n;
      #xme = 0n;
      #calls = 0n;
      #settlements = 0n;
      #price = STREAM_SCALE;
      readonly #worth = new Map<number, readonly [delegated: bigint, shares: bigint]>();

      constructor(world: Crowded, random: Random, note: string) {
        this.#world = world;
        this.#random = random;
        this.#note = note;
        this.#now = world.begin;
        this.#emission = new EmissionModel(world.start, SHARES);
        this.#model = new NodesModel(world.made, (at) => {
          const amount = this.#emission.available(Number(STREAM), at);
          this.#emission.draw(Number(STREAM), at, amount);
          this.#xmex += amount;
          return amount;
        });
      }

      /** How often any of `calls` was carried out. */
      times(...calls: readonly (typeof NodeStory.CALLS)[number][]): number {
        return calls.reduce((sum, call) => sum + (this.done.get(call) ?? 0), 0);
      }

      /** Goes on for longer where dice have left out what must have happened. */
      async play(steps: number, length: bigint): Promise<void> {
        const mean = length / BigInt(steps);
        const isShort = () => this.times("delegate") < 10 || this.times("undelegate") < 1;
        for (let step = 0; step < steps || (isShort() && step < 20 * steps); step++) {
          this.#now += this.#random.once(4n)
            ? this.#random.between(1n, 3_600n)
            : this.#random.between(1n, (mean * 8n) / 3n);
          for (let count = this.#random.between(1n, 12n); count > 0n; count--) this.#draw();
          await this.#carryOut(step === steps >> 1);
        }
      }

      /** Everybody goes; what is left is what nobody earned, and dust. */
      async leave(): Promise<void> {
        // Some may have asked while governance made everybody wait the longest.
        for (const period of [undefined, NODE_UNBONDING.longest]) {
          this.#now += period === undefined ? 1n : period + DAY;
          for (let nodeId = 1; nodeId <= this.#model.nodeCount; nodeId++) {
            const operator = this.#operatorOf[nodeId - 1] ?? 0;
            if (period !== undefined) this.#act("withdrawBond", operator, nodeId);
            else if (this.#random.once(2n)) this.#act("closeNode", operator, nodeId);
            else this.#act("undelegateCommission", operator, nodeId, "all");
            if (period !== undefined) this.#act("claimXme", operator, [nodeId]);
          }
          for (const [member, nodeIds] of this.#held) {
            for (const nodeId of nodeIds) {
              if (period !== undefined) {
                const { shares } = this.#model.position(nodeId, this.#name(member));
                if (shares > 0n) this.#act("leaveClosedNode", member, nodeId);
              } else if (this.#model.node(this.#now, nodeId).isOpen) this.#act("undelegate", member, nodeId, "all");
              else this.#act("leaveClosedNode", member, nodeId);
            }
            if (period !== undefined) this.#act("claimXme", member, [...nodeIds]);
          }
          if (period !== undefined) for (let member = 0; member < GOVERNANCE; member++) this.#act("withdraw", member);
          await this.#carryOut(period === undefined);
        }
        const pool = this.#model.pool(this.#now);
        expect(pool.shares, `pool shares are left, ${this.#note}`).to.equal(0n);
        for (const [member, nodeIds] of this.#held) {
          const { unbonding, xmeOwedGwei } = this.#model.account(this.#name(member));
          const left = [...nodeIds].map((nodeId) => this.#model.position(nodeId, this.#name(member)).shares);
          expect([unbonding, xmeOwedGwei, ...left].join(""), `member ${member}, ${this.#note}`).to.match(/^0+$/);
        }
        // A call loses a wei in each of two stretches of a stream and in a payment, and a deposit what no share stands for.
        const xmex = this.#xmex - pool.xmexActive - pool.xmexNext;
        const dust = this.#calls * (pool.price / STREAM_SCALE + 4n);
        expect(0n <= xmex && xmex < dust, `${xmex} wei of XMEX are nobody's, ${this.#note}`).to.equal(true);
        // A call loses a gwei in each of two stretches of a stream, and at each node one of the operator's and one of a delegator's.
        const xme = this.#xme - pool.xmeActive - pool.xmeNext - this.#model.bonds();
        const xmeDust = 2n * (this.#calls + this.#settlements) * GWEI;
        expect(0n <= xme && xme < xmeDust, `${xme} wei of XME are nobody's, ${this.#note}`).to.equal(true);
      }

      #draw(): void {
        const random = this.#random;
        const count = this.#model.nodeCount;
        const delegator = Number(random.between(0n, BigInt(DELEGATORS - 1)));
        const open = Array.from({ length: count }, (_, index) => index + 1).filter((nodeId) =>
          this.#model.isOpen(nodeId),
        );
        const nodeId =
          open.length > 0 && !random.once(30n) ? random.pick(open) : Number(random.between(1n, BigInt(count) + 1n));
        const operator = random.once(30n) ? delegator : (this.#operatorOf[nodeId - 1] ?? delegator);
        const held = [...(this.#held.get(delegator) ?? [])];
        const mine = held.length > 0 && !random.once(20n) ? random.pick(held) : nodeId;
        const roll = Number(random.between(0n, 99n));
        if (open.length < OPERATORS && (open.length < 5 || roll < 6)) {
          const member = DELEGATORS + Number(random.between(0n, BigInt(OPERATORS - 1)));
          this.#act(
            "openNode",
            member,
            random.between(NODE_MIN_BOND, 60_000n * TOKEN),
            random.between(0n, NODE_MAX_COMMISSION_BPS),
          );
        } else if (roll < 36) this.#act("delegate", delegator, nodeId, random.magnitude(1n, 2_000_000n * TOKEN));
        else if (roll < 50) {
          const { shares } = this.#model.position(mine, this.#name(delegator));
          const part = random.pick(["all", "part", "part", "more"] as const);
          const given = part === "all" ? part : part === "more" ? shares + 1n : random.between(0n, shares);
          this.#act("undelegate", delegator, mine, given);
        } else if (roll < 57) this.#act("withdraw", delegator);
        else if (roll < 63)
          this.#act("claimXme", random.once(3n) ? operator : delegator, held.length > 0 ? [...held, nodeId] : [nodeId]);
        else if (roll < 68)
          this.#act("leaveClosedNode", delegator, held.find((each) => !this.#model.isOpen(each)) ?? mine);
        else if (roll < 73) this.#act("addXmexIncome", delegator, random.magnitude(1n, 1_000_000n * TOKEN));
        else if (roll < 78) this.#act("addXmeIncome", delegator, random.magnitude(1n, 10_000n * TOKEN));
        else if (roll < 82)
          this.#act("setCommission", operator, nodeId, random.between(0n, NODE_MAX_COMMISSION_BPS + 20n));
        else if (roll < 85) {
          const { commissionShares } = this.#model.node(this.#now, Math.min(nodeId, count));
          this.#act(
            "undelegateCommission",
            operator,
            nodeId,
            random.once(2n) ? "all" : random.between(0n, commissionShares),
          );
        } else if (roll < 87) this.#act("addBond", operator, nodeId, random.magnitude(1n, 10_000n * TOKEN));
        else if (roll < 89) this.#act("removeBond", operator, nodeId, random.magnitude(1n, 10_000n * TOKEN));
        else if (roll < 92) this.#act("withdrawBond", operator, nodeId);
        else if (roll < 93) this.#act("closeNode", operator, nodeId);
        else if (roll < 95) this.#act("setLevel", GOVERNANCE, nodeId, random.between(0n, NODE_MAX_LEVEL + 1n));
        else if (roll < 97) {
          this.#act("setUnbondingPeriod", GOVERNANCE, random.between(NODE_UNBONDING.shortest, NODE_UNBONDING.longest));
        } else this.#act("collectIncome", delegator);
      }

      #name(member: number): string {
        return this.#world.members[member] ?? "";
      }

      /** One call of one member: on the model now, on the contract with the others of this step. */
      #act(call: (typeof NodeStory.CALLS)[number], member: number, ...parameters: unknown[]): void {
        const name = this.#name(member);
        const [first, second] = parameters as [never, never];
        const [model, at] = [this.#model, this.#now];
        let reason: string | undefined;
        try {
          switch (call) {
            case "openNode":
              model.openNode(at, name, first, second);
              this.#operatorOf.push(member);
              this.#xme += first;
              break;
            case "addBond":
              model.addBond(first, name, second);
              this.#xme += second;
              break;
            case "removeBond":
              model.removeBond(at, first, name, second);
              break;
            case "withdrawBond":
              this.#xme -= model.withdrawBond(at, first, name);
              break;
            case "setCommission":
              model.setCommission(at, first, name, second);
              break;
            case "undelegateCommission":
              model.undelegateCommission(at, first, name, second);
              break;
            case "closeNode":
              model.closeNode(at, first, name);
              break;
            case "delegate": {
              model.delegate(at, first, name, second);
              this.#xmex += second;
              const held = this.#held.get(member) ?? new Set<number>();
              this.#held.set(member, held.add(first));
              break;
            }
            case "undelegate":
              model.undelegate(at, first, name, second);
              break;
            case "withdraw":
              this.#xmex -= model.withdraw(at, name);
              break;
            case "leaveClosedNode":
              this.#xmex -= model.leaveClosedNode(at, first, name);
              break;
            case "claimXme":
              this.#xme -= model.claimXme(at, name, first);
              break;
            case "addXmexIncome":
              model.addXmexIncome(at, first);
              this.#xmex += first;
              break;
            case "addXmeIncome":
              model.addXmeIncome(at, first);
              this.#xme += first;
              break;
            case "collectIncome":
              model.collectIncome(at);
              break;
            case "setLevel":
              model.setLevel(first, second);
              break;
            case "setUnbondingPeriod":
              model.unbondingPeriod = first;
          }
        } catch (error) {
          if (!(error instanceof NodeRefusal)) throw error;
          reason = error.reason;
        }
        const arguments_ = parameters.map((each) => (each === "all" ? MaxUint256 : each));
        if (call === "openNode") arguments_.push(URI);
        if (["withdraw", "withdrawBond", "leaveClosedNode", "claimXme"].includes(call)) arguments_.push(name);
        const call_ = this.#world.staking.interface.encodeFunctionData(call as never, arguments_ as never);
        this.#acts.push({ member, call_, reason });
        const touched = this.#touched.get(member) ?? new Set<number>();
        this.#touched.set(member, touched);
        this.#settlements += BigInt([first].flat().length);
        for (const nodeId of [first].flat()) {
          if (typeof nodeId === "number" && nodeId <= model.nodeCount) touched.add(nodeId);
        }
        const counted = reason ?? call;
        this.done.set(counted, (this.done.get(counted) ?? 0) + 1);
      }

      async #carryOut(everybody: boolean): Promise<void> {
        const { crowd, staking, members } = this.#world;
        const acts = this.#acts.map(({ member, call_ }) => ({ member, call_ }));
        const where = `${this.#note}, at ${this.#now}`;
        await at(this.#now);
        const receipt = await (await crowd.run(acts, { gasLimit: 59_000_000n })).wait();
        const refused = new Map(
          (receipt?.logs ?? [])
            .filter((log) => log.address === crowd.target)
            .map((log) => {
              const { index, reason } = (crowd.interface.parseLog(log)?.args.toObject() ?? {}) as {
                index: bigint;
                reason: string;
              };
              return [Number(index), staking.interface.getError(reason)?.name ?? reason] as const;
            }),
        );
        this.#acts.forEach(({ reason, call_ }, index) => {
          const expected = reason === undefined ? undefined : `NodeStaking_${reason}`;
          expect(
            refused.get(index),
            `${staking.interface.parseTransaction({ data: call_ })?.name} ${index}, ${where}`,
          ).to.equal(expected);
        });
        this.#calls += BigInt(acts.length);
        this.#acts = [];
        if (everybody)
          for (const member of members.keys()) this.#touched.set(member, this.#held.get(member) ?? new Set());
        const { nodeCount } = this.#model;
        const nodeIds = everybody
          ? Array.from({ length: nodeCount }, (_, index) => index + 1)
          : [...new Set([...this.#touched.values()].flatMap((each) => [...each]))];
        await this.#compare(nodeIds, where);
        this.#touched = new Map();
      }

      async #compare(nodes: readonly number[], where: string): Promise<void> {
        const [model, at, { lens, staking, members }] = [this.#model, this.#now, this.#world];
        const looked = [...this.#touched.keys()];
        const nodeIds = [...this.#touched.values()].map((each) => [...each]);
        const seen = await lens.look(
          staking,
          [...nodes],
          looked.map((member) => members[member] ?? ""),
          nodeIds,
          { gasLimit: 500_000_000n },
        );
        expect(seen.nodeCount, where).to.equal(model.nodeCount);
        const pool = model.pool(at);
        expect([...seen.pool], where).to.deep.equal(Object.values(pool));
        expect(pool.price >= this.#price, `the price fell, ${where}`).to.equal(true);
        this.#price = pool.price;
        nodes.forEach((nodeId, index) => {
          const expected = model.node(at, nodeId);
          expect([...(seen.nodes[index] ?? [])], `node ${nodeId}, ${where}`).to.deep.equal(Object.values(expected));
          const { delegated, shares } = expected;
          const [was, wereShares] = this.#worth.get(nodeId) ?? [0n, 0n];
          // What was shown had a fee off that was rounded down to whole wei and whole pool shares, and what is shown is rounded down to a wei.
          const rounding = wereShares + (pool.price / STREAM_SCALE + 3n) * shares;
          const holds = delegated * wereShares + rounding >= was * shares;
          expect(holds, `a share of node ${nodeId} fell, ${where}`).to.equal(true);
          this.#worth.set(nodeId, [delegated, shares]);
        });
        looked.forEach((member, index) => {
          const account = this.#name(member);
          const held = nodeIds[index] ?? [];
          const { unbonding, availableAt } = model.account(account);
          const positions = held.map((nodeId) => model.position(nodeId, account));
          const actual = seen.accounts[index];
          expect(
            [
              actual?.unbonding,
              actual?.availableAt,
              actual?.principal,
              actual?.xmeOwed,
              actual?.shares,
              actual?.principals,
              actual?.worths,
              actual?.leavableAt,
            ].map(String),
            `member ${member}, ${where}`,
          ).to.deep.equal(
            [
              unbonding,
              availableAt,
              model.principalOf(account),
              model.xmeOwed(at, account, held),
              positions.map(({ shares }) => shares),
              positions.map(({ principal }) => principal * PRINCIPAL_UNIT),
              held.map((nodeId) => model.valueOf(at, nodeId, account)),
              held.map((nodeId) => model.leavableAt(nodeId, account)),
            ].map(String),
          );
        });
        expect([seen.xmexBalance, seen.xmeBalance], `balances, ${where}`).to.deep.equal([this.#xmex, this.#xme]);
        const owed = model.liabilities(at);
        expect(seen.xmexBalance >= owed.xmex, `XMEX is ${owed.xmex - seen.xmexBalance} wei short, ${where}`).to.equal(
          true,
        );
        expect(seen.xmeBalance >= owed.xme, `XME is ${owed.xme - seen.xmeBalance} wei short, ${where}`).to.equal(true);
      }
    }
  });

  describe("cost", () => {
    const gasOf = async (sent: Promise<ContractTransactionResponse>) => (await (await sent).wait())?.gasUsed ?? 0n;

    /** What a first and a next delegation of Cleo, and Ada's undelegation, claim and withdrawal cost. */
    async function costsOf({ ada, cleo, as }: Awaited<ReturnType<typeof deploy>>): Promise<bigint[]> {
      const costs = [await gasOf(as(cleo).delegate(1n, TOKEN + 1n)), await gasOf(as(cleo).delegate(1n, TOKEN + 1n))];
      costs.push(await gasOf(as(ada).undelegate(1n, TOKEN + 1n)), await gasOf(as(ada).claimXme([1n], ada)));
      await networkHelpers.time.increase(WEEK);
      costs.push(await gasOf(as(ada).withdraw(ada)));
      return costs;
    }

    it("does not depend on how many delegate", async () => {
      const world = await networkHelpers.loadFixture(streaming);
      const { governance, staking, xmex, begin } = world;
      await staking.setLevel(1n, NODE_MAX_LEVEL);
      const crowd = await ethers.deployContract("NodePassersby");
      await xmex.connect(governance).transfer(crowd, 100_000n * TOKEN);
      await crowd.delegate(staking, 1n, 8n, TOKEN);
      const ten = await networkHelpers.takeSnapshot();
      await at(begin + DAY);
      const ofTen = await costsOf(world);
      await ten.restore();
      for (let more = 0; more < effort(1_110, 9_990); more += 185) {
        await crowd.delegate(staking, 1n, 185n, TOKEN, { gasLimit: 59_000_000n });
      }
      expect((await staking.poolState()).shares > effort(1_120n, 10_000n) * TOKEN).to.equal(true);
      await at(begin + DAY);
      const ofMany = await costsOf(world);
      if (hre.globalOptions.coverage) return;
      const apart = ofMany.map((gas, call) => gas - (ofTen[call] ?? 0n));
      expect(
        apart.every((gas) => within(gas, 0n, 100n)),
        apart.join(", "),
      ).to.equal(true);
    });

    it("does not depend on idle months", async () => {
      const world = await networkHelpers.loadFixture(drawing);
      const { governance, cleo, as, begin } = world;
      await as(governance).addXmexIncome(XMEX_MONTHLY);
      await as(governance).addXmeIncome(XME_MONTHLY);
      const idle = await networkHelpers.takeSnapshot();
      const costs: bigint[][] = [];
      for (const months of [2n, 3n, 36n]) {
        await at(begin + months * MONTH + DAY);
        const first = await gasOf(as(cleo).delegate(1n, TOKEN));
        await at(begin + (months + 1n) * MONTH + DAY);
        costs.push([first, ...(await costsOf(world))]);
        await idle.restore();
      }
      if (hre.globalOptions.coverage) return;
      for (const cost of costs) {
        const apart = cost.map((gas, call) => gas - (costs[0]?.[call] ?? 0n));
        expect(
          apart.every((gas) => within(gas, 0n, 500n)),
          apart.join(", "),
        ).to.equal(true);
      }
    });

    it("keeps within its budget", async () => {
      const { operator, governance, ada, ben, cleo, stranger, as, begin } = await networkHelpers.loadFixture(streaming);
      const costs: [name: string, gas: bigint, budget: bigint][] = [];
      costs.push(["first call ever that brings XME to a node", await gasOf(as(ben).delegate(1n, TOKEN)), 170_000n]);
      await at(begin + DAY);
      costs.push(
        ["first delegation, both streaming", await gasOf(as(cleo).delegate(1n, 2_500n * TOKEN + 1n)), 127_000n],
        ["next delegation, both streaming", await gasOf(as(cleo).delegate(1n, 2_500n * TOKEN + 1n)), 93_000n],
        ["undelegation", await gasOf(as(ada).undelegate(1n, 1_500n * TOKEN + 1n)), 78_500n],
        ["undelegation of all", await gasOf(as(cleo).undelegate(1n, MaxUint256)), 74_000n],
        ["claim", await gasOf(as(ben).claimXme([1n], ben)), 94_000n],
        ["commission", await gasOf(as(operator).undelegateCommission(1n, MaxUint256)), 95_000n],
        ["XMEX income", await gasOf(as(governance).addXmexIncome(TOKEN)), 64_000n],
        ["XME income", await gasOf(as(governance).addXmeIncome(TOKEN)), 64_000n],
      );
      await networkHelpers.time.increase(WEEK);
      costs.push(["withdrawal to an account without XMEX", await gasOf(as(ada).withdraw(stranger)), 62_000n]);
      await at(begin + MONTH + DAY);
      costs.push(["first call of a month", await gasOf(as(ben).delegate(1n, TOKEN + 1n)), 132_000n]);
      await at(begin + 4n * MONTH + DAY); // all XME has streamed out
      await as(governance).addXmexIncome(XMEX_MONTHLY);
      await at(begin + 5n * MONTH + DAY);
      await as(ada).delegate(1n, TOKEN + 1n);
      costs.push(
        ["first delegation", await gasOf(as(governance).delegate(1n, 2_500n * TOKEN + 1n)), 125_000n],
        ["next delegation", await gasOf(as(governance).delegate(1n, 2_500n * TOKEN + 1n)), 90_000n],
      );
      if (process.env["SHOW_GAS"] !== undefined) console.log(costs);
      if (hre.globalOptions.coverage) return;
      for (const [name, gas, budget] of costs) expect(gas, name).to.be.at.most(budget);
    });
  });
});
