/** X.me's people: social mining beside Uniswap's MerkleDistributor, growth, spending beside a plain transfer, content, the value channel. */

import { AbiCoder, id, keccak256, MaxUint256, solidityPackedKeccak256, ZeroAddress } from "ethers";

import { airdropParent, airdropRoot } from "../../src/xme/airdrop.js";
import { DEFAULT_ASCENSION_TERMS } from "../../src/xme/ascension.js";
import { DEFAULT_INVITATION_REWARDS } from "../../src/xme/growth.js";
import {
  DEFAULT_DAILY_LIMIT,
  DEFAULT_MINING_PARAMETERS,
  DEFAULT_WEIGHTS,
  MINING_WEEK,
  STRIKE_WINDOW,
} from "../../src/xme/mining.js";
import { DEFAULT_SPENDING_SPLITS, SPENDING_CATEGORIES } from "../../src/xme/spending.js";
import type { BenchChain, Call, Target } from "../chain.js";
import type { Hex } from "../floor.js";
import { deployMerkleDistributor } from "../peers.js";
import type { GasSection } from "../report.js";
import { Rows } from "./compare.js";

const TOKEN = 10n ** 18n;
const DAY = 86_400n;
const STREAM = { mining: 0, growth: 1 } as const;
const PLAN = 1;
const SERVICE = 1;

/** The most that the design allows. */
const LIMITS = { checkIn: 35_000n, mining: 110_000n, tip: 95_000n, renewal: 110_000n } as const;

const call = (from: Hex, to: Target, method: string, ...args: unknown[]): Call => ({ from, to, method, args });

/** An account that has done nothing. */
const nobody = (number: number): Hex => `0x${(0xfee5000 + number).toString(16).padStart(40, "0")}`;

/** Two neighbouring rows of a list of a million, whose other hashes are fixed words, and its root. */
function listOf(leaves: readonly [Hex, Hex]): { root: Hex; proofs: readonly [Hex[], Hex[]] } {
  const above = Array.from({ length: 19 }, (_, level) => id(`the other half at level ${level + 1}`) as Hex);
  const [one, other] = leaves;
  return {
    root: airdropRoot(airdropParent(one, other), above),
    proofs: [
      [other, ...above],
      [one, ...above],
    ],
  };
}

/** A row of `StandardMerkleTree`. */
function miningLeaf(account: Hex, points: bigint): Hex {
  const encoded = AbiCoder.defaultAbiCoder().encode(["address", "uint256"], [account, points]);
  return keccak256(keccak256(encoded)) as Hex;
}

/** The tokens, the emission and its authority. */
async function deployGround(chain: BenchChain) {
  const owner = chain.account(0);
  const xmex = await chain.deploy("XMEX");
  const manager = await chain.deploy("AccessManager", [owner]);
  const vault = await chain.deploy("EmissionVault", [
    xmex.address,
    manager.address,
    chain.now,
    [6_000, 1_000, 3_000, 0, 0, 0, 0, 0],
  ]);
  await chain.send(call(owner, xmex, "transfer", vault.address, 90_000_000_000n * TOKEN));
  const { weeklyCap, weeklyFloor, consumptionRatioBps } = DEFAULT_MINING_PARAMETERS;
  const mining = await chain.deploy("SocialMining", [
    xmex.address,
    vault.address,
    STREAM.mining,
    [weeklyCap, weeklyFloor, consumptionRatioBps],
    DEFAULT_DAILY_LIMIT,
    DEFAULT_WEIGHTS,
    manager.address,
  ]);
  await chain.send(call(owner, vault, "setDrawer", STREAM.mining, mining.address));
  return { owner, xmex, manager, vault, mining };
}

