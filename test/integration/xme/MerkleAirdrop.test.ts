import { readFileSync } from "node:fs";
import { createRequire } from "node:module";

import { StandardMerkleTree } from "@openzeppelin/merkle-tree";
import { expect } from "chai";
import { ZeroAddress, ZeroHash, getAddress, id, keccak256, solidityPackedKeccak256, toBeHex } from "ethers";
import hre, { network } from "hardhat";

import {
  AIRDROP_LEAF_ENCODING,
  AirdropModel,
  airdropLeaf,
  airdropParent,
  airdropRoot,
  type AirdropRow,
} from "../../../src/xme/airdrop.js";
import { effort } from "../../support/effort.js";

type Hash = `0x${string}`;

const { ethers, networkHelpers } = await network.create();

const DAY = 86_400n;
const TWO_YEARS = 2n * 365n * DAY;
const SIZE = 300;
const FUNDED = 150_000_000n * 10n ** 18n;

const accountOf = (name: string) => getAddress(`0x${id(name).slice(-40)}`) as Hash;

/** A list as the tools make it: rows are numbered from 0, amounts have every number of digits. */
const rows: AirdropRow[] = Array.from({ length: SIZE }, (_, position) => ({
  index: BigInt(position),
  account: accountOf(`row ${position}`),
  amount: (BigInt(id(`amount ${position}`)) % 10n ** BigInt(1 + (position % 23))) + 1n,
}));

function treeOf(list: readonly AirdropRow[]) {
  const values = list.map(({ index, account, amount }): [bigint, string, bigint] => [index, account, amount]);
  return StandardMerkleTree.of(values, [...AIRDROP_LEAF_ENCODING]);
}

/** Two sibling rows under `depth` levels, with the proofs of both, for a leaf hash of choice. */
function pairAtDepth(pair: readonly [AirdropRow, AirdropRow], depth: number, leafOf: (row: AirdropRow) => Hash) {
  const [left, right] = [leafOf(pair[0]), leafOf(pair[1])];
  const above = Array.from({ length: depth - 1 }, (_, level) => keccak256(toBeHex(level + 1)) as Hash);
  return {
    root: airdropRoot(airdropParent(left, right), above),
    proofs: [
      [right, ...above],
      [left, ...above],
    ] as const,
  };
}

