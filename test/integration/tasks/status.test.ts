import { readFile } from "node:fs/promises";
import { join } from "node:path";

import { expect } from "chai";
import { parseEther, ZeroAddress, ZeroHash } from "ethers";
import hre from "hardhat";

import { pinnedTo } from "../../../src/chain/pinned.js";
import { readAuthority } from "../../../src/deployment/authority.js";
import { deploy } from "../../../src/deployment/deploy.js";
import type { Address } from "../../../src/deployment/folder.js";
import { Deployment } from "../../../src/deployment/open.js";
import { encodeAsset } from "../../../src/xe/asset.js";
import { grossReward } from "../../../src/rank/formulas.js";
import { sqrtPriceAtTick } from "../../../src/uniswap/math.js";
import { EmissionModel, emissionUnlocked } from "../../../src/xme/emission.js";
import { allocationOf, DEFAULT_OPENING_PRICE_WAD, VESTING_SCHEDULES, vestedAmount } from "../../../src/xme/genesis.js";
import { readNodes } from "../../../tasks/nodes/flows/views.js";
import { collect } from "../../../tasks/nodes/flows/income.js";
import { queue, execute } from "../../../tasks/gov/flows/carry.js";
import { executeSlice } from "../../../tasks/gov/flows/buyback.js";
import { advance } from "../../../tasks/stake/flows.js";
import { generatedPart } from "../../../tasks/roles-action.js";
import { attentionTo } from "../../../tasks/status/attention.js";
import { describeSnapshot } from "../../../tasks/status/screen.js";
import { readSnapshot, type Snapshot, type SnapshotOptions } from "../../../tasks/status/snapshot.js";
import { amount, brief, entry, minute, partOf, when, WIDTH } from "../../../tasks/status/words.js";
import { statusTask } from "../../../tasks/status.js";
import { type Session, sessionOf } from "../../../tasks/support/session.js";
import { listLeases } from "../../../tasks/xe/views.js";
import { leaseState } from "../../../tasks/xe/words.js";
import * as xe from "../../../tasks/xe/flows.js";
import { jobState } from "../../../tasks/xp/words.js";
import { live, type World } from "../../support/statusWorld.js";
import { act, deployed, type Recorded, recordedAlone, refusal } from "../../support/tasks.js";
import { asTreasury } from "../../support/xmeTasks.js";
import { pass } from "../../support/xmeVoters.js";
import { rpc } from "../../support/anvil.js";

const DAY = 86_400;
/** Of the screen, without what needs attention. */
const LINES = 62;