/** Measures social mining on a chain of its own. */
export async function socialMiningSection(chain: BenchChain): Promise<GasSection> {
  const { owner, xmex, mining } = await deployGround(chain);
  const [ada, ben] = [chain.account(1), chain.account(2)];
  const points = 7n;
  const total = 1_000_000n;
  const list = listOf([miningLeaf(ada, points), miningLeaf(ben, points)]);
  const rows = new Rows(chain);
  const first = chain.now / MINING_WEEK;
  const publish = (epoch: bigint): Call =>
    call(
      owner,
      mining,
      "publish",
      epoch,
      list.root,
      total,
      "ipfs://bafybeigdyrzt5sfp7udm7hu76uh7y26nf3efuylqabf3oclgtqy55fbzdi",
      id("log"),
    );
  const goToWeek = (week: bigint): void => chain.wait(week * MINING_WEEK - chain.now);
  goToWeek(first + 1n);
  await rows.add("publish", "an epoch that is over", [() => chain.measure(publish(first)), undefined]);
  await chain.send(publish(first));
  await rows.add("strike", "in time", [() => chain.measure(call(owner, mining, "strike", first)), undefined]);
  for (const epoch of [first + 1n, first + 2n]) {
    goToWeek(epoch + 1n);
    await chain.send(publish(epoch));
  }
  chain.wait(STRIKE_WINDOW);
  const draw = (epoch: bigint): Call => call(owner, mining, "drawBudget", epoch);
  await rows.add("drawBudget", "the first of all", [() => chain.measure(draw(first)), undefined]);
  await chain.send(draw(first));

  // The peer pays the same XMEX to the same account by proofs of the same length.
  const amount = (DEFAULT_MINING_PARAMETERS.weeklyFloor * points) / total;
  const accounts = [ada, ben] as const;
  const leafOf = (account: Hex, index: number): Hex =>
    solidityPackedKeccak256(["uint256", "address", "uint256"], [index, account, amount]) as Hex;
  const theirs = listOf([leafOf(ada, 0), leafOf(ben, 1)]);
  const distributor = await deployMerkleDistributor(chain, xmex, theirs.root);
  await chain.send(call(owner, xmex, "transfer", distributor.address, 1_000_000n * TOKEN));
  const claim = (epoch: bigint, who: 0 | 1): Call =>
    call(owner, mining, "claim", epoch, accounts[who], points, list.proofs[who]);
  const theirClaim = (who: 0 | 1): Call =>
    call(owner, distributor, "claim", who, accounts[who], amount, theirs.proofs[who]);
  const claims = [() => chain.measure(claim(first, 0)), () => chain.measure(theirClaim(0))] as const;
  const limit = LIMITS.mining;
  await rows.add("claim of 1,000,000", "the first of an account that holds no XMEX", claims, limit);
  await chain.send(call(owner, xmex, "transfer", ada, TOKEN));
  await rows.add("claim of 1,000,000", "the first of an account, to a holder", claims, limit);
  await chain.send(claim(first, 0));
  await chain.send(draw(first + 1n));
  await rows.add("claim of 1,000,000", "a later epoch's, to a holder", [
    () => chain.measure(claim(first + 1n, 0)),
    undefined,
  ]);
  await rows.add("claim of 1,000,000", "a later epoch's, which draws its budget", [
    () => chain.measure(claim(first + 2n, 0)),
    undefined,
  ]);
  return {
    id: "mining",
    title: "Social mining beside Uniswap's MerkleDistributor",
    note:
      "A list of 1,000,000 accounts, so 20 hashes; the tree is made only where its two rows need it. MerkleDistributor pays a fixed amount once; ours " +
      "reckons an account's part of the epoch's budget, keeps what the daily limit does not pay yet, and takes another list each week. The first claim of " +
      "the peer is the first in its word of the bitmap.",
    peers: ["MerkleDistributor"],
    rows: rows.rows,
  };
}