describe("MerkleAirdrop", () => {
  const tree = treeOf(rows);
  const root = tree.root as Hash;
  const proofOf = (position: number) => tree.getProof(position) as Hash[];
  const rowAt = (position: number) => {
    const row = rows[position];
    if (row === undefined) throw new RangeError(`no row ${position}`);
    return row;
  };

  async function deployList(list: readonly AirdropRow[], funded = FUNDED) {
    return deployRoot(treeOf(list).root, funded);
  }

  async function deployRoot(merkleRoot: string, funded = FUNDED) {
    const [deployer, claimer] = await ethers.getSigners();
    if (!deployer || !claimer) throw new Error("too few accounts");
    const xme = await ethers.deployContract("XME");
    const treasury = await ethers.deployContract("TimelockController", [1n, [], [], ZeroAddress]);
    const deadline = BigInt(await networkHelpers.time.latest()) + 90n * DAY;
    const airdrop = await ethers.deployContract("MerkleAirdrop", [xme, treasury, merkleRoot, deadline]);
    await xme.transfer(airdrop, funded);
    return { deployer, claimer, xme, treasury, deadline, airdrop };
  }

  const funded = () => deployRoot(root);
  const unfunded = () => deployRoot(root, 0n);

  describe("constructor", () => {
    it("refuses a token without code", async () => {
      const { airdrop, claimer, treasury, deadline } = await networkHelpers.loadFixture(funded);
      await expect(ethers.deployContract("MerkleAirdrop", [claimer, treasury, root, deadline]))
        .to.be.revertedWithCustomError(airdrop, "MerkleAirdrop_TokenHasNoCode")
        .withArgs(claimer.address);
    });

    it("refuses a treasury or a root that is zero", async () => {
      const { airdrop, xme, treasury, deadline } = await networkHelpers.loadFixture(funded);
      await expect(
        ethers.deployContract("MerkleAirdrop", [xme, ZeroAddress, root, deadline]),
      ).to.be.revertedWithCustomError(airdrop, "MerkleAirdrop_TreasuryIsZero");
      await expect(
        ethers.deployContract("MerkleAirdrop", [xme, treasury, ZeroHash, deadline]),
      ).to.be.revertedWithCustomError(airdrop, "MerkleAirdrop_RootIsZero");
    });

    it("refuses a deadline that has passed or lies more than two years ahead, and takes the furthest", async () => {
      const { airdrop, xme, treasury } = await networkHelpers.loadFixture(funded);
      const deployAt = async (now: bigint, deadline: bigint) => {
        await networkHelpers.time.setNextBlockTimestamp(now);
        return ethers.deployContract("MerkleAirdrop", [xme, treasury, root, deadline]);
      };
      let now = BigInt(await networkHelpers.time.latest());
      for (const distance of [0n, -1n, TWO_YEARS + 1n]) {
        now += 100n;
        await expect(deployAt(now, now + distance))
          .to.be.revertedWithCustomError(airdrop, "MerkleAirdrop_DeadlineOutOfRange")
          .withArgs(now + distance, now, now + TWO_YEARS);
      }
      for (const distance of [1n, TWO_YEARS]) {
        now += 100n;
        expect(await (await deployAt(now, now + distance)).deadline()).to.equal(now + distance);
      }
    });

    it("shows its terms", async () => {
      const { airdrop, xme, treasury, deadline } = await networkHelpers.loadFixture(funded);
      expect(await airdrop.token()).to.equal(await xme.getAddress());
      expect(await airdrop.treasury()).to.equal(await treasury.getAddress());
      expect(await airdrop.merkleRoot()).to.equal(root);
      expect(await airdrop.deadline()).to.equal(deadline);
    });

    it("fits the limits of code size", async () => {
      const { bytecode, deployedBytecode } = await hre.artifacts.readArtifact("MerkleAirdrop");
      if (hre.globalOptions.coverage) return;
      expect((deployedBytecode.length - 2) / 2).to.be.at.most(24_576);
      expect((bytecode.length - 2) / 2).to.be.at.most(49_152);
    });
  });

  describe("claim", () => {
    it("accepts the proofs of OpenZeppelin's StandardMerkleTree, whose leaves are the model's", async () => {
      const { airdrop } = await networkHelpers.loadFixture(funded);
      for (const [position, row] of rows.entries()) {
        expect(tree.leafHash([row.index, row.account, row.amount])).to.equal(airdropLeaf(row));
        expect(airdropRoot(airdropLeaf(row), proofOf(position))).to.equal(root);
        expect(await airdrop.isListed(row.index, row.account, row.amount, proofOf(position))).to.equal(true);
      }
    });

    it("pays every row once, whoever calls, and tells", async () => {
      const { airdrop, xme, claimer } = await networkHelpers.loadFixture(funded);
      let paid = 0n;
      for (const [position, row] of rows.entries()) {
        const claim = airdrop.connect(claimer).claim(row.index, row.account, row.amount, proofOf(position));
        await expect(claim).to.emit(airdrop, "Claimed").withArgs(row.index, row.account, row.amount);
        paid += row.amount;
      }
      for (const row of rows) {
        expect(await xme.balanceOf(row.account)).to.equal(row.amount);
        expect(await airdrop.isClaimed(row.index)).to.equal(true);
      }
      expect(await xme.balanceOf(airdrop)).to.equal(FUNDED - paid);
    });

    it("refuses a row that was paid, and another row of the same index", async () => {
      const twins: AirdropRow[] = [
        { index: 7n, account: accountOf("twin one"), amount: 1n },
        { index: 7n, account: accountOf("twin two"), amount: 2n },
      ];
      const { airdrop } = await deployList(twins);
      const proofs = twins.map((_, position) => treeOf(twins).getProof(position));
      await airdrop.claim(7n, accountOf("twin one"), 1n, proofs[0] ?? []);
      for (const [position, { index, account, amount }] of twins.entries()) {
        await expect(airdrop.claim(index, account, amount, proofs[position] ?? []))
          .to.be.revertedWithCustomError(airdrop, "MerkleAirdrop_AlreadyClaimed")
          .withArgs(7n);
      }
    });

    it("refuses another index, account or amount", async () => {
      const { airdrop } = await networkHelpers.loadFixture(funded);
      const row = rowAt(42);
      const forgeries = [
        { ...row, index: 43n },
        { ...row, index: row.index + 2n ** 255n },
        { ...row, account: accountOf("thief") },
        { ...row, amount: row.amount + 1n },
        { ...row, amount: 0n },
      ];
      for (const { index, account, amount } of forgeries) {
        await expect(airdrop.claim(index, account, amount, proofOf(42)))
          .to.be.revertedWithCustomError(airdrop, "MerkleAirdrop_InvalidProof")
          .withArgs(index, account, amount);
      }
    });

    it("refuses a proof that is too short, too long, empty or another row's", async () => {
      const { airdrop } = await networkHelpers.loadFixture(funded);
      const { index, account, amount } = rowAt(42);
      const proof = proofOf(42);
      for (const wrong of [proof.slice(1), proof.slice(0, -1), [...proof, root], [root, ...proof], [], proofOf(43)]) {
        await expect(airdrop.claim(index, account, amount, wrong)).to.be.revertedWithCustomError(
          airdrop,
          "MerkleAirdrop_InvalidProof",
        );
      }
    });

    it("refuses an inner node presented as a row", async () => {
      // A row takes 96 bytes before it is hashed twice, an inner node 64 bytes before it is hashed once.
      // The nearest that a forger comes: an index and an account whose bytes are two nodes of the tree.
      const { airdrop } = await networkHelpers.loadFixture(funded);
      const [sibling, ...above] = proofOf(42);
      if (sibling === undefined) throw new Error("a proof expected");
      const leaf = airdropLeaf(rowAt(42));
      const account = getAddress(`0x${sibling.slice(-40)}`);
      await expect(airdrop.claim(BigInt(leaf), account, 0n, above)).to.be.revertedWithCustomError(
        airdrop,
        "MerkleAirdrop_InvalidProof",
      );
      expect(airdropRoot(airdropParent(leaf, sibling), above)).to.equal(root);
    });

    it("pays one second before the deadline and refuses at the deadline", async () => {
      const { airdrop, deadline, xme } = await networkHelpers.loadFixture(funded);
      const [last, late] = [rowAt(1), rowAt(2)];
      await networkHelpers.time.setNextBlockTimestamp(deadline - 1n);
      await airdrop.claim(last.index, last.account, last.amount, proofOf(1));
      expect(await xme.balanceOf(last.account)).to.equal(last.amount);
      await networkHelpers.time.setNextBlockTimestamp(deadline);
      await expect(airdrop.claim(late.index, late.account, late.amount, proofOf(2)))
        .to.be.revertedWithCustomError(airdrop, "MerkleAirdrop_Ended")
        .withArgs(deadline);
    });

    it("fails in the token before it is funded, and leaves the row unpaid", async () => {
      const { airdrop, xme } = await networkHelpers.loadFixture(unfunded);
      const { index, account, amount } = rowAt(0);
      await expect(airdrop.claim(index, account, amount, proofOf(0)))
        .to.be.revertedWithCustomError(xme, "ERC20InsufficientBalance")
        .withArgs(await airdrop.getAddress(), 0n, amount);
      expect(await airdrop.isClaimed(index)).to.equal(false);
    });

    it("pays while XME lasts where the list exceeds the allocation, and fails in the token then", async () => {
      const list = [60n, 60n].map((amount, position) => ({
        index: BigInt(position),
        account: accountOf(`too many ${position}`),
        amount,
      }));
      const { airdrop, xme } = await deployList(list, 100n);
      const claims = list.map(({ index, account, amount }, position) =>
        airdrop.claim.populateTransaction(index, account, amount, treeOf(list).getProof(position)),
      );
      const [first, second] = await Promise.all(claims);
      const [sender] = await ethers.getSigners();
      if (!sender || !first || !second) throw new Error("two claims expected");
      await sender.sendTransaction(first);
      await expect(sender.sendTransaction(second)).to.be.revertedWithCustomError(xme, "ERC20InsufficientBalance");
    });
  });

  it("lets a list of one row be claimed with an empty proof", async () => {
    const row = { index: 0n, account: accountOf("only one"), amount: 5n };
    const { airdrop, xme } = await deployList([row]);
    await airdrop.claim(row.index, row.account, row.amount, []);
    expect(await xme.balanceOf(row.account)).to.equal(5n);
  });

  it("marks each index alone at the edges of words", async () => {
    const indexes = [0n, 255n, 256n, 511n, 512n, 2n ** 256n - 1n];
    const neighbours = [1n, 254n, 257n, 510n, 513n, 2n ** 256n - 2n];
    const list = indexes.map((index, position) => ({ index, account: accountOf(`edge ${position}`), amount: 1n }));
    const { airdrop } = await deployList(list);
    const edges = treeOf(list);
    for (const [position, { index, account, amount }] of list.entries()) {
      expect(await airdrop.isClaimed(index)).to.equal(false);
      await airdrop.claim(index, account, amount, edges.getProof(position));
      expect(await airdrop.isClaimed(index)).to.equal(true);
    }
    for (const index of neighbours) expect(await airdrop.isClaimed(index)).to.equal(false);
  });

  it("keeps indexes apart that differ only in one high bit, each of them", async () => {
    const low = 5n;
    const indexes = [low, ...Array.from({ length: 248 }, (_, step) => low + 2n ** BigInt(step + 8))];
    const list = indexes.map((index, position) => ({ index, account: accountOf(`high ${position}`), amount: 1n }));
    const { airdrop, xme } = await deployList(list);
    const high = treeOf(list);
    for (const [position, { index, account, amount }] of list.entries()) {
      expect(await airdrop.isClaimed(index), `index ${index} before its claim`).to.equal(false);
      await airdrop.claim(index, account, amount, high.getProof(position));
      expect(await airdrop.isClaimed(index)).to.equal(true);
      expect(await xme.balanceOf(account)).to.equal(1n);
    }
  });

  describe("sweepUnclaimed", () => {
    it("refuses before the deadline", async () => {
      const { airdrop, deadline } = await networkHelpers.loadFixture(funded);
      await networkHelpers.time.setNextBlockTimestamp(deadline - 1n);
      await expect(airdrop.sweepUnclaimed())
        .to.be.revertedWithCustomError(airdrop, "MerkleAirdrop_NotEnded")
        .withArgs(deadline);
    });

    it("sends the rest to the treasury from the deadline on, whoever calls", async () => {
      const { airdrop, deadline, xme, treasury, claimer } = await networkHelpers.loadFixture(funded);
      const { index, account, amount } = rowAt(9);
      await airdrop.claim(index, account, amount, proofOf(9));
      await networkHelpers.time.setNextBlockTimestamp(deadline);
      await expect(airdrop.connect(claimer).sweepUnclaimed())
        .to.emit(airdrop, "UnclaimedSwept")
        .withArgs(FUNDED - amount);
      expect(await xme.balanceOf(treasury)).to.equal(FUNDED - amount);
      expect(await xme.balanceOf(airdrop)).to.equal(0n);
    });
  });

  it("agrees with the model at every step of random claims", async () => {
    const { airdrop, xme, deadline } = await networkHelpers.loadFixture(funded);
    const model = new AirdropModel(root, deadline);
    const answers = { paid: 0, AlreadyClaimed: 0, InvalidProof: 0, Ended: 0 };
    let now = BigInt(await networkHelpers.time.latest());
    for (let step = 0; step < effort(200, 400); step++) {
      const dice = BigInt(id(`airdrop step ${step}`));
      const position = Number(dice % 150n);
      const forged = (dice >> 64n) % effort(4n, 8n) === 0n;
      const row = { ...rowAt(position), amount: rowAt(position).amount + (forged ? 1n : 0n) };
      now += 1n + ((dice >> 128n) % effort((6n * DAY) / 5n, DAY / 2n));
      await networkHelpers.time.setNextBlockTimestamp(now);
      const claim = airdrop.claim(row.index, row.account, row.amount, proofOf(position));
      const refusal = model.claim(row, proofOf(position), now);
      if (refusal === undefined) {
        await claim;
      } else {
        await expect(claim).to.be.revertedWithCustomError(airdrop, `MerkleAirdrop_${refusal}`);
      }
      answers[refusal ?? "paid"]++;
    }
    for (const row of rows) expect(await airdrop.isClaimed(row.index)).to.equal(model.isClaimed(row.index));
    expect(await xme.balanceOf(airdrop)).to.equal(FUNDED - model.paid);
    expect(Math.min(...Object.values(answers)), JSON.stringify(answers)).to.be.at.least(10);
  });

  describe("gas", () => {
    const uniswap = JSON.parse(
      readFileSync(
        createRequire(import.meta.url).resolve("@uniswap/merkle-distributor/build/MerkleDistributor.json"),
        "utf8",
      ),
    ) as { abi: string[]; bytecode: string };

    /** Gas of the claims of two sibling rows, one after the other, at `depth`; both pay to accounts that hold nothing. */
    async function gasOfPair(depth: number, firstIndex: bigint, ours: boolean): Promise<bigint[]> {
      const { deployer, xme } = await networkHelpers.loadFixture(funded);
      const pair = [0n, 1n].map((offset) => ({
        index: firstIndex + offset,
        account: accountOf(`at depth ${offset}`),
        amount: 1_234_567_890_123_456_789_012n,
      })) as [AirdropRow, AirdropRow];
      const packed = ({ index, account, amount }: AirdropRow) =>
        solidityPackedKeccak256(["uint256", "address", "uint256"], [index, account, amount]) as Hash;
      const { root: rootOfPair, proofs } = pairAtDepth(pair, depth, ours ? airdropLeaf : packed);
      const now = BigInt(await networkHelpers.time.latest());
      const distributor = ours
        ? await ethers.deployContract("MerkleAirdrop", [xme, deployer, rootOfPair, now + DAY])
        : await new ethers.ContractFactory(uniswap.abi, uniswap.bytecode, deployer).deploy(xme, rootOfPair);
      await xme.transfer(distributor, FUNDED / 2n);
      const gas: bigint[] = [];
      for (const [position, { index, account, amount }] of pair.entries()) {
        const transaction = await distributor.getFunction("claim")(index, account, amount, proofs[position]);
        const receipt = await transaction.wait();
        gas.push(receipt.gasUsed as bigint);
        expect(await xme.balanceOf(account)).to.equal(amount);
      }
      return gas;
    }

    it("costs less than Uniswap's MerkleDistributor at depth 10 and 20, for the first and a later claim in a word", async () => {
      for (const depth of [10, 20]) {
        const ours = await gasOfPair(depth, 700n, true);
        const theirs = await gasOfPair(depth, 700n, false);
        if (hre.globalOptions.coverage) continue;
        ours.forEach((gas, position) => {
          expect(gas, `claim ${position} at depth ${depth}`).to.be.below(theirs[position] as never);
        });
      }
    });

    it("costs the same for the last row as for the first of a word", async () => {
      const [, first] = await gasOfPair(10, 1n << 16n, true);
      const [, last] = await gasOfPair(10, (1n << 16n) + 253n, true);
      if (hre.globalOptions.coverage) return;
      // Calldata of another content costs another 12 gas for each byte that is zero in one and not in the other.
      expect(Number(last) - Number(first)).to.be.within(-48, 48);
    });
  });
});