describe("hardhat status", () => {
  const local = deployed("suite", 18);
  let world: World;
  let fresh: Snapshot;
  let now: Snapshot;

  const snapshot = (options: Partial<SnapshotOptions> = {}, session: Session = local().session): Promise<Snapshot> =>
    readSnapshot(session, { economy: "suite", deployment: "here", ...options });
  /** What stands in the block of a snapshot, by the contracts' own views. */
  const at = ({ block }: Snapshot): { blockTag: number } => ({ blockTag: block });
  const xme = (): Promise<Snapshot> => snapshot({ economy: "xme" });
  const warnings = ({ attention }: Snapshot, pattern: RegExp): readonly string[] =>
    attention.filter((line) => pattern.test(line));

  before(async () => {
    fresh = await snapshot();
    world = await live(local());
    now = await snapshot();
  });

  describe("figures", () => {
    it("should tell XRANK as its views and its formulas do", async () => {
      const { xrank } = local().deployment.rank;
      const [supply, rank, minters, stakes, staked, amplifier, eaa, apy] = await Promise.all([
        xrank.totalSupply(at(now)),
        xrank.globalRank(at(now)),
        xrank.activeMinters(at(now)),
        xrank.activeStakes(at(now)),
        xrank.totalXenStaked(at(now)),
        xrank.getCurrentAMP(at(now)),
        xrank.getCurrentEAAR(at(now)),
        xrank.getCurrentAPY(at(now)),
      ]);
      expect(now.rank).to.deep.include({
        supply,
        activeMinters: minters,
        activeStakes: stakes,
        staked,
        amplifier,
        apy,
      });
      expect([minters, stakes, now.rank?.ranks, rank]).to.deep.equal([1n, 1n, 2n, 3n]);
      expect(staked > 0n && supply > 0n).to.equal(true);
      expect(now.rank?.example).to.deep.equal({
        term: 100n,
        crowd: 1_000n,
        reward: grossReward(1_000n, amplifier, 100n, 1_000n + eaa) * 10n ** 18n,
      });
    });

    it("should tell X.me's supplies, treasury and emission beside the line, which moves with time", async () => {
      const { deployment, time, session } = local();
      const { emissionVault: vault, xmex, xme: token, timelock } = deployment.xme;
      const treasury = await timelock.getAddress();
      expect(now.xme?.supply).to.deep.equal({
        xme: await token.totalSupply(at(now)),
        xmex: await xmex.totalSupply(at(now)),
        burnedXme: 0n,
        burnedXmex: 0n,
      });
      expect(now.xme?.treasury).to.deep.include({
        xme: await token.balanceOf(treasury, at(now)),
        firstXme: allocationOf("XME", "treasury"),
        xmex: await xmex.balanceOf(treasury, at(now)),
        firstXmex: allocationOf("XMEX", "treasury"),
      });
      await deployment.xme.xmex.connect(session.signer).burn(parseEther("5"));
      await time.increase(40 * DAY);
      await collect(session);
      const later = await snapshot();
      expect(later.xme?.supply.burnedXmex).to.equal(parseEther("5"));
      const start = await vault.start();
      const model = new EmissionModel(start, [6_000n, 1_000n, 2_000n, 1_000n, 0n, 0n, 0n, 0n]);
      for (const one of [now, later]) {
        const emission = one.xme?.emission;
        expect(emission?.line).to.equal(emissionUnlocked(one.time - start));
        expect(emission?.line).to.equal((emission?.released ?? 0n) + (emission?.available ?? 0n));
        for (const { stream, accrued, netDrawn, available } of emission?.streams ?? []) {
          expect(accrued).to.equal(model.accrued(stream, one.time));
          expect(netDrawn).to.equal(await vault.netDrawn(stream, at(one)));
          expect(available).to.equal(await vault.available(stream, at(one)));
        }
      }
      expect((later.xme?.emission.line ?? 0n) > (now.xme?.emission.line ?? 0n)).to.equal(true);
      expect(later.xme?.emission.streams[2]?.netDrawn).to.equal(later.xme?.emission.released);
      expect(later.xme?.emission.streams[2]?.netDrawn).to.equal(await vault.netDrawn(2, at(later)));
      const { line, allocation } = later.xme?.emission ?? { line: 0n, allocation: 1n };
      expect(describeSnapshot(later)).to.contain(`line ${amount(line)} XMEX, ${partOf(line, allocation)} of all`);
    });

    it("should tell sale, airdrop and vesting as they stand", async () => {
      const { deployment, time } = local();
      const { publicSale, airdrop, xme: token } = deployment.xme;
      expect(now.xme?.sale).to.deep.include({
        price: parseEther("0.0001"),
        sold: await publicSale.totalSold(at(now)),
        unsold: await publicSale.remaining(at(now)),
        closes: await publicSale.end(),
        proceeds: parseEther("1020"),
      });
      expect(now.xme?.sale.sold).to.equal(parseEther("10200000"));
      expect(describeSnapshot(now))
        .to.contain("10,200,000 XME sold at 0.0001 ETH,")
        .and.match(/treasury .* ETH\n/);
      const onPolygon = describeSnapshot({ ...now, chainId: 137n });
      expect(onPolygon)
        .to.contain("10,200,000 XME sold at 0.0001 POL,")
        .and.match(/treasury .* POL\n/);
      const [account, prize] = [await airdrop.getAddress(), parseEther("7")];
      expect(now.xme?.airdrop).to.deep.equal({
        allocation: allocationOf("XME", "airdrop"),
        held: await token.balanceOf(account, at(now)),
        claimed: 0n,
        deadline: await airdrop.deadline(),
      });
      const { impersonateAccount, setBalance } = local().connection.networkHelpers;
      await impersonateAccount(account);
      await setBalance(account, parseEther("1"));
      await token.connect(await local().connection.ethers.getSigner(account)).transfer(local().other.account, prize);
      await time.increase(400 * DAY);
      const later = await xme();
      expect(later.xme?.airdrop.claimed).to.equal(prize);
      const [team, privateSale] = later.xme?.vesting ?? [];
      const since = later.time - (team?.start ?? 0n);
      expect(team?.vested).to.equal(
        vestedAmount(VESTING_SCHEDULES.teamVesting, allocationOf("XME", "teamVesting"), since),
      );
      expect(privateSale?.vested).to.equal(
        vestedAmount(VESTING_SCHEDULES.privateSaleVesting, allocationOf("XME", "privateSaleVesting"), since),
      );
      await airdrop.connect(local().session.signer).sweepUnclaimed();
      expect((await xme()).xme?.airdrop.claimed).to.equal(undefined);
    });

    it("should tell both pools' prices, averages and depths", async () => {
      const { deployment } = local();
      for (const [pool, state, tokens] of [
        [deployment.xme.pool, now.xme?.pool, [deployment.xme.xme, deployment.xme.xmex]],
        [deployment.xp.pool, now.xp?.pool, [deployment.xp.xp, deployment.xp.paymentToken]],
      ] as const) {
        const [base, quote] = await Promise.all(tokens.map((token) => token.getAddress()));
        const { tick } = await pool.slot0(at(now));
        const root = sqrtPriceAtTick(tick);
        const first = BigInt(base ?? 0) < BigInt(quote ?? 0);
        const [dividend, divisor] = first ? [root * root, 1n << 192n] : [1n << 192n, root * root];
        const near = (10n ** 18n * dividend) / divisor;
        // A tick is a hundredth of a percent wide.
        expect(Number(((state?.price ?? 0n) * 100_000n) / near)).to.be.closeTo(100_000, 11);
        expect(Number(((state?.average ?? 0n) * 100_000n) / near)).to.be.closeTo(100_000, 11);
        const held = await pool.getAddress();
        expect(state?.depth).to.deep.equal({
          base: await tokens[0].balanceOf(held, at(now)),
          quote: await tokens[1].balanceOf(held, at(now)),
        });
      }
      expect(now.xme?.pool.opening).to.equal(DEFAULT_OPENING_PRICE_WAD);
      expect(fresh.xp?.pool.price).to.equal(undefined);
    });

    it("should tell stakes, nodes, social mining and what is spent", async () => {
      const { deployment, session } = local();
      const { votes, nodes, socialMining } = deployment.xme;
      expect(now.xme?.votes.staked).to.equal(await votes.totalSupply(at(now)));
      expect(now.xme?.votes.staked).to.equal(parseEther("10000000"));
      const { nodes: listed } = await readNodes(session, { last: "5", all: true });
      expect(now.xme?.nodes.nodes).to.equal(1n);
      expect(now.xme?.nodes.delegated).to.equal(listed[0]?.delegated);
      expect(now.xme?.nodes.unbondingPeriod).to.equal(await nodes.unbondingPeriod(at(now)));
      expect(now.xme?.mining.epoch).to.equal(await socialMining.currentEpoch(at(now)));
      expect(now.xme?.mining.lastPublished).to.equal(world.published);
      const seen = now.xme?.mining.epochs.find(({ epoch }) => epoch === world.published);
      const { root, budget } = await socialMining.epochOf(world.published, at(now));
      expect(seen?.root).to.equal(root);
      expect(budget).to.equal(0n);
      expect(seen?.budget).to.equal(await socialMining.budgetOf(world.published, at(now)));
      expect(now.xme?.spending).to.deep.equal({ thisWeek: 0n, lastWeek: 0n });
      expect(now.xme?.ads).to.deep.include({ count: 0n, states: {}, escrow: 0n });
      expect(now.xme?.ascension.round).to.equal(await deployment.xme.ascension.currentRound(at(now)));
    });

    it("should tell XP's supply, epoch, tiers, jobs, orders and agents", async () => {
      const { xp, redistributor, serviceMarket, feeTiers, xpMarket } = local().deployment.xp;
      const [minted, burned, epoch, jobs, pool] = await Promise.all([
        xp.totalMinted(at(now)),
        xp.totalBurned(at(now)),
        xp.currentEpoch(at(now)),
        serviceMarket.jobCount(at(now)),
        redistributor.runningPool(at(now)),
      ]);
      expect(now.xp?.supply).to.deep.include({ xp: minted - burned, minted, burned });
      expect(now.xp?.epoch).to.include({ epoch, pool, ends: await xp.epochStart(epoch + 1n) });
      expect(now.xp?.tiers).to.deep.equal(
        (await feeTiers.table(at(now))).map(({ price, feeBps }) => ({ price, feeBps })),
      );
      const seen = await Promise.all([1n, 2n].map(async (job) => serviceMarket.jobOf(job, at(now))));
      expect([jobs, seen.map(({ state }) => jobState(state))]).to.deep.equal([2n, ["accepted", "open"]]);
      const overdue = seen.filter((job) => job.overdue).length;
      expect(now.xp?.market).to.deep.include({ jobs, states: { open: 1, accepted: 1 }, overdue });
      expect(overdue).to.equal(1);
      const { remaining } = await xpMarket.orderOf(1n, at(now));
      expect(now.xp?.orders).to.deep.include({ count: 1n, asks: 1, bids: 0, offered: remaining, wanted: 0n });
      expect([now.xp?.agents, fresh.xp?.agents]).to.deep.equal([1n, 0n]);
    });

    it("should tell XE's supplies and its leases by state, through their whole lives", async () => {
      const { deployment, session, other, later } = local();
      const { ledger } = deployment.xe;
      const compare = async (one: Snapshot): Promise<void> => {
        const { leases } = await listLeases(session, { account: "", all: true });
        const states: Record<string, number> = {};
        let stakes = 0n;
        for (const { id } of leases) {
          const { state } = await ledger.leaseOf(id, at(one));
          const name = leaseState(state);
          states[name] = (states[name] ?? 0) + 1;
          if (name === "running" || name === "objected") stakes += await ledger.stakeOf(id, at(one));
        }
        expect(one.xe?.leases).to.deep.include({ count: leases.length, states, stakes });
        const [XE, XUSD, own] = [encodeAsset("XE"), encodeAsset("XUSD"), await ledger.getAddress()];
        expect(one.xe?.supply).to.deep.equal({
          xe: await ledger.totalSupply(XE, at(one)),
          xusd: await ledger.totalSupply(XUSD, at(one)),
        });
        expect(one.xe?.held.xusd).to.equal(await ledger.balanceOf(own, XUSD, at(one)));
      };
      await compare(now);
      expect(now.xe?.leases.states).to.deep.equal({ running: 1, objected: 1, open: 1 });
      const [first, second, third] = (await listLeases(session, { account: "", all: true })).leases.map(({ id }) => id);
      const arbiter = await sessionOf(local().connection, deployment, "9");
      await xe.cancel(session, { id: third ?? "" });
      await xe.rule(arbiter, { id: second ?? "", uphold: true, reject: false });
      await later(4);
      await xe.settle(other, { id: first ?? "" });
      const end = await snapshot({ economy: "xe" });
      await compare(end);
      expect(end.xe?.leases.states).to.deep.equal({ settled: 1, cancelled: 1, upheld: 1 });
      expect((end.xe?.supply.xe ?? 0n) > 0n).to.equal(true);
    });

    it("should tell open proposals with their votes and what comes next", async () => {
      const { governor, timelock } = local().deployment.xme;
      const [proposal] = now.xme?.governance.proposals.open ?? [];
      const { forVotes } = await governor.proposalVotes(world.proposals.xme, at(now));
      expect(proposal).to.deep.include({
        number: 1,
        id: world.proposals.xme,
        title: "More for votes",
        state: "active",
      });
      expect(proposal?.votes).to.deep.equal({ for: forVotes, against: 0n, abstain: 0n });
      expect(forVotes).to.equal(parseEther("1000000"));
      expect(now.xme?.governance.timelockDelay).to.equal(await timelock.getMinDelay());
      expect(now.xe?.governance.proposals.open[0]).to.deep.include({
        id: world.proposals.xe,
        title: "Dearer vCPUs",
        state: "pending",
      });
      const deadline = await governor.proposalDeadline(world.proposals.xme, at(now));
      expect(describeSnapshot(now)).to.contain('1       "More for votes" active · 1,000,000 for, 0 against, 0 abstain');
      expect(describeSnapshot(now).replace(/\s+/g, " ")).to.contain(
        `voting is open until ${minute(deadline).slice(0, 16)}`,
      );
    });
  });

  describe("who can do what", () => {
    it("should find every holder of a role that docs/roles.md has from the survey of all functions", async () => {
      const signers = await local().connection.ethers.getSigners();
      const people = ["guardian", "team", "private buyers", "arbiter", "settler", "publisher", "striker"];
      people.push("catalogue's keeper", "XE's arbiter");
      const accounts = new Map(people.map((name, i) => [signers[i + 1]?.address as Address, name]));
      const page = await readFile(join(hre.config.paths.root, "docs", "roles.md"), "utf8");
      const rows = generatedPart(page)
        .split("\n")
        .map((line) => line.split(" | ").map((cell) => cell.trim()))
        .filter((cells) => cells.length === 5);
      // Rights that come with being who one is, or by what one has built, are no roles that somebody holds.
      const kept = new Set(["admin", "proposer", "executor", "canceller", "owner", "guardian, until the sunset"]);
      const labelled =
        /^(settler|publisher|striker|growth ?[sS]eller|catalogue|minter|arbiter|router|drawer of stream \d)$/;
      const governors = ["XmeGovernor", "XeGovernor"];
      const documented = rows.flatMap(([contract = "", , role = "", holder = ""]) =>
        (kept.has(role) || labelled.test(role)) &&
        !(governors.some((name) => contract.endsWith(name)) && role === "executor") &&
        !/^nobody/.test(holder)
          ? [`${role.replace(/,.*/, "")}: ${holder}`]
          : [],
      );
      const { roles } = await snapshot({ accounts });
      const minted = `minter: ${people[0] ?? ""}`;
      const told = roles.holders.flatMap(({ name, rights }) => rights.map(({ role }) => `${role}: ${name}`));
      // The first account was made a minter of XP for the sake of these tests.
      expect(told).to.include(minted);
      expect([...new Set(told)].filter((one) => one !== minted).sort()).to.deep.equal([...new Set(documented)].sort());
      expect(new Set(documented).size).to.be.above(15);
    });

    it("should show a role that moved away, and say what each is for", async () => {
      const { deployment, other } = local();
      const { accessManager } = deployment.xme;
      const settler = now.roles.holders.find(({ rights }) => rights.some(({ role }) => role === "settler"));
      expect(settler?.rights[0]?.may).to.deep.equal(["AdSettlement.settle"]);
      await asTreasury(local(), async (treasury) => {
        await accessManager.connect(treasury).grantRole(1n, other.account, 3_600n);
        await accessManager.connect(treasury).revokeRole(1n, settler?.address ?? ZeroAddress);
      });
      const after = await snapshot({ accounts: new Map([[other.account, "new settler"]]) });
      const settlers = after.roles.holders.filter(({ rights }) => rights.some(({ role }) => role === "settler"));
      expect(settlers.map(({ address, name }) => [address, name])).to.deep.equal([[other.account, "new settler"]]);
      expect(describeSnapshot(after)).to.match(/new settler 0x\w{4}…\w{4} +settler: AdSettlement\.settle after 1 h/);
    });
  });

  it("should read all of it in one block, whatever comes meanwhile, and ask nothing twice", async () => {
    const { connection, deployment, session, other } = local();
    const { provider } = connection.ethers;
    const asked: string[] = [];
    const buy = async (): Promise<void> => {
      const { publicSale } = deployment.xme;
      await publicSale.connect(other.signer).buy(other.account, parseEther("1"), 1n, { value: parseEther("0.0001") });
    };
    const busy = new Proxy(provider, {
      get(target, key) {
        const value = Reflect.get(target, key, target) as unknown;
        if (typeof value !== "function") return value;
        return async (...args: unknown[]): Promise<unknown> => {
          const answer = await (value as (...all: unknown[]) => Promise<unknown>).apply(target, args);
          if (key === "call") {
            const { to, data, from, value: wei } = args[0] as Record<string, unknown>;
            asked.push([to, data, from, wei].map(String).join());
          }
          // Somebody buys as soon as the block is chosen, and again between questions.
          if (key === "getBlock" || asked.length % 50 === 49) await buy();
          return answer;
        };
      },
    });
    const watched = { ...session, connection: { ...connection, ethers: { ...connection.ethers, provider: busy } } };
    const seen = await snapshot({}, watched);
    expect(seen.block).to.be.below(await provider.getBlockNumber());
    expect(seen.xme?.sale.sold).to.equal(await deployment.xme.publicSale.totalSold(at(seen)));
    expect(seen.xme?.sale.sold).to.not.equal(await deployment.xme.publicSale.totalSold());
    expect((seen.xme?.sale.sold ?? 0n) + (seen.xme?.sale.unsold ?? 0n)).to.equal(allocationOf("XME", "publicSale"));
    expect(new Set(asked).size).to.equal(asked.length);
    expect(asked.length).to.be.below(400);
  });

  it("should look through logs in ranges that the node accepts", async () => {
    const { connection, session } = local();
    const { provider } = connection.ethers;
    const narrow = new Proxy(provider, {
      get(target, key) {
        const value = Reflect.get(target, key, target) as unknown;
        if (key === "getLogs") {
          return async (filter: { fromBlock: number; toBlock: number }) => {
            if (filter.toBlock - filter.fromBlock >= 40) throw new Error("range is too large");
            return target.getLogs(filter);
          };
        }
        return typeof value === "function" ? (value.bind(target) as unknown) : value;
      },
    });
    const limited = { ...session, connection: { ...connection, ethers: { ...connection.ethers, provider: narrow } } };
    const seen = await snapshot({}, limited);
    expect(seen.roles).to.deep.equal(now.roles);
    expect(seen.xe?.leases).to.deep.equal(now.xe?.leases);
    const { publicSale } = local().deployment.xme;
    const buying = () =>
      publicSale.connect(session.signer).buy(session.account, parseEther("1"), 1n, { value: parseEther("0.0001") });
    const { blockNumber } = (await (await buying()).wait()) ?? { blockNumber: 0 };
    await buying();
    const logs = await pinnedTo(narrow, blockNumber).getLogs({ fromBlock: 0, toBlock: "latest" });
    expect(logs.length).to.equal((await provider.getLogs({ fromBlock: 0, toBlock: blockNumber })).length);
    expect(logs.at(-1)?.blockNumber).to.equal(blockNumber);
  });

  it("should say so when the chain replaced the block meanwhile", async () => {
    const { connection, session } = local();
    const { provider } = connection.ethers;
    let times = 0;
    const forked = new Proxy(provider, {
      get(target, key) {
        const value = Reflect.get(target, key, target) as unknown;
        if (key === "getBlock") {
          return async (tag: number | "latest") => {
            const block = await target.getBlock(tag);
            // The first time it is read, the last to see whether it is there still.
            return tag !== "latest" && ++times === 2 ? { ...block, hash: ZeroHash } : block;
          };
        }
        return typeof value === "function" ? (value.bind(target) as unknown) : value;
      },
    });
    const replaced = { ...session, connection: { ...connection, ethers: { ...connection.ethers, provider: forked } } };
    expect(await refusal(snapshot({ economy: "rank" }, replaced as unknown as Session))).to.match(
      /^The chain replaced block \d+ while it was read: run the command again\.$/,
    );
  });

  it("should fit one screen, before and after much happened", () => {
    for (const one of [fresh, now]) {
      const lines = describeSnapshot(one).split("\n");
      expect(lines.indexOf("Needs attention")).to.be.within(50, LINES);
      expect(lines.slice(LINES).length).to.be.at.most(2 * one.attention.length + 1);
      for (const line of lines) expect(line.length, line).to.be.at.most(WIDTH);
      expect(describeSnapshot(one)).to.contain(
        `Deployment "here" on network "default", chain 31337, in block ${String(one.block)} of`,
      );
    }
  });

  it("should write amounts, shares and times as a person reads them", () => {
    expect(
      [0n, 1n, parseEther("0.01"), parseEther("12.345"), parseEther("7"), parseEther("1234567.8")].map((v) =>
        amount(v),
      ),
    ).to.deep.equal(["0", "<0.01", "0.01", "12.34", "7", "1,234,567"]);
    expect([amount(1_500_000n, 6), amount(5n, 0)]).to.deep.equal(["1.50", "5"]);
    expect([partOf(1n, 3n), partOf(0n, 0n), partOf(3n, 3n)]).to.deep.equal(["33.33 %", "0 %", "100.00 %"]);
    expect([0n, 59n, 3_600n, 3_660n, 273_600n, 31_536_000n].map(brief)).to.deep.equal([
      "0 s",
      "59 s",
      "1 h",
      "1 h 1 min",
      "3 d 4 h",
      "365 d",
    ]);
    expect(when(1_800_000_000n, 1_799_726_400n)).to.equal("2027-01-15 08:00 UTC, in 3 d 4 h");
    expect(when(1_800_000_000n, 1_800_000_060n)).to.equal("2027-01-15 08:00 UTC, 1 min ago");
    expect(minute(2n ** 60n)).to.equal("second 1,152,921,504,606,846,976");
    expect(entry("name", "a".repeat(60), "", "b".repeat(60))).to.deep.equal([
      `  name      ${"a".repeat(60)}`,
      `            ${"b".repeat(60)}`,
    ]);
  });

  describe("what needs attention", () => {
    /** Expects a warning that is there exactly while what it warns of is so. */
    const appears = (before: Snapshot, during: Snapshot, after: Snapshot, pattern: RegExp): void => {
      expect(warnings(before, pattern), `before: ${String(pattern)}`).to.deep.equal([]);
      expect(warnings(during, pattern), `during: ${String(pattern)}`).to.have.length.above(0);
      expect(warnings(after, pattern), `after: ${String(pattern)}`).to.deep.equal([]);
    };

    it("should tell of a guardian until its sunset, of a short memory of prices and of a pool without liquidity", async () => {
      const { time } = local();
      expect(warnings(now, /guardian .* can cancel any proposal until/)).to.have.length(1);
      expect(warnings(fresh, /does not remember half an hour/)).to.have.length(1);
      expect(warnings(now, /does not remember half an hour/)).to.have.length(0);
      expect(warnings(fresh, /^XP's pool has no liquidity/)).to.have.length(1);
      expect(warnings(now, /^XP's pool has no liquidity/)).to.have.length(0);
      await time.increase(730 * DAY);
      const after = await xme();
      expect(warnings(after, /guardian/)).to.have.length(0);
      expect(
        after.roles.holders.flatMap(({ rights }) => rights).filter(({ role }) => role === "guardian"),
      ).to.have.length(0);
    });

    it("should tell of a proposal that lacks a quorum, is to be queued, and is to be executed", async () => {
      const { connection, deployment, time, other } = local();
      const { governor } = deployment.xme;
      const { xme: id } = world.proposals;
      const deadline = await governor.proposalDeadline(id);
      const snapshotOf = await connection.networkHelpers.takeSnapshot();
      await time.increaseTo(deadline - BigInt(DAY));
      const closing = await xme();
      expect(warnings(now, /quorum lacks/)).to.have.length(0);
      expect(
        warnings(closing, /proposal 1, "More for votes", closes .*, in 1 d, and its quorum lacks 9,000,000 votes/),
      ).to.have.length(1);
      await snapshotOf.restore();
      await pass(connection, deployment, world.voters.slice(1), id).catch(() => undefined);
      const decided = await xme();
      expect(warnings(decided, /quorum lacks/)).to.have.length(0);
      await queue(other, { id: String(id) });
      const queued = await xme();
      await time.increase(2 * DAY + 60);
      const ready = await xme();
      await execute(other, { id: String(id) });
      const done = await xme();
      appears(now, decided, queued, /is decided and waits to be queued, until .*: `hardhat gov queue --id 1`\.$/);
      appears(queued, ready, done, /is ready in the timelock, until .*: `hardhat gov execute --id 1`\.$/);
      expect(done.xme?.governance.proposals.open).to.deep.equal([]);
    });

    it("should tell of an epoch without a root, and of one that is too late for any", async () => {
      const { connection, deployment, time } = local();
      const { socialMining } = deployment.xme;
      const epoch = await socialMining.currentEpoch();
      const pattern = new RegExp(`^Epoch ${String(epoch)} of social mining`);
      await time.increaseTo((epoch + 1n) * 604_800n + 4n * 86_400n);
      const due = await xme();
      const publisher = await sessionOf(connection, deployment, "6");
      const untouched = await connection.networkHelpers.takeSnapshot();
      const root = `0x${"11".repeat(32)}`;
      await socialMining.connect(publisher.signer).publish(epoch, root, 1n, "ipfs://log", root);
      appears(now, due, await xme(), pattern);
      expect(warnings(due, pattern)[0]).to.match(/ended 4 d ago and has no root: it takes one until .*, in 24 d\.$/);
      await untouched.restore();
      await time.increase(25 * DAY);
      expect(warnings(await xme(), pattern)[0]).to.match(/had no root in time: nobody is paid for it\.$/);
    });

    it("should tell of emission that nobody releases, and that nobody can", async () => {
      const { deployment, session, time } = local();
      await time.increase(36 * DAY);
      const waiting = await xme();
      await collect(session);
      appears(
        now,
        waiting,
        await xme(),
        /days of stream 2, 20.00 % of the emission, are not released: .* `hardhat nodes collect`\.$/,
      );
      await advance(session);
      appears(
        now,
        waiting,
        await xme(),
        /days of stream 3, .* are not released: .* wait for `hardhat stake advance`\.$/,
      );
      await asTreasury(local(), async (treasury) => {
        await deployment.xme.emissionVault.connect(treasury).setDrawer(3, ZeroAddress);
      });
      const nobody = await xme();
      await asTreasury(local(), async (treasury) => {
        await deployment.xme.emissionVault.connect(treasury).setDrawer(3, deployment.xme.votes);
      });
      appears(now, nobody, await xme(), /^Nobody draws stream 3/);
    });

    it("should tell of what sale and airdrop left behind, and of a treasury that is low", async () => {
      const { deployment, time, other } = local();
      const { publicSale, airdrop, xmex } = deployment.xme;
      await time.increase(181 * DAY);
      const over = await xme();
      await publicSale.connect(other.signer).sweepUnsold();
      await publicSale.connect(other.signer).withdrawProceeds();
      await airdrop.connect(local().session.signer).sweepUnclaimed();
      const swept = await xme();
      appears(
        now,
        over,
        swept,
        /^The sale is over, and 239,800,000 XME that nobody bought wait: `hardhat sale sweep`\.$/,
      );
      appears(now, over, swept, /^The sale is over, and 1020\.0 ETH wait for the treasury: `hardhat sale withdraw`\.$/);
      expect(attentionTo({ ...over, chainId: 80_002n }).join("\n")).to.contain("and 1020.0 POL wait for the treasury");
      appears(
        now,
        over,
        swept,
        /^The airdrop is over, and 150,000,000 XME that nobody claimed wait: `hardhat airdrop sweep`\.$/,
      );
      const most = parseEther("4960000000");
      await asTreasury(local(), async (treasury) => {
        await xmex.connect(treasury).transfer(other.account, most);
      });
      const low = await xme();
      await xmex.connect(other.signer).transfer(await deployment.xme.timelock.getAddress(), most);
      appears(now, low, await xme(), /^X\.me's treasury is low: 39,000,000 XMEX, 0\.78 % of what genesis gave it\.$/);
    });

    it("should tell of a buyback's slice that is due, and of a plan that is over", async () => {
      const { deployment, session, time } = local();
      const { buybackBurner, xmex } = deployment.xme;
      const end = now.time + 30n * 86_400n;
      await asTreasury(local(), async (treasury) => {
        await xmex.connect(treasury).approve(buybackBurner, parseEther("1000"));
        await buybackBurner
          .connect(treasury)
          .startPlan(xmex, 3_000n, parseEther("1000"), parseEther("400"), 86_400n, end);
      });
      const due = await xme();
      await executeSlice(session, { plan: "1" });
      const done = await xme();
      appears(now, due, done, /^A slice of buyback plan 1 is due: `hardhat gov buyback execute --plan 1`\.$/);
      expect(describeSnapshot(done)).to.contain("plan 1: 600 XMEX left until");
      await time.increaseTo(end + 1n);
      const over = await xme();
      await buybackBurner.connect(session.signer).close(1n);
      appears(done, over, await xme(), /^Buyback plan 1 is over with money left/);
    });

    it("should tell of leases and objections that wait for somebody", async () => {
      const { session, other, later } = local();
      const [first, second] = (await listLeases(session, { account: "", all: true })).leases.map(({ id }) => id);
      const ofXe = (): Promise<Snapshot> => snapshot({ economy: "xe" });
      expect(
        warnings(now, /^1 objection is waiting for XE's arbiter, who can rule on the first until .*, in 6 d/),
      ).to.have.length(1);
      await later(4);
      const due = await ofXe();
      await xe.settle(other, { id: first ?? "" });
      appears(now, due, await ofXe(), /^1 lease is over and not settled: `hardhat xe settle`/);
      await later(4);
      const late = await ofXe();
      expect(warnings(late, /waiting for XE's arbiter/)).to.have.length(0);
      await xe.lapse(session, { id: second ?? "" });
      appears(now, late, await ofXe(), /^1 objection is not ruled on in time/);
    });

    it("should tell of jobs that let their time pass, and of a market that asks others than it began with", async () => {
      const { deployment } = local();
      const { serviceMarket, reputation } = deployment.xp;
      expect(warnings(now, /^1 job is overdue: `hardhat xp jobs`/)).to.have.length(1);
      expect(warnings(fresh, /jobs? (is|are)/)).to.have.length(0);
      await asTreasury(local(), async (treasury) => {
        await serviceMarket.connect(treasury).setReputation(ZeroAddress);
      });
      const without = await snapshot({ economy: "xp" });
      await asTreasury(local(), async (treasury) => {
        await serviceMarket.connect(treasury).setReputation(reputation);
      });
      appears(now, without, await snapshot({ economy: "xp" }), /^The market asks no reputation now/);
    });

    it("should tell of a contract that answers to another authority, whose roles are not those that it shows", async () => {
      const { connection, deployment } = local();
      const { accessManager, adSettlement, timelock } = deployment.xme;
      const other = await connection.ethers.deployContract("AccessManager", [await timelock.getAddress()]);
      await asTreasury(local(), async (treasury) => {
        await accessManager.connect(treasury).updateAuthority(adSettlement, other);
      });
      const strayed = await xme();
      const rights = await readAuthority(deployment, connection.provider);
      expect(
        rights.rights.filter(({ contract }) => contract === "AdSettlement").map(({ address }) => address),
      ).to.include(await other.getAddress());
      await asTreasury(local(), async (treasury) => {
        const authority = other as unknown as typeof accessManager;
        await authority.connect(treasury).updateAuthority(adSettlement, accessManager);
      });
      appears(now, strayed, await xme(), /^AdSettlement answers to 0x\w{4}…\w{4}, which is no part of this deployment/);
    });

    it("should tell of closed contracts, of a deployer with a role, and of a deployment that is not complete", async () => {
      const { connection, deployment, other } = local();
      const { accessManager, adSettlement } = deployment.xme;
      const closing = async (closed: boolean): Promise<void> =>
        asTreasury(local(), async (treasury) => {
          await accessManager.connect(treasury).setTargetClosed(adSettlement, closed);
        });
      await closing(true);
      const closed = await xme();
      await closing(false);
      appears(now, closed, await xme(), /^What is restricted in AdSettlement is closed to everybody\.$/);
      const deployer = other.account;
      expect(warnings(await snapshot({ economy: "xme", deployer }), /deployer/)).to.have.length(0);
      await asTreasury(local(), async (treasury) => {
        await accessManager.connect(treasury).grantRole(0n, deployer, 0n);
      });
      const held = await snapshot({ economy: "xme", deployer });
      expect(warnings(held, /^The deployer 0x\w{4}…\w{4} still has a role: admin of AccessManager\.$/)).to.have.length(
        1,
      );
      const some = new Map([...deployment.addresses].filter(([future]) => future !== "Xe#XeGovernor"));
      const half = await Deployment.attach(connection, 31_337n, deployment.startBlock, some, (future) =>
        Promise.resolve(deployment.contractAt(some.get(future) ?? ZeroAddress)?.interface.fragments ?? []),
      );
      const incomplete = await readSnapshot(
        { ...local().session, deployment: half },
        { economy: "suite", deployment: "half", unfinished: ["rank", "xe"] },
      );
      expect(
        warnings(
          incomplete,
          /^XRANK was not found .* `hardhat deploy --economy rank --network default --deployment half` says/,
        ),
      ).to.have.length(1);
      expect(warnings(incomplete, /was not found to be as its rehearsal/)).to.have.length(1);
      expect(warnings(incomplete, /^XE is not complete: the `hardhat deploy`/)).to.have.length(1);
      expect(incomplete.xe).to.equal(undefined);
    });

    it("should tell of votes that come too easily or not at all", () => {
      const { xe: state } = now;
      if (!state) throw new Error("XE stands");
      const poor = { ...state, faucet: false, supply: { ...state.supply, xusd: 5n * 10n ** 18n } };
      expect(attentionTo({ ...now, xe: poor }).join("\n")).to.contain("XE can decide nothing.");
      expect(attentionTo({ ...now, mayCarryValue: true }).join("\n")).to.contain("XE's faucet gives anybody votes");
      expect(attentionTo(now).join("\n")).to.not.match(/decide nothing|faucet/);
    });
  });

  it("should show one economy alone where it stands alone, or is asked for", async () => {
    const { session } = local();
    const one = await snapshot({ economy: "xe" });
    expect(Object.keys(one)).to.include("xe").and.not.include("xme");
    expect(describeSnapshot(one)).to.not.match(/XRANK|X\.me|\nXP/);
    expect(await refusal(snapshot({ economy: "xyz" }))).to.equal(
      '--economy is "xyz": use one of rank, xme, xp, xe, suite.',
    );
    const connection = await hre.network.create();
    const { deployment } = await deploy(hre, connection, { economy: "rank" });
    const alone = { ...(await sessionOf(connection, deployment, "")), announce: session.announce };
    const rank = await snapshot({}, alone);
    expect(Object.keys(rank)).to.include("rank").and.not.include.members(["xme"]);
    expect(describeSnapshot(rank).split("\n")).to.have.length(8);
    expect(describeSnapshot(rank)).to.match(/Nothing needs attention\.$/);
    expect(await refusal(snapshot({ economy: "xme" }, alone))).to.match(/^The economy "xme" is not deployed/);
    const none = await Deployment.attach(connection, 31_337n, 0, new Map(), () => Promise.reject(new Error("unasked")));
    expect(await refusal(snapshot({}, { ...alone, deployment: none }))).to.match(
      /^No economy of this deployment on network "default" is complete: nothing of one stands\.$/,
    );
    const first = new Map([["Xe#XeAccessManager", session.account]]);
    const begun = await Deployment.attach(connection, 31_337n, 0, first, () => Promise.reject(new Error("unasked")));
    expect(await refusal(snapshot({ deployment: "b" }, { ...alone, deployment: begun }))).to.match(
      /is complete: `hardhat deploy --economy xe --network default --deployment b` goes on\.$/,
    );
    await connection.close();
  });

  describe("given a recorded deployment", () => {
    let there: Recorded;
    before(async () => {
      there = await recordedAlone("xe");
    });
    after(() => there.remove());

    it("should name its folder and accounts, print amounts in wei as texts with --json, and tell a chain that was reset", async () => {
      const shown = await act(there, [statusTask], "status");
      expect(shown).to.contain(`Deployment "${there.id}" on network "localhost"`);
      expect(shown).to.match(/XE's arbiter 0x\w{4}…\w{4} +arbiter: DualAssetLedger\.rule/);
      const json = JSON.parse(await act(there, [statusTask], "status", { json: true })) as Record<string, unknown>;
      expect(json).to.deep.include({ deployment: there.id, network: "localhost", chainId: "31337", attention: [] });
      expect(json.xe).to.have.nested.property("supply.xusd", String(parseEther("1000000")));
      const holders = (json.roles as { holders: { address: Address; name: string }[] }).holders;
      expect(holders.map(({ name }) => name)).to.include("XE's arbiter");
      expect(await refusal(act(there, [statusTask], "status", { economy: "rank" }))).to.match(
        /^The economy "rank" is not deployed/,
      );
      await rpc(there.anvil.url, "anvil_reset");
      expect(await refusal(act(there, [statusTask], "status"))).to.match(
        /^The (chain was reset|deployment in .* records)/,
      );
    });
  });
});