/** Measures growth, spending, content and the value channel on a chain of its own. */
export async function peopleSection(chain: BenchChain): Promise<GasSection> {
  const { owner, xmex, manager, vault, mining } = await deployGround(chain);
  const [payer, creator, buyback, friend] = [1, 2, 3, 4].map((index) => chain.account(index)) as [Hex, Hex, Hex, Hex];
  const xme = await chain.deploy("XME");
  const staking = await chain.deploy("NodeStaking", [xme.address, xmex.address, vault.address, 2, manager.address]);
  const growth = await chain.deploy("UserGrowth", [
    xmex.address,
    vault.address,
    STREAM.growth,
    mining.address,
    staking.address,
    DEFAULT_INVITATION_REWARDS.inviter,
    DEFAULT_INVITATION_REWARDS.invitee,
    manager.address,
  ]);
  const content = await chain.deploy("ContentRegistry");
  const catalogue = await chain.deploy("SpendingCatalogue", [manager.address]);
  const items = await chain.deploy("PlatformItems", [manager.address]);
  const spending = await chain.deploy("Spending", [
    xmex.address,
    content.address,
    catalogue.address,
    items.address,
    growth.address,
    STREAM.mining,
    { buyback, delegators: staking.address, voters: ZeroAddress, emission: vault.address, treasury: owner },
    SPENDING_CATEGORIES.map((category) => DEFAULT_SPENDING_SPLITS[category]),
    manager.address,
  ]);
  const { baseBudget, maxRateWad, floorRateWad } = DEFAULT_ASCENSION_TERMS;
  const ascension = await chain.deploy("Ascension", [
    xme.address,
    xmex.address,
    [baseBudget, maxRateWad, floorRateWad],
    manager.address,
  ]);
  for (const who of [payer, creator, friend]) {
    await chain.send(call(owner, xmex, "transfer", who, 1_000_000n * TOKEN));
    for (const spender of [spending, ascension])
      await chain.send(call(who, xmex, "approve", spender.address, MaxUint256));
  }
  await chain.send(call(owner, xme, "approve", ascension.address, MaxUint256));
  await chain.send(call(owner, ascension, "fund", 1_000_000n * TOKEN));
  await chain.send(call(creator, catalogue, "setPlan", PLAN, 20n * TOKEN, 30n * DAY));
  await chain.send(call(owner, catalogue, "setService", SERVICE, TOKEN / 10n, 1_000n * TOKEN));

  const rows = new Rows(chain);
  // Everything begins at noon of a week's second day, so that no row falls into another week than the one before.
  chain.wait((chain.now / MINING_WEEK + 1n) * MINING_WEEK + DAY + DAY / 2n - chain.now);

  const checkIn = call(payer, growth, "checkIn");
  await rows.add("checkIn", "the first of an account", [() => chain.measure(checkIn), undefined]);
  await chain.send(checkIn);
  chain.wait(DAY);
  await rows.add("checkIn", "on the next day", [() => chain.measure(checkIn), undefined], LIMITS.checkIn);
  await rows.add("checkIn", "after a year without one", [
    async () => {
      chain.wait(365n * DAY);
      return chain.measure(checkIn);
    },
    undefined,
  ]);

  const salt = id("salt");
  const contentHash = id("a song");
  const commitment = await chain.read(content, "commitmentOf", [contentHash, creator, salt]);
  const commit = call(creator, content, "commit", commitment);
  await rows.add("commit", "to a content", [() => chain.measure(commit), undefined]);
  await chain.send(commit);
  chain.wait(120n);
  const uri = "ipfs://bafybeigdyrzt5sfp7udm7hu76uh7y26nf3efuylqabf3oclgtqy55fbzdi";
  const register = call(creator, content, "register", contentHash, salt, uri, 10n * TOKEN, 500);
  await rows.add("register", "with a price and a URI of 66 bytes", [() => chain.measure(register), undefined]);
  await chain.send(register);
  const contentId = BigInt(contentHash);

  const tip = (to: Hex): Call => call(payer, spending, "tip", to, 5n * TOKEN);
  const transfer = (to: Hex): Call => call(payer, xmex, "transfer", to, 5n * TOKEN);
  const tips = (to: Hex) => [() => chain.measure(tip(to)), () => chain.measure(transfer(to))] as const;
  await rows.add("tip", "the first that there is, to an empty account", tips(nobody(1)));
  await chain.send(tip(nobody(1)));
  await rows.add("tip", "to a holder", tips(creator), LIMITS.tip);
  await rows.add("tip", "to an empty account", tips(nobody(2)), LIMITS.tip);
  const renew = call(payer, spending, "renewMembership", creator, PLAN, 20n * TOKEN, DAY);
  await rows.add("renewMembership", "the first of a member", [() => chain.measure(renew), undefined]);
  await chain.send(renew);
  await rows.add("renewMembership", "a renewal", [() => chain.measure(renew), undefined], LIMITS.renewal);
  const unlock = call(payer, spending, "unlock", contentId, MaxUint256);
  await rows.add("unlock", "a content", [() => chain.measure(unlock), undefined]);
  const boost = call(payer, spending, "boost", contentId, chain.now / MINING_WEEK, TOKEN);
  await rows.add("boost", "a content", [() => chain.measure(boost), undefined]);
  const service = call(payer, spending, "useService", SERVICE, 3, id("request"), MaxUint256);
  await rows.add("useService", "three units", [() => chain.measure(service), undefined]);
  const distribute = call(friend, spending, "distribute", chain.now / MINING_WEEK, 1);
  await chain.send(renew);
  await rows.add("distribute", "a category's week, the first that there is", [
    () => chain.measure(distribute),
    undefined,
  ]);
  await rows.add(
    "tip",
    "the first of its week, to a holder",
    [
      async () => {
        chain.wait(MINING_WEEK);
        return chain.measure(tip(creator));
      },
      async () => chain.measure(transfer(creator)),
    ],
    LIMITS.tip,
  );

  const deposit = (who: Hex): Call => call(who, ascension, "deposit", 1_000n * TOKEN, 0);
  await rows.add("deposit", "the first of a round", [() => chain.measure(deposit(payer)), undefined]);
  await chain.send(deposit(payer));
  await rows.add("deposit", "a later one of its round, the first of an account", [
    () => chain.measure(deposit(friend)),
    undefined,
  ]);
  chain.wait(MINING_WEEK);
  await rows.add("claim of XME", "after the round, to an account without XME", [
    () => chain.measure(call(payer, ascension, "claim", payer)),
    undefined,
  ]);
  return {
    id: "people",
    title: "Growth, spending, content and the value channel",
    note:
      "Tips stand beside a plain XMEX transfer of the same amount to the same account; a tip also takes the platform's part, counts it for its week and " +
      "category and says what it was for. Allowances are unlimited. There is no peer for the rest.",
    peers: ["XMEX transfer"],
    rows: rows.rows,
  };
}
