import { expect } from "chai";

import { PROPOSAL_STATES } from "../../src/xme/governance.js";
import { environmentToBuild, inProcess } from "../support/tasks.js";

interface ToldFigure {
  chain: string;
  model: string;
  equal: boolean;
}

interface ToldStory {
  chapters: { title: string; tables: { title: string; columns: string[]; rows: (string | ToldFigure)[][] }[] }[];
  figures: number;
  differences: string[];
}

describe("The demo", function () {
  this.timeout(180_000);
  let told: ToldStory;

  before(async () => {
    const { output, complaint, code } = await inProcess(await environmentToBuild(), ["demo", "--json"]);
    expect(complaint).to.equal("");
    expect(code).to.equal(0);
    told = JSON.parse(output) as ToldStory;
  });

  function rowsOf(title: RegExp): (string | ToldFigure)[][] {
    const table = told.chapters.flatMap(({ tables }) => tables).find((one) => title.test(one.title));
    if (table === undefined) throw new Error(`The story has no table ${String(title)}.`);
    return table.rows;
  }

  it("tells every chapter, and nothing but JSON", () => {
    expect(told.chapters.map(({ title }) => title)).to.deep.equal([
      "A chain in memory",
      "XRANK: free to mint, for those who wait",
      "X.me: genesis",
      "X.me: the public sale",
      "X.me: government",
      "X.me: staking, nodes, advertising",
      "X.me: the airdrop",
      "X.me: vesting and emission",
      "X.me: its people",
      "XP: a month of small agents",
      "XP: sold, bought and burned",
      "XP: a month of a large fleet",
      "XP: ten million burned, ten million earned",
      "XE: compute for XUSD",
    ]);
  });

  it("compares at least seventeen hundred figures with the models, and none differs", () => {
    expect(told.figures).to.be.at.least(1_700);
    expect(told.differences).to.deep.equal([]);
    const figures = told.chapters.flatMap(({ tables }) => tables.flatMap(({ rows }) => rows.flat()));
    expect(figures.filter((cell) => typeof cell === "object" && cell.equal)).to.have.length(told.figures);
  });

  it("shows every late penalty, shares, and stakes to the end and withdrawn early", () => {
    const penalties = rowsOf(/^Minted, on time and late/).map(
      (row) => `${String(row[2])}: ${(row[3] as ToldFigure).chain}`,
    );
    expect(penalties).to.include.members([
      "0: 0",
      "1: 1",
      "2: 3",
      "3: 8",
      "4: 17",
      "5: 35",
      "6: 72",
      "7: 99",
      "300: 99",
    ]);
    expect(rowsOf(/shared with a friend/).length).to.be.at.least(5);
    const yields = rowsOf(/^Staked/).map((row) => [String(row[1]), BigInt((row[5] as ToldFigure).chain)] as const);
    expect(yields.some(([when, reward]) => when === "to the end" && reward > 0n)).to.equal(true);
    expect(yields.some(([when, reward]) => when.startsWith("early") && reward === 0n)).to.equal(true);
  });

  it("hits the cap of a wallet and the cap of the sale", () => {
    const outcomes = rowsOf(/^Purchases/).map((row) => row[2]);
    expect(outcomes).to.include.members([
      "refused: WalletCapReached",
      "in part: the cap",
      "in part: the last XME",
      "refused: SoldOut",
    ]);
    expect((rowsOf(/^The sale at its end/)[0]?.[1] as ToldFigure).chain).to.equal(
      (250_000_000n * 10n ** 18n).toString(),
    );
  });

  it("pays an airdrop of at least a thousand addresses", () => {
    expect(BigInt((rowsOf(/^and its accounts/)[0]?.[1] as ToldFigure).chain) >= 1_000n).to.equal(true);
  });

  it("shows vesting at 6, 12 and 24 months and emission up to its last year", () => {
    expect(rowsOf(/^Vesting/).map((row) => row[1])).to.include.members(["6", "12", "24"]);
    const last = rowsOf(/^Emission/).find((row) => row[0] === "year 8");
    expect((last?.[2] as ToldFigure).chain).to.equal((90_000_000_000n * 10n ** 18n).toString());
  });

  /** What the chain said in a cell. */
  function chainOf(cell: string | ToldFigure | undefined): bigint {
    if (typeof cell !== "object") throw new Error(`"${String(cell)}" is no figure.`);
    return BigInt(cell.chain);
  }

  /** The rows of a table whose first cell names them. */
  function byName(title: RegExp): Map<string, (string | ToldFigure)[]> {
    return new Map(rowsOf(title).map(([name, ...cells]) => [String(name), cells]));
  }

  const DOLLAR = 10n ** 6n;
  const XP = 10n ** 18n;
  const XME = 10n ** 18n;

  it("counts votes as they were at the snapshot, whatever is staked, delegated and asked back", () => {
    const rows = byName(/^Who holds vXME/);
    const held = (who: string): bigint[] => [1, 2].map((column) => chainOf(rows.get(who)?.[column]) / XME);
    expect(held("Noor")).to.deep.equal([1_000_000n, 0n]);
    expect(held("Otto")).to.deep.equal([1_000_000n, 2_000_000n]);
    expect(held("Zoe")).to.deep.equal([1_000_000n, 500_000n]);
    expect(held("Anna")).to.deep.equal([500_000n, 1_000_000n]);
    expect(held("all")).to.deep.equal([15_700_000n, 15_700_000n]);
    expect(chainOf(rowsOf(/^What a proposal needs/)[0]?.[1])).to.equal(10_000_000n * XME);
  });

  it("takes four proposals through every state, and lets one fail and one be cancelled", () => {
    const statesOf = (title: RegExp): string[] =>
      rowsOf(title).map(([, state]) => PROPOSAL_STATES[Number(chainOf(state))] ?? "none");
    const carried = ["pending", "active", "succeeded", "queued", "executed"];
    for (const title of [/^"Mining gets another drawer/, /^"Advertising gets another/, /^"Buy back and burn/]) {
      expect(statesOf(title), String(title)).to.deep.equal(carried);
    }
    expect(statesOf(/^"Dan, who/)).to.deep.equal(["pending", "active", ...carried.slice(1)]);
    expect(statesOf(/^"All XME/)).to.deep.equal(["pending", "active", "defeated"]);
    expect(statesOf(/^"A hundred ether/)).to.deep.equal(["pending", "active", "succeeded", "queued", "canceled"]);
    expect(statesOf(/^Month 12/)).to.deep.equal(["pending", "active", "queued", "executed"]);
    expect(statesOf(/^Month 24/)).to.deep.equal(["pending", "active", "queued", "executed"]);
  });

  it("lets a vote go on whose quorum comes in its last hour, for two days after that", () => {
    const ends = rowsOf(/^"Dan, who/).map((row) => chainOf(row[5]));
    const [planned, , extended] = ends;
    expect(ends.slice(2)).to.deep.equal([extended, extended, extended, extended]);
    expect((extended ?? 0n) - (planned ?? 0n)).to.be.within(47n * 3_600n, 48n * 3_600n);
  });

  it("refuses the deployer, the guardian, the greatest holder and a stranger what only votes can do", () => {
    const refused = rowsOf(/^Who tried to do without a vote/);
    for (const who of ["the deployer", "the guardian", "Mira, the greatest holder", "a stranger"]) {
      const own = refused.filter(([name]) => name === who).map(([, what]) => what);
      expect(own, who).to.include.members([
        "share out the emission",
        "name a settler",
        "start a buyback",
        "pay from the treasury",
      ]);
    }
    const late = rowsOf(/^The guardian's time is over/);
    expect(late.map(([, , name]) => name)).to.deep.equal(["GovernorUnableToCancel"]);
    for (const row of [...refused, ...late]) expect(chainOf(row[3]), String(row[1])).to.equal(1n);
  });

  it("burns slice by slice what the supply falls by, refuses a slice at a wrong time, and spends the whole plan", () => {
    const slices = rowsOf(/^The buyback:/);
    expect(slices.map(([, , , outcome]) => outcome)).to.deep.equal([
      "burned",
      "refused: NotDue",
      "burned",
      "refused: PriceOffAverage",
      "burned",
      "burned",
      "refused: NothingLeft",
    ]);
    let supply = 1_000_000_000n * XME;
    let paid = 0n;
    for (const row of slices) {
      supply -= chainOf(row[5]);
      paid += chainOf(row[4]);
      expect(chainOf(row[6])).to.equal(supply);
    }
    expect(paid).to.equal(24_000_000n * XME);
    expect(chainOf(byName(/^After the chapter/).get("in existence")?.[0])).to.equal(supply);
  });

  it("pays dividends by what is held and for how long, whoever votes with it", () => {
    const rows = byName(/^Dividends of two months/);
    const [, first, second, claimed] = rows.get("Rosa")?.map(chainOf) ?? [];
    const of = (who: string): bigint[] => rows.get(who)?.map(chainOf) ?? [];
    expect(of("Noor"), "who lets somebody else vote").to.deep.equal(of("Rosa"));
    expect(of("Otto"), "who votes for somebody else too").to.deep.equal(of("Rosa"));
    expect(claimed).to.equal(second);
    // Half of it from the middle of the first month on, which is between half and all of that month and half of the next.
    const [, halfLater = 0n] = of("Quim");
    expect(halfLater > (first ?? 0n) / 2n && halfLater < (first ?? 0n)).to.equal(true);
    // A twentieth of what Rosa has, for half of the first month and all of the second.
    const [, late = 0n, later = 0n] = of("Eli");
    const twentieth = ((second ?? 0n) - (first ?? 0n)) / 20n;
    expect(late > 0n && late < (first ?? 0n) / 20n).to.equal(true);
    expect(later - late - twentieth).to.be.within(-20n, 20n);
  });

  it("shares what an advertiser pays without losing a wei, and burns a fifth", () => {
    let toDelegators = 0n;
    for (const row of rowsOf(/^Eli advertises/)) {
      const [spent = 0n, creators = 0n, delegators = 0n, ...others] = row.slice(2).map(chainOf);
      // Delegators have had what waits for them before the next report.
      toDelegators += delegators;
      const shares = [creators, toDelegators, ...others];
      expect(shares.map((share) => share * 10n)).to.deep.equal([5n, 2n, 2n, 1n].map((tenths) => tenths * spent));
    }
    const spending = byName(/^What becomes of Eli/);
    const amount = (what: RegExp): bigint =>
      [...spending].reduce((total, [name, [value]]) => (what.test(name) ? total + chainOf(value) : total), 0n);
    expect(amount(/get in|burned|treasury|takes/)).to.equal(amount(/^Eli has paid/));
    expect(amount(/^left/)).to.equal(0n);
    const [before, after] = [/^After the chapter/, /^X\.me in the end/].map(byName);
    const [bought, rest] = [before?.get("in existence")?.[0], after?.get("XME in existence")?.[0]].map(chainOf);
    expect((bought ?? 0n) - (rest ?? 0n)).to.equal(amount(/^burned/));
  });

  it("gives delegators what their nodes earn, less the commission, at once from a node that closes and else after a week", () => {
    const became = rowsOf(/^What the delegations have become/);
    expect(became.map(([who, node]) => `${String(who)}, ${String(node)}`)).to.deep.equal([
      "Gus, Vera",
      "Hana, Vera",
      "Ines, Wim",
      "Jon, Vera",
      "Jon, Wim",
    ]);
    const rates = became.map((row) => (chainOf(row[3]) * 1_000n) / chainOf(row[2]));
    const [gus = 0n, hana, ines = 0n, jonAtVera, jonAtWim] = rates;
    expect([hana, jonAtVera, jonAtWim]).to.deep.equal([gus, gus, ines]);
    expect(gus > ines, "5 % is less than 10 and 20 %").to.equal(true);
    const left = byName(/^Who leaves/);
    expect(chainOf(left.get("Ines")?.[3]) - chainOf(became[2]?.[3])).to.be.within(0n, 10n ** 9n);
    for (const [, , xme] of rowsOf(/^XME of advertising/)) expect(chainOf(xme) > 0n).to.equal(true);
    const commissions = rowsOf(/^The nodes in the same months/).map((row) => [row[0], row[1], chainOf(row[3])]);
    expect(commissions.slice(2)).to.deep.equal([
      ["month 3 begins", "Vera's", 500n],
      ["month 3 begins", "Wim's", 2_000n],
      ["month 4 begins", "Vera's", 500n],
      ["month 4 begins", "Wim's", 2_000n],
    ]);
  });

  it("shows badges that follow what is staked, and refuses to give them or vXME away", () => {
    expect(rowsOf(/^Badges show/).map((row) => row.slice(0, 4))).to.deep.equal([
      ["Mira", "minted", "X.me Badge: Patron", "beta access, creator line"],
      ["Eli", "minted", "X.me Badge: Insider", "beta access"],
      ["Dan", "minted", "X.me Badge: Supporter", "–"],
      ["Dan", "asks all back", "X.me Badge: Inactive", "–"],
    ]);
    const refused = rowsOf(/^And who was refused/);
    expect(refused.map(([, , name]) => name)).to.deep.equal([
      "NodeStaking_AboveCap",
      "AccessManagedUnauthorized",
      "NodeStaking_StillWaiting",
      "NodeStaking_NodeIsClosed",
      "Badge_BelowLowestTier",
      "Badge_Soulbound",
      "VotingXME_NotTransferable",
      "VotingXME_StillWaiting",
    ]);
    for (const [who, what, , is] of refused) expect(chainOf(is), `${String(who)}, ${String(what)}`).to.equal(1n);
  });

  it("tells X.me's people in these tables, with at least four hundred figures", () => {
    const chapter = told.chapters.find(({ title }) => title === "X.me: its people");
    expect(chapter?.tables.map(({ title }) => title.replace(/[:;,].*$/, ""))).to.deep.equal([
      "Votes put growth on sale and give ascension XME to pay with",
      "Lia's poem is hers",
      "Points of week 1",
      "Lia brought Nia",
      "What Max buys of what he was paid",
      "How each category is shared",
      "Points of week 2",
      "What Max spent in week 2 is sent on by anybody's call in week 3",
      "Ascension",
      "The list of week 2",
      "Points of week 3",
      "Ascension",
      "and what was spent in week 3",
      "What claims bring",
      "What waits is paid day by day",
      "Memberships of Max",
      "Levels rise by what people do",
      "Who was refused",
      "A year later",
      "What is where in the end",
      "Output and consumption of XMEX",
    ]);
    const figures = chapter?.tables.flatMap(({ rows }) => rows.flat()).filter((cell) => typeof cell === "object");
    expect(figures?.length).to.be.at.least(400);
  });

  it("refuses a thief, a claim that comes too early, and a list that lies, which is struck before the right one", () => {
    const refused = rowsOf(/^Who was refused$/);
    expect(refused.map(([, , name]) => name)).to.deep.equal([
      "ContentRegistry_NotCommitted",
      "ContentRegistry_AlreadyRegistered",
      "SocialMining_StrikingOpen",
      "SocialMining_NotPublished",
      "SocialMining_InvalidProof",
    ]);
    for (const [who, what, , is] of refused) expect(chainOf(is), `${String(who)}, ${String(what)}`).to.equal(1n);
    const total = chainOf(byName(/^Points of week 2/).get("all")?.[0]);
    expect(rowsOf(/^The list of week 2/).map((row) => [chainOf(row[2]), chainOf(row[3])])).to.deep.equal([
      [0n, 1_000_000n],
      [0n, 0n],
      [1n, total],
    ]);
  });

  it("credits by points, pays a ninetieth a day, and returns what nobody claims", () => {
    const left = new Map<string, bigint>();
    for (const row of rowsOf(/^What claims bring/)) {
      const [who, [credited = 0n, paid, waits = 0n]] = [`${String(row[1])}`, row.slice(3).map(chainOf)];
      if (row[0] !== "week 1") continue;
      expect(paid, who).to.equal(ninetieth(credited));
      expect(waits).to.equal(credited - (paid ?? 0n));
      left.set(who, waits);
    }
    for (const [when, who, paid, waits] of rowsOf(/^What waits is paid/)) {
      const before = left.get(String(who)) ?? 0n;
      expect(chainOf(paid), `${String(when)}, ${String(who)}`).to.equal(ninetieth(before));
      expect(chainOf(waits)).to.equal(before - chainOf(paid));
      left.set(String(who), chainOf(waits));
    }
    const points = byName(/^Points of week 1/);
    const [all, ofOli] = [points.get("all")?.[0], points.get("Oli")?.[0]].map(chainOf);
    const returns = rowsOf(/^A year later/).map((row) => row.slice(1).map(chainOf));
    for (const [budget = 0n, credited = 0n, returned] of returns) expect(returned).to.equal(budget - credited);
    const [[budget = 0n, , unclaimed = 0n] = [], [, , rounded = 0n] = []] = returns;
    expect(unclaimed - (budget * (ofOli ?? 0n)) / (all ?? 1n)).to.be.within(0n, 5n * 10n ** 9n);
    expect(rounded > 0n && rounded < 5n * 10n ** 9n, "what rounding kept").to.equal(true);
  });

  /** Rounded up to a gwei. */
  function ninetieth(amount: bigint): bigint {
    const part = 90n * 10n ** 9n;
    return ((amount + part - 1n) / part) * 10n ** 9n;
  }

  it("shares what is spent in every category to the last wei, and adds half of what is consumed to the next budget", () => {
    const shared = rowsOf(/^How each category is shared/);
    expect(shared).to.have.length(10);
    for (const [category, ...cells] of shared) {
      const [spent = 0n, ...parts] = cells.map(chainOf);
      const sum = parts.slice(0, -1).reduce((total, part) => total + part, 0n);
      expect(spent > 0n && sum === spent && parts.at(-1) === spent, String(category)).to.equal(true);
    }
    const totals = byName(/^Output and consumption/);
    const weeks = (what: string): bigint[] => totals.get(what)?.map(chainOf) ?? [];
    const [budget, consumed] = [
      weeks("output: budget, by last week's consumption"),
      weeks("consumption: burned, or the treasury's"),
    ];
    expect(consumed[0]).to.equal(0n);
    const more = (consumed[1] ?? 0n) / 2n;
    expect(more > XME && budget[2] === 20_000_000n * XME + more - (more % 10n ** 9n)).to.equal(true);
    for (const [name, cells] of totals) {
      const [one = 0n, two = 0n, three = 0n, all] = cells.map(chainOf);
      expect(all, name).to.equal(one + two + three);
    }
  });

  it("raises levels and takes them again, lets a membership run out, and hits ascension's highest rate", () => {
    const levels = rowsOf(/^Levels rise/);
    const of = (who: string): bigint[] => levels.filter((row) => row[1] === who).map((row) => chainOf(row[3]));
    expect(of("Lia")).to.deep.equal([1n, 4n, 4n, 4n, 3n, 1n]);
    expect(of("Max"), "who has paid for sixty days").to.deep.equal([1n, 4n, 4n, 4n, 4n, 3n]);
    expect(of("Nia")).to.deep.equal([1n, 2n, 3n, 2n, 1n]);
    expect(of("Pam"), "a check-in undoes none of it").to.deep.equal([1n, 4n, 4n, 4n, 3n, 1n, 1n]);
    const platform = rowsOf(/^Memberships of Max/).filter(([, whose]) => whose === "the platform");
    expect(platform.map((row) => chainOf(row[3]))).to.deep.equal([1n, 0n, 1n]);
    const rates = byName(/^Ascension: the round is over/);
    expect(chainOf(rates.get("the highest rate, which it hit")?.[0])).to.equal(XME / 100n);
    expect([chainOf(rates.get("Lia gets XME")?.[0]), chainOf(rates.get("Max gets XME")?.[0])]).to.deep.equal([
      200n * XME,
      50n * XME,
    ]);
  });

  it("brings every worked example of the source out of the chain", () => {
    const examples = new Map(
      [/^The source's small operators/, /^The source's sellers/, /^The source's large operator/, /burn-redistribute/]
        .flatMap(rowsOf)
        .filter(([, source]) => source !== "–")
        .map(([what, source, value]) => {
          const inXp = / XP|XP /.test(String(what)) && !String(what).includes("dollars");
          expect(chainOf(value), String(what)).to.equal(
            BigInt(String(source).replaceAll(",", "")) * (inXp ? XP : DOLLAR),
          );
          return [String(what), String(source)];
        }),
    );
    expect(Object.fromEntries(examples)).to.deep.equal({
      "Ada: volume in dollars": "10,000",
      "Ada: fees in dollars": "250",
      "Ada: XP earned": "5,000",
      "Ada: dollars for her XP": "100",
      "Sarah: volume in dollars": "15,000",
      "Sarah: fees in dollars": "375",
      "Sarah: XP earned": "7,500",
      "Sarah: XP sold": "7,500",
      "Sarah: dollars for it": "150",
      "Sarah: volume and dollars for XP, the source's total income": "15,150",
      "MegaCorp: XP bought": "5,000,000",
      "MegaCorp: dollars for it": "100,000",
      "MegaCorp: volume in dollars": "25,000,000",
      "MegaCorp: fees at Basic": "625,000",
      "MegaCorp: fees at Diamond": "62,500",
      "MegaCorp: dollars for XP": "100,000",
      "MegaCorp: saved in all": "462,500",
      "Bruno: saved by Bronze, before its price": "500",
      "XP burned in the one week": "10,000,000",
      "XP paid out in the next, with what rounding keeps": "10,000,000",
    });
  });

  it("shows what each of the source's tiers saves at the source's volume", () => {
    const savings = rowsOf(/^The source's tiers/).map(([tier, , volume, burn, , saved]) => [
      tier,
      volume,
      chainOf(burn) / XP,
      chainOf(saved) / DOLLAR,
    ]);
    expect(savings).to.deep.equal([
      ["Bronze", "100,000", 10_000n, 500n],
      ["Silver", "500,000", 50_000n, 5_000n],
      ["Gold", "2,000,000", 250_000n, 30_000n],
      ["Platinum", "10,000,000", 1_000_000n, 200_000n],
      ["Diamond", "50,000,000", 5_000_000n, 1_125_000n],
    ]);
  });

  it("ends jobs in each way that is not settled, and loses no dollar in any", () => {
    const outcomes = rowsOf(/^Jobs that ended otherwise/).map(([what, payment, ...shares]) => {
      const paid = shares.reduce((sum, share) => sum + chainOf(share), 0n);
      const bonds = paid - BigInt(String(payment).replaceAll(",", "")) * DOLLAR;
      return [String(what).replace(/^.*: /, ""), bonds / DOLLAR];
    });
    expect(outcomes).to.deep.equal([
      ["refunded", 50n],
      ["ruled for her", 200n],
      ["split", 100n],
    ]);
  });

  it("sells XP to a bid, by an ask and on Uniswap, between the source's floor and its ceiling", () => {
    const places = new Set(rowsOf(/^Who sold XP/).map((row) => row[1]));
    expect([...places]).to.have.members(["MegaCorp's bid", "own ask", "Uniswap"]);
    const prices = [...byName(/^The market between/)].map(([what, [is]]) => [what, chainOf(is)] as const);
    const [floor, ceiling] = [prices.at(0)?.[1], prices.at(-1)?.[1]];
    expect([floor, ceiling]).to.deep.equal([10_000n, 200_000n]);
    for (const [what, is] of prices.slice(1, -1)) expect(is > 10_000n && is < 200_000n, what).to.equal(true);
  });

  it("pays out of each pool what it says, and adds what was burned to the next", () => {
    const pools = rowsOf(/^Burned in one week/);
    expect(pools.map(([week]) => week)).to.deep.equal(["1", "2", "3", "4", "5", "6", "7", "8"]);
    for (const [week, burned, funded, left, pool] of pools) {
      expect(chainOf(pool), `week ${String(week)}`).to.equal(chainOf(burned) + chainOf(funded) + chainOf(left));
    }
    expect(pools.map(([, burned]) => chainOf(burned) / XP)).to.deep.equal([0n, 0n, 0n, 0n, 0n, 5_010_000n, 0n, 0n]);
    for (const [week, pool, released, claimed, kept] of rowsOf(/^What became of each pool/)) {
      expect(chainOf(released), `week ${String(week)}`).to.equal(chainOf(claimed) + chainOf(kept));
      expect(chainOf(released) <= chainOf(pool), `week ${String(week)}`).to.equal(true);
      expect(chainOf(claimed) > 0n, `week ${String(week)}`).to.equal(true);
    }
  });

  it("never gives anybody more than 20 XP for a dollar of fee, and less to some", () => {
    const weeks = [...rowsOf(/^Each week's work/), ...rowsOf(/^The month after/)];
    const rates = weeks.map((row) => (chainOf(row[4]) * DOLLAR) / chainOf(row[3]));
    expect(rates.every((rate) => rate <= 20n * XP)).to.equal(true);
    expect(rates.filter((rate) => rate === 20n * XP).length).to.be.at.least(16);
    expect(rates.filter((rate) => rate < 19n * XP).length).to.be.at.least(5);
  });

  it("gives trust for success, locked XP and age, and takes it away again", () => {
    const [before, after] = [byName(/^Trust after a month/), byName(/^Trust after two months/)];
    const trust = (told: typeof before, who: string): bigint => chainOf(told.get(who)?.[4]) / XP;
    expect(trust(before, "Grace")).to.equal(78n);
    expect(trust(after, "Grace")).to.equal(53n);
    expect(trust(before, "Linus")).to.equal(45n);
    expect(trust(after, "Linus")).to.equal(77n);
  });

  it("burns ten million XP in a week and pays them out in the next, to those who work", () => {
    const weeks = rowsOf(/^Three weeks/).map(([week, ...cells]) => [week, ...cells.map((cell) => chainOf(cell) / XP)]);
    expect(weeks.map(([week, burned, , pool, released]) => [week, burned, pool === released])).to.deep.equal([
      ["60", 5_542n, true],
      ["61", 0n, true],
      ["62", 10_000_000n, true],
    ]);
    expect(chainOf(rowsOf(/^Three weeks/)[2]?.[4])).to.equal(10_000_000n * XP);
    expect(chainOf(rowsOf(/^Three weeks/)[2]?.[2]) >= 500_000n * DOLLAR).to.equal(true);
    expect(chainOf(byName(/^Who earned the ten million/).get("Linus, idle")?.[1])).to.equal(0n);
    expect(chainOf(byName(/^XP in all/).get("supply after week 60")?.[0])).to.equal(100_000_000n * XP);
  });

  it("agrees with the models about every balance", () => {
    for (const [what, , differing] of rowsOf(/^What all 21 hold/)) {
      expect(chainOf(differing), String(what)).to.equal(0n);
    }
  });

  it("leases compute to every end: settled, cancelled, upheld, rejected, and by silence", () => {
    const leases = byName(/^How the leases ended/);
    const endOf = (what: string) => leases.get(what)?.map((cell) => (typeof cell === "object" ? cell.chain : cell));
    expect(endOf("a shop")?.slice(0, 2)).to.deep.equal(["Ruth", "settled"]);
    expect(endOf("a whim")?.slice(0, 2)).to.deep.equal(["nobody", "cancelled"]);
    expect(endOf("a training")?.slice(0, 2)).to.deep.equal(["Sam", "ended by the arbiter"]);
    expect(endOf("an archive")?.slice(0, 2)).to.deep.equal(["Pit", "settled"]);
    const quoted = byName(/^Leases: 20 milli-XUSD/);
    expect(chainOf(quoted.get("a bot")?.[4])).to.equal(10n ** 18n);
    for (const [, row] of quoted) expect(chainOf(row[5])).to.equal(chainOf(row[4]));
    const refused = rowsOf(/^Who was refused/).map((row) => row[2]);
    expect(refused.length).to.be.greaterThan(0);
    const all = told.chapters.find(({ title }) => title === "XE: compute for XUSD")?.tables.flatMap(({ rows }) => rows);
    const named = all?.map((row) => row[2]);
    expect(named).to.include.members([
      "DualAssetLedger_ClaimTooEarly",
      "DualAssetLedger_UnknownAsset",
      "DualAssetLedger_TermNotOver",
      "DualAssetLedger_RulingOpen",
      "AccessManagedUnauthorized",
    ]);
  });

  it("rebuilds every chain of XE's ledger from logs, to its head", () => {
    const chains = rowsOf(/^Every chain rebuilt/);
    expect(chains.length).to.be.at.least(6);
    for (const row of chains) expect(chainOf(row[4])).to.equal(1n);
    const supply = byName(/^What there is: XE/);
    expect(chainOf(supply.get("XE in existence")?.[0])).to.equal(328n * 10n ** 18n);
    expect(chainOf(supply.get("pending or in escrow")?.[0])).to.equal(0n);
  });
});
