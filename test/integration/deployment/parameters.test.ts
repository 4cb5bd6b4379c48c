import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { expect } from "chai";
import { formatUnits, Interface, parseUnits } from "ethers";
import hre from "hardhat";

import type { RpcProvider } from "../../../src/deployment/chains.js";
import { ExplainedError } from "../../../src/deployment/explained-error.js";
import type { Address, Hash } from "../../../src/deployment/folder.js";
import { type ParameterEnvironment, readParameterFile, readXmeParameters } from "../../../src/deployment/parameters.js";
import { formatDuration } from "../../../src/deployment/readers.js";
import { readUniswap } from "../../../src/deployment/uniswap.js";
import { readXeParameters } from "../../../src/deployment/xe-parameters.js";
import { readXpParameters, type XpEnvironment } from "../../../src/deployment/xp-parameters.js";

const START = 1_800_000_000n;
const DAY = 86_400n;
const ACCOUNTS: readonly Address[] = [
  "0xf39Fd6e51aad88F6F4ce6aB8827279cffFb92266",
  "0x70997970C51812dc3A010C7d01b50e0d17dc79C8",
  "0x3C44CdDdB6a900fa2b585dd299e03d12FA4293BC",
  "0x90F79bf6EB2c4f870365E785982E1f101E93b906",
  "0x15d34AAf54267DB7D7c367839AAf71A00a2C6A65",
  "0x9965507D1a55bcC2695C58ba16FB37d819B0A4dc",
  "0x976EA74026E726554dB657fA54763abd0C3a0aa9",
  "0x14dC79964da2C08b23698B3D3cc7Ca32193d9955",
  "0x23618e81E3f5cdF7f54C3d65f7FBc0aBf5B21E8f",
  "0xa0Ee7A142d267C1f36714E4a8F75612F20a79720",
];
const LOCAL: ParameterEnvironment = {
  start: START,
  localAccounts: ACCOUNTS,
  chainId: 31_337n,
  deployer: ACCOUNTS[0] as Address,
};
const PUBLIC: ParameterEnvironment = { ...LOCAL, localAccounts: undefined };
const POLYGON: ParameterEnvironment = { ...LOCAL, chainId: 137n };
const ROOT: Hash = `0x${"5e".repeat(32)}`;

const defaults = join(hre.config.paths.ignition, "parameters", "default.json");
type Tree = Record<string, Record<string, unknown>>;

/** The default parameters with one value replaced, or taken out when it is undefined. */
function withValue(
  group: string,
  field: string | undefined,
  value: unknown,
): { path: string; content: { xme: unknown } } {
  const content = JSON.parse(readFileSync(defaults, "utf8")) as { xme: Tree };
  const [owner, key] = field === undefined ? [content.xme, group] : [content.xme[group], field];
  // A key of any name is one of the file's own, as in JSON.
  Object.defineProperty(owner, key, { value, enumerable: true });
  return { path: "parameters.json", content: JSON.parse(JSON.stringify(content)) as { xme: unknown } };
}

const read = (file: { path: string; content: Record<string, unknown> }, environment = LOCAL) =>
  readXmeParameters(file, environment, () => Promise.resolve(ROOT));

async function refusal(promise: Promise<unknown>): Promise<string> {
  return promise.then(
    () => "accepted",
    (error: unknown) => {
      if (error instanceof ExplainedError) return error.message;
      throw error;
    },
  );
}

describe("readXmeParameters", () => {
  context("given the parameter file of local chains", () => {
    it("should interpret amounts, prices, times and accounts exactly", async () => {
      const csvFiles: string[] = [];
      const parameters = await readXmeParameters(readParameterFile(defaults), LOCAL, (csv) => {
        csvFiles.push(csv);
        return Promise.resolve(ROOT);
      });
      expect(parameters).to.deep.equal({
        timelock: { delay: 2n * DAY },
        governance: { guardian: ACCOUNTS[1], sunset: START + 730n * DAY, settler: ACCOUNTS[5] },
        community: { publisher: ACCOUNTS[6], striker: ACCOUNTS[7], catalogue: ACCOUNTS[8] },
        beneficiaries: { team: ACCOUNTS[2], privateSale: ACCOUNTS[3] },
        sale: {
          price: parseUnits("0.0001", 18),
          walletCap: parseUnits("1000000", 18),
          opens: START,
          closes: START + 30n * DAY,
        },
        airdrop: { root: ROOT, deadline: START + 180n * DAY },
        pool: { openingPriceWad: parseUnits("100", 18), fee: 3_000n, observations: 150n },
        emission: { start: START, sharesBps: [6_000n, 1_000n, 2_000n, 1_000n, 0n, 0n, 0n, 0n] },
      });
      expect(csvFiles).to.deep.equal([join(hre.config.paths.ignition, "parameters", "airdrop-local.csv")]);
    });

    it("should read dates in UTC, shares with decimals and prices of several tokens", async () => {
      const closes = "2027-01-31T12:00:00Z";
      expect((await read(withValue("sale", "closes", closes))).sale.closes).to.equal(1_801_396_800n);
      const shares = ["12.5 %", "12.25 %", "75.25 %", "0 %", "0 %", "0 %", "0 %", "0 %"];
      const { emission } = await read(withValue("emission", "shares", shares));
      expect(emission.sharesBps).to.deep.equal([1_250n, 1_225n, 7_525n, 0n, 0n, 0n, 0n, 0n]);
      expect((await read(withValue("sale", "price", "3 ETH for 4 XME"))).sale.price).to.equal(parseUnits("0.75", 18));
    });

    it("should take the longest delay, the largest amounts and the outermost prices that the contracts take", async () => {
      const most = 2n ** 128n - 1n;
      const units = formatUnits(most, 18);
      expect((await read(withValue("timelock", "delay", "30 days"))).timelock.delay).to.equal(30n * DAY);
      const latest = await read(withValue("governance", "sunset", "start + 1460 days"));
      expect(latest.governance.sunset).to.equal(START + 1_460n * DAY);
      const whole = await read(withValue("sale", "walletCap", "250000000 XME"));
      expect(whole.sale.walletCap).to.equal(parseUnits("250000000", 18));
      expect((await read(withValue("sale", "price", `${units} ETH for 1 XME`))).sale.price).to.equal(most);
      for (const exponent of [12, -12]) {
        const decimal = exponent > 0 ? "1000000000000" : "0.000000000001";
        const { pool } = await read(withValue("pool", "openingPrice", `${decimal} XMEX for 1 XME`));
        expect(pool.openingPriceWad).to.equal(10n ** BigInt(18 + exponent));
      }
    });
  });

  context("given what a deployment began with", () => {
    it("should take what a new one may not say any more", async () => {
      const begun = { ...LOCAL, begun: new Set(["xme"]) };
      const dead = "0x000000000000000000000000000000000000dEaD";
      expect((await read(withValue("sale", "walletCap", "1000000000 XME"), begun)).sale.walletCap).to.equal(10n ** 27n);
      expect((await read(withValue("governance", "guardian", dead), begun)).governance.guardian).to.equal(dead);
      const other = { ...LOCAL, begun: new Set(["xp"]) };
      expect(await refusal(read(withValue("governance", "guardian", dead), other))).to.contain("nobody has a key");
    });
  });

  context("given a chain whose currency is not ether", () => {
    it("should take the sale's price in that currency", async () => {
      for (const [chainId, currency] of [
        [137n, "POL"],
        [80_002n, "POL"],
        [56n, "BNB"],
        [43_114n, "AVAX"],
        [100n, "XDAI"],
      ] as const) {
        const at = { ...POLYGON, chainId };
        const { sale } = await read(withValue("sale", "price", `0.5 ${currency} for 1 XME`), at);
        expect(sale.price).to.equal(parseUnits("0.5", 18));
        expect(await refusal(read(withValue("sale", "price", "0.5 ETH for 1 XME"), at))).to.contain(
          `chain ${String(chainId)} is paid in ${currency}, not in ETH`,
        );
      }
    });
  });

  context("given a root in place of a CSV", () => {
    it("should use the root", async () => {
      const root = `0x${"7a".repeat(32)}`;
      const { airdrop } = await read(withValue("airdrop", undefined, { root, deadline: "start + 1 week" }));
      expect(airdrop).to.deep.equal({ root, deadline: START + 7n * DAY });
    });
  });

  context("given a value that cannot be", () => {
    const someone = "0x70997970C51812dc3A010C7d01b50e0d17dc79C8";
    const cases: readonly (readonly [string, string | undefined, unknown, RegExp, ParameterEnvironment?])[] = [
      [
        "sale",
        "walletcap",
        "1 XME",
        /xme\.sale\.walletcap is "1 XME": no such key is known here; the keys are price, walletCap/,
      ],
      ["sale", "constructor", "1 XME", /xme\.sale\.constructor is "1 XME": no such key is known here/],
      ["sale", "__proto__", { price: 1 }, /xme\.sale\.__proto__ is \{"price":1\}: no such key is known here/],
      ["toString", undefined, 1, /xme\.toString is 1: no such key is known here/],
      [
        "governance",
        "guardian",
        "0x000000000000000000000000000000000000dEaD",
        /nobody has a key of that address; write another one/,
      ],
      ["sale", "walletCap", undefined, /xme\.sale\.walletCap is missing: write an amount with its unit/],
      ["sale", undefined, "cheap", /xme\.sale is "cheap": write an object with the keys price/],
      [
        "sale",
        "walletCap",
        "1000 XMEX",
        /xme\.sale\.walletCap is "1000 XMEX": write an amount with its unit, such as "1000 XME"/,
      ],
      ["sale", "walletCap", "-1 XME", /write an amount with its unit/],
      ["sale", "walletCap", 1000, /xme\.sale\.walletCap is 1000: write an amount with its unit/],
      ["sale", "walletCap", "0.0000000000000000001 XME", /18 decimals, no more/],
      ["sale", "walletCap", "0 XME", /nobody could buy anything/],
      ["sale", "walletCap", "250000000.1 XME", /the sale has 250,000,000 XME in all; write no more/],
      ["sale", "price", "0.0001 ETH", /write a price such as "0\.0001 ETH for 1 XME"/],
      ["sale", "price", "0 ETH for 1 XME", /neither side of a price may be zero/],
      ["sale", "price", "1 ETH for 3 XME", /must cost a whole number/],
      ["sale", "price", "0.5 POL for 1 XME", /write a price such as "0\.0001 ETH for 1 XME"/],
      [
        "sale",
        "price",
        "0.0001 ETH for 1 XME",
        /chain 137 is paid in POL, not in ETH; write the price in POL, such as "0\.0001 POL for 1 XME"/,
        POLYGON,
      ],
      ["sale", "price", "cheap", /write a price such as "0\.0001 POL for 1 XME"/, POLYGON],
      [
        "sale",
        "price",
        "340282366920938463463.374607431768211456 POL for 1 XME",
        /one XME costs no more than 340282366920938463463\.374607431768211455 POL; write a lower price/,
        POLYGON,
      ],
      ["sale", "opens", "start + 1 month", /write a date that exists/],
      ["sale", "opens", "2027-04-31T00:00:00Z", /xme\.sale\.opens is "2027-04-31T00:00:00Z": write a date that exists/],
      ["sale", "opens", "2020-01-01T00:00:00Z", /cannot open before the deployment begins/],
      ["sale", "closes", "start", /must close after it opens/],
      ["sale", "closes", "start + 731 days", /within two years/],
      ["airdrop", "deadline", "start", /must end after the deployment begins/],
      ["airdrop", "deadline", "start + 731 days", /within two years/],
      ["airdrop", "root", `0x${"11".repeat(32)}`, /give either "csv".* or "root"/],
      ["airdrop", "csv", undefined, /give either "csv".* or "root"/],
      ["airdrop", "csv", "", /xme\.airdrop\.csv is "": write a text/],
      [
        "airdrop",
        undefined,
        { root: `0x${"0".repeat(64)}`, deadline: "start + 1 day" },
        /64 hexadecimal digits that are not all zero/,
      ],
      [
        "sale",
        "walletCap",
        "340282366920938463463.374607431768211456 XME",
        /the contracts count no more than 340282366920938463463\.374607431768211455 XME; write less/,
      ],
      ["sale", "walletCap", `1${"0".repeat(200)} XME`, /the contracts count no more than/],
      [
        "sale",
        "price",
        "340282366920938463463.374607431768211456 ETH for 1 XME",
        /one XME costs no more than 340282366920938463463\.374607431768211455 ETH; write a lower price/,
      ],
      ["timelock", "delay", "1 year", /write a length of time such as "2 days"/],
      ["timelock", "delay", "47 hours", /waits at least 2 days/],
      ["timelock", "delay", "31 days", /waits at most 30 days/],
      ["timelock", "delay", "2592001 seconds", /waits at most 30 days/],
      ["timelock", "proposers", ["local account 1"], /no such key is known here; the keys are delay/],
      ["governance", "guardian", undefined, /xme\.governance\.guardian is missing: write an address of 0x/],
      ["governance", "guardian", "local account 0", /the deployer keeps no role/],
      ["governance", "settler", ACCOUNTS[0], /the deployer keeps no role/],
      [
        "governance",
        "guardian",
        "local account 10",
        /xme\.governance\.guardian is "local account 10": the node has local accounts 0 to 9 only/,
      ],
      ["governance", "settler", "local account 1", /local accounts exist on local chains only/, PUBLIC],
      ["governance", "sunset", "start", /the guardian's time must end after the deployment begins/],
      ["governance", "sunset", "start + 1461 days", /ends within four years \(1460 days\)/],
      ["governance", "sunset", "2 years", /write a date that exists/],
      [
        "community",
        undefined,
        undefined,
        /xme\.community is missing: write an object with the keys publisher, striker/,
      ],
      ["community", "publisher", undefined, /xme\.community\.publisher is missing: write an address of 0x/],
      ["community", "publisher", ACCOUNTS[0], /the deployer keeps no role; name another account/],
      ["community", "striker", "local account 0", /the deployer keeps no role; name another account/],
      [
        "community",
        "striker",
        "local account 6",
        /striker is "local account 6": the publisher would watch over itself/,
      ],
      ["community", "catalogue", ACCOUNTS[0], /the deployer keeps no role; name another account/],
      ["community", "catalogue", 8, /xme\.community\.catalogue is 8: write an address of 0x and 40 hexadecimal digits/],
      ["community", "minter", ACCOUNTS[8], /no such key is known here; the keys are publisher, striker, catalogue/],
      ["beneficiaries", "team", ACCOUNTS[0], /the deployer holds nothing afterwards/],
      ["beneficiaries", "privateSale", "0x1234", /write an address of 0x and 40 hexadecimal digits/],
      ["beneficiaries", "team", someone.replace("C518", "c518"), new RegExp(`its checksum is wrong; .* ${someone}`)],
      ["beneficiaries", "team", `0x${"0".repeat(40)}`, /the zero address belongs to nobody/],
      ["pool", "fee", "2 %", /Uniswap V3 offers 0\.05 %, 0\.3 %, 1 %/],
      ["pool", "observations", 0, /write a whole number from 1 to 400/],
      ["pool", "observations", 401, /write a whole number from 1 to 400/],
      ["pool", "openingPrice", "1 XME for 100 XMEX", /write a price such as "100 XMEX for 1 XME"/],
      [
        "pool",
        "openingPrice",
        "1000000000000.000000000000000001 XMEX for 1 XME",
        /the pool opens at 0\.000000000001 to 1000000000000 XMEX for 1 XME/,
      ],
      [
        "pool",
        "openingPrice",
        "0.000000000000999999 XMEX for 1 XME",
        /the pool opens at 0\.000000000001 to 1000000000000 XMEX for 1 XME/,
      ],
      ["emission", "start", "start + 31 days", /within 30 days of the deployment/],
      ["emission", "shares", ["100 %"], /the vault has 8 streams/],
      ["emission", "shares", Array.from({ length: 8 }, () => "12 %"), /add up to 96 %; they must make 100 %/],
      ["emission", "shares", Array.from({ length: 8 }, () => "12.505 %"), /a percentage with at most two decimals/],
    ];
    for (const [group, field, value, expected, environment] of cases) {
      it(`should refuse ${group}${field === undefined ? "" : `.${field}`} = ${JSON.stringify(value) ?? "nothing"}`, async () => {
        const message = await refusal(read(withValue(group, field, value), environment));
        expect(message).to.match(expected);
        expect(message).to.match(/^parameters\.json: xme\./);
      });
    }
  });

  context("given a file that is none", () => {
    const scratch = mkdtempSync(join(tmpdir(), "xonomy-parameters-"));
    after(() => {
      rmSync(scratch, { recursive: true });
    });

    function written(name: string, content: string): string {
      const path = join(scratch, name);
      writeFileSync(path, content);
      return path;
    }

    it("should say why it cannot be read", () => {
      expect(() => readParameterFile(join(scratch, "none.json"))).to.throw(
        ExplainedError,
        /cannot be read: give an existing one/,
      );
      expect(() => readParameterFile(written("broken.json", "{"))).to.throw(ExplainedError, /broken\.json is not JSON/);
      expect(() => readParameterFile(written("list.json", "[]"))).to.throw(ExplainedError, /must hold a JSON object/);
      const twice = '{"xme": {"sale": [{"price": "}"}, {"a\\"b": 1, "price": {"price": 2}, "price": 1}]}, "xp": {}}';
      expect(() => readParameterFile(written("twice.json", twice))).to.throw(
        ExplainedError,
        /twice\.json: xme\.sale\.price stands there twice: leave one of them\.$/,
      );
      const once = twice.replace(', "price": 1}]', "}]");
      expect(readParameterFile(written("once.json", once)).content).to.deep.equal(JSON.parse(once));
      expect(() => readParameterFile(written("typo.json", '{"xmE": {}}'))).to.throw(
        ExplainedError,
        /xmE is neither an economy with parameters nor "uniswap": the keys are uniswap, xme, xp/,
      );
    });
  });
});

/** A chain on which only some addresses hold code, one of them a token. */
function chainWith(
  codes: Readonly<Record<string, string>>,
  answers: Readonly<Record<string, string>> = {},
): RpcProvider {
  return {
    request({ method, params = [] }) {
      const [target] = params as [string | { to: string; data: string }];
      if (method === "eth_getCode") return Promise.resolve(codes[target as string] ?? "0x");
      const { data } = target as { data: string };
      const answer = answers[data];
      return answer === undefined ? Promise.reject(new Error("execution reverted")) : Promise.resolve(answer);
    },
  };
}

const TOKEN = new Interface(["function symbol() view returns (string)", "function decimals() view returns (uint8)"]);

/** What a token answers to both questions. */
function tokenAnswers(symbol: string, decimals: number): Record<string, string> {
  return {
    [TOKEN.encodeFunctionData("symbol")]: TOKEN.encodeFunctionResult("symbol", [symbol]),
    [TOKEN.encodeFunctionData("decimals")]: TOKEN.encodeFunctionResult("decimals", [decimals]),
  };
}

describe("readXpParameters", () => {
  const [deployer = "0x", admin = "0x", treasury = "0x", arbiter = "0x"] = ACCOUNTS;
  const SEPOLIA = 11_155_111n;
  const local: XpEnvironment = {
    ...LOCAL,
    chainId: 31_337n,
    network: "localhost",
    provider: chainWith({}),
    governance: "parameters",
  };
  const live = (chainId: bigint, provider: RpcProvider): XpEnvironment => ({ ...local, ...PUBLIC, chainId, provider });

  /** XP's parameters, each an address, with some replaced, or taken out where undefined. */
  function fileWith(changes: object, pool: object = {}) {
    const xp = {
      admin,
      treasury,
      arbiter,
      paymentToken: "deploy",
      pool: { openingPrice: "0.02 TUSD for 1 XP", fee: "0.3 %", observations: 150, ...pool },
      ...changes,
    };
    return { path: "parameters.json", content: JSON.parse(JSON.stringify({ xp })) as Record<string, unknown> };
  }

  context("given the parameter file of local chains", () => {
    const file = () => readParameterFile(defaults);
    const environment = {
      ...local,
      localAccounts: ACCOUNTS,
    };

    it("should interpret accounts, price, fee and observations exactly", async () => {
      expect(await readXpParameters(file(), environment)).to.deep.equal({
        governance: { admin, treasury: admin },
        arbiter: ACCOUNTS[4],
        paymentToken: "deploy",
        pool: { openingPrice: 20_000n, fee: 3_000n, observations: 150n },
      });
    });

    it("should leave administrator and treasury to the timelock where that governs", async () => {
      const { governance } = await readXpParameters(file(), { ...environment, governance: "timelock" });
      expect(governance).to.equal("timelock");
    });
  });

  context("given a token of the chain", () => {
    it("should take the price in its symbol and its decimals", async () => {
      for (const [symbol, decimals, written, expected] of [
        ["USDC", 6, "0.02 USDC for 1 XP", 20_000n],
        ["DAI", 18, "0.02 DAI for 1 XP", 20_000_000_000_000_000n],
        ["USD.e+", 2, "3 USD.e+ for 2 XP", 150n],
        ["GUSD", 0, "1000000000000000000000000000000000000 GUSD for 1 XP", 10n ** 36n],
      ] as const) {
        const provider = chainWith({ [treasury]: "0x60" }, tokenAnswers(symbol, decimals));
        const file = fileWith({ paymentToken: treasury }, { openingPrice: written });
        const { pool, paymentToken } = await readXpParameters(file, { ...local, provider });
        expect(pool.openingPrice, written).to.equal(expected);
        expect(paymentToken).to.equal(treasury);
      }
    });

    it("should say what is wrong with the token, or with a price in another", async () => {
      const paid = (openingPrice: string) => fileWith({ paymentToken: treasury }, { openingPrice });
      const cases: readonly [RpcProvider, string, RegExp][] = [
        [chainWith({}), "1 USDC for 1 XP", /xp\.paymentToken is "0x3C44.*": network "localhost" has no contract there/],
        [chainWith({ [treasury]: "0x60" }), "1 USDC for 1 XP", /xp\.paymentToken is .*names no symbol and decimals/],
        [
          chainWith({ [treasury]: "0x60" }, tokenAnswers("BIG", 19)),
          "1 BIG for 1 XP",
          /xp\.paymentToken is .*: it has 19 decimals; the contracts take at most 18/,
        ],
        [
          chainWith({ [treasury]: "0x60" }, tokenAnswers("USDC", 6)),
          "0.02 TUSD for 1 XP",
          /xp\.pool\.openingPrice is "0\.02 TUSD for 1 XP": write a price such as "100 USDC for 1 XP"/,
        ],
        [
          chainWith({ [treasury]: "0x60" }, tokenAnswers("USDxe", 6)),
          "1 USD.e for 1 XP",
          /write a price such as "100 USDxe for 1 XP"/,
        ],
      ];
      for (const [provider, openingPrice, expected] of cases) {
        expect(await refusal(readXpParameters(paid(openingPrice), { ...local, provider }))).to.match(expected);
      }
    });
  });

  context("given a value that cannot be", () => {
    const cases: readonly (readonly [string, ReturnType<typeof fileWith>, RegExp])[] = [
      ["no administrator", fileWith({ admin: undefined }), /xp\.admin is missing: write an address/],
      [
        "the deployer as administrator",
        fileWith({ admin: deployer }),
        /xp\.admin is "0xf39F.*the deployer keeps no role/,
      ],
      ["the deployer as treasury", fileWith({ treasury: deployer }), /xp\.treasury is "0xf39F.*no income/],
      [
        "the deployer as arbiter",
        fileWith({ arbiter: "local account 0" }),
        /xp\.arbiter is "local account 0".*keeps no role/,
      ],
      ["a token's name", fileWith({ paymentToken: "USDC" }), /xp\.paymentToken is "USDC": write an address/],
      [
        "an unknown key",
        fileWith({ kappa: 20 }),
        /xp\.kappa is 20: no such key is known here; the keys are admin, treasury/,
      ],
      ["no price", fileWith({}, { openingPrice: undefined }), /xp\.pool\.openingPrice is missing: write a text/],
      [
        "a price the wrong way round",
        fileWith({}, { openingPrice: "50 XP for 1 TUSD" }),
        /write a price such as "100 TUSD for 1 XP"/,
      ],
      [
        "more decimals than the token has",
        fileWith({}, { openingPrice: "0.0000001 TUSD for 1 XP" }),
        /the token has 6 decimals, no more/,
      ],
      [
        "a price that is no whole number",
        fileWith({}, { openingPrice: "0.02 TUSD for 3 XP" }),
        /must cost a whole number of TUSD/,
      ],
      ["no price at all", fileWith({}, { openingPrice: "0 TUSD for 1 XP" }), /neither side of a price may be zero/],
      [
        "a price above the highest",
        fileWith({}, { openingPrice: "1000000000000000000000000000000.000001 TUSD for 1 XP" }),
        /one XP opens at no more than 1000000000000000000000000000000 TUSD; write a lower price/,
      ],
      ["a fee that Uniswap has not", fileWith({}, { fee: "2 %" }), /xp\.pool\.fee is "2 %": Uniswap V3 offers/],
      [
        "no observation",
        fileWith({}, { observations: 0 }),
        /xp\.pool\.observations is 0: write a whole number from 1 to 400/,
      ],
      [
        "too many observations",
        fileWith({}, { observations: 401 }),
        /observations is 401: write a whole number from 1 to 400/,
      ],
      ["half an observation", fileWith({}, { observations: 1.5 }), /observations is 1\.5: write a whole number/],
      ["observations in words", fileWith({}, { observations: "150" }), /observations is "150": write a whole number/],
    ];
    for (const [name, file, expected] of cases) {
      it(`should refuse ${name}`, async () => {
        const message = await refusal(readXpParameters(file, local));
        expect(message).to.match(expected);
        expect(message).to.match(/^parameters\.json: xp\./);
      });
    }
  });

  context("given a public network", () => {
    it("should take any account and the test dollar where nothing has value", async () => {
      const { governance, paymentToken } = await readXpParameters(fileWith({}), live(SEPOLIA, chainWith({})));
      expect(governance).to.deep.equal({ admin, treasury });
      expect(paymentToken).to.equal("deploy");
      expect(await refusal(readXpParameters(fileWith({ admin: deployer }), live(SEPOLIA, chainWith({}))))).to.match(
        /the deployer keeps no role/,
      );
    });

    it("should take only contracts as administrator and treasury, and no test dollar, where something may", async () => {
      const answers = tokenAnswers("USDC", 6);
      const file = fileWith({ paymentToken: treasury }, { openingPrice: "0.02 USDC for 1 XP" });
      const plain = chainWith({ [treasury]: "0x60" }, answers);
      const withoutTreasury = fileWith({ paymentToken: deployer }, { openingPrice: "0.02 USDC for 1 XP" });
      expect(
        await refusal(
          readXpParameters(withoutTreasury, live(1n, chainWith({ [admin]: "0x60", [deployer]: "0x60" }, answers))),
        ),
      ).to.match(/xp\.treasury is .*no single key may get the fees, since whoever gets them back earns XP for nothing/);
      expect(await refusal(readXpParameters(file, live(1n, plain)))).to.match(
        /xp\.admin is "0x7099.*no single key may govern it; write the address of a timelock or of a multi-signature wallet/,
      );
      const delegated = chainWith({ [treasury]: "0x60", [admin]: `0xEF0100${"12".repeat(20)}` }, answers);
      expect(await refusal(readXpParameters(file, live(1n, delegated)))).to.match(/xp\.admin is .*no contract/);
      const sound = chainWith({ [treasury]: "0x60", [admin]: "0x60" }, answers);
      expect((await readXpParameters(file, live(1n, sound))).pool.openingPrice).to.equal(20_000n);
      expect(await refusal(readXpParameters(fileWith({}), live(1n, sound)))).to.match(
        /xp\.paymentToken is "deploy": the test dollar is for local chains and testnets, and chain 1 is not known as one/,
      );
    });
  });
});

describe("readXeParameters", () => {
  const [deployer = "0x", recipient = "0x", arbiter = "0x"] = ACCOUNTS;
  const XUSD = 10n ** 18n;
  const local = LOCAL;
  const live = (chainId: bigint): ParameterEnvironment => ({ ...PUBLIC, chainId });

  /** XE's parameters without a faucet, each account an address, with some replaced, or taken out where undefined. */
  function fileWith(changes: object) {
    const xe = {
      timelock: { delay: "2 days" },
      governance: { minQuorum: "10000 XUSD", proposalThreshold: "1000 XUSD" },
      arbiter,
      faucet: false,
      initial: { recipient, amount: "10000 XUSD" },
      ...changes,
    };
    return { path: "parameters.json", content: JSON.parse(JSON.stringify({ xe })) as Record<string, unknown> };
  }

  const complain = async (file: ReturnType<typeof fileWith>, environment = local): Promise<string> =>
    refusal(Promise.resolve().then(() => readXeParameters(file, environment)));

  context("given the parameter file of local chains", () => {
    it("should interpret delay, votes, arbiter, faucet and the initial XUSD exactly", () => {
      expect(readXeParameters(readParameterFile(defaults), local)).to.deep.equal({
        timelock: { delay: 2n * DAY },
        governance: { minQuorum: 10_000n * XUSD, proposalThreshold: 1_000n * XUSD },
        arbiter: ACCOUNTS[9],
        faucet: true,
        initial: { recipient, amount: 1_000_000n * XUSD },
      });
    });
  });

  context("given values at the edge", () => {
    it("should take them", () => {
      const most = `${formatUnits(2n ** 120n - 1n, 18)} XUSD`;
      for (const changes of [
        { timelock: { delay: "1 day" } },
        { timelock: { delay: "30 days" } },
        { governance: { minQuorum: "10000 XUSD", proposalThreshold: "10000 XUSD" } },
        { governance: { minQuorum: most, proposalThreshold: most }, initial: { recipient, amount: most } },
        { faucet: true, initial: "none" },
        { faucet: true, initial: { recipient, amount: "0.000000000000000001 XUSD" } },
      ]) {
        expect(readXeParameters(fileWith(changes), local), JSON.stringify(changes)).to.be.an("object");
      }
    });
  });

  context("given a value that cannot be", () => {
    const governance = { minQuorum: "10000 XUSD", proposalThreshold: "1000 XUSD" };
    const cases: readonly (readonly [string, object, RegExp])[] = [
      ["no faucet said", { faucet: undefined }, /xe\.faucet is missing: write true or false/],
      ["a faucet in words", { faucet: "true" }, /xe\.faucet is "true": write true or false, without quotes/],
      [
        "none in other letters",
        { initial: "None" },
        /xe\.initial is "None": write an object .*amount; or write "none"\.$/,
      ],
      ["an unknown key", { guardian: arbiter }, /xe\.guardian is .* the keys are timelock, governance, arbiter/],
      ["a short delay", { timelock: { delay: "23 hours" } }, /xe\.timelock\.delay is "23 hours": .* at least 1 day/],
      ["a long delay", { timelock: { delay: "31 days" } }, /xe\.timelock\.delay is "31 days": .* at most 30 days/],
      [
        "no floor of the quorum",
        { governance: { ...governance, minQuorum: "0 XUSD" } },
        /xe\.governance\.minQuorum is "0 XUSD": without votes anybody would decide everything/,
      ],
      [
        "a floor that no supply reaches",
        { governance: { ...governance, minQuorum: "1400000000000000000 XUSD" } },
        /xe\.governance\.minQuorum is .*: there are never more than 1329227995784915872\.\d+ XUSD; write less/,
      ],
      [
        "a floor in another asset",
        { governance: { ...governance, minQuorum: "10000 XE" } },
        /xe\.governance\.minQuorum is "10000 XE": write an amount with its unit, such as "1000 XUSD"/,
      ],
      [
        "no threshold",
        { governance: { ...governance, proposalThreshold: "0 XUSD" } },
        /xe\.governance\.proposalThreshold is "0 XUSD": anybody could propose without end/,
      ],
      [
        "a threshold above the quorum",
        { governance: { ...governance, proposalThreshold: "10000.1 XUSD" } },
        /xe\.governance\.proposalThreshold is "10000\.1 XUSD": a quorum is 10000 XUSD/,
      ],
      ["the deployer as arbiter", { arbiter: deployer }, /xe\.arbiter is "0xf39F.*keeps no role/],
      ["no arbiter", { arbiter: undefined }, /xe\.arbiter is missing: write an address/],
      [
        "the deployer's XUSD",
        { initial: { recipient: deployer, amount: "10000 XUSD" } },
        /xe\.initial\.recipient is "0xf39F.*holds nothing afterwards/,
      ],
      ["nothing to mint", { initial: { recipient, amount: "0 XUSD" } }, /xe\.initial\.amount is "0 XUSD": .*"none"/],
      [
        "more XUSD than there can be",
        { initial: { recipient, amount: "1400000000000000000 XUSD" } },
        /xe\.initial\.amount is .*: there are never more than/,
      ],
      [
        "a word for an amount",
        { initial: "some" },
        /xe\.initial is "some": write an object with the keys recipient, amount/,
      ],
      [
        "no XUSD where there is no faucet",
        { initial: "none" },
        /xe\.initial is "none": without a faucet there is no XUSD .* the quorum, 10000 XUSD; write at least that/,
      ],
      [
        "less XUSD than a quorum where there is no faucet",
        { initial: { recipient, amount: "9999.999999999999999999 XUSD" } },
        /xe\.initial\.amount is "9999\.9+ XUSD": without a faucet .* write at least that/,
      ],
    ];
    for (const [name, changes, expected] of cases) {
      it(`should refuse ${name}`, async () => {
        const message = await complain(fileWith(changes));
        expect(message).to.match(expected);
        expect(message).to.match(/^parameters\.json: xe\./);
      });
    }
  });

  context("given a public network", () => {
    it("should take a faucet on a testnet, and none where something may have value", async () => {
      expect(readXeParameters(fileWith({ faucet: true }), live(11_155_111n)).faucet).to.equal(true);
      expect(readXeParameters(fileWith({}), live(1n)).faucet).to.equal(false);
      expect(await complain(fileWith({ faucet: true }), live(1n))).to.match(
        /xe\.faucet is true: the faucet is for local chains and testnets, .* and chain 1 is not known as one; write false/,
      );
    });
  });
});

describe("readUniswap", () => {
  const fileWith = (uniswap: unknown) => ({ path: "parameters.json", content: { uniswap } });

  const local = { ...LOCAL, chainId: 31_337n };
  const testnet = { ...PUBLIC, chainId: 80_002n };

  it("should bring an own Uniswap to a local chain and to a testnet, and refuse to bring it where it may have value", async () => {
    expect(await readUniswap(fileWith("deploy"), local, chainWith({}), "localhost")).to.equal("deploy");
    expect(await readUniswap(fileWith("deploy"), testnet, chainWith({}), "polygonAmoy")).to.equal("deploy");
    expect(
      await refusal(readUniswap(fileWith("deploy"), { ...PUBLIC, chainId: 137n }, chainWith({}), "custom")),
    ).to.equal(
      'parameters.json: uniswap is "deploy": nobody would trade in a Uniswap V3 of this deployment\'s own where tokens may have value: ' +
        "write factory and positionManager of the chain's.",
    );
  });

  it("should say which address is missing", async () => {
    const [factory] = ACCOUNTS;
    expect(await refusal(readUniswap(fileWith({ factory }), testnet, chainWith({}), "sepolia"))).to.match(
      /^parameters\.json: uniswap\.positionManager is missing/,
    );
    expect(await refusal(readUniswap(fileWith("Deploy"), testnet, chainWith({}), "sepolia"))).to.equal(
      'parameters.json: uniswap is "Deploy": write an object with the keys factory, positionManager; or write "deploy".',
    );
    expect(await refusal(readUniswap(fileWith(undefined), testnet, chainWith({}), "sepolia"))).to.match(
      /^parameters\.json: uniswap is missing/,
    );
  });
});

describe("formatDuration", () => {
  it("should use the largest unit that leaves no rest", () => {
    expect([0n, 1n, 60n, 90n, 3_600n, 2n * DAY, 14n * DAY].map(formatDuration)).to.deep.equal([
      "0 days",
      "1 second",
      "1 minute",
      "90 seconds",
      "1 hour",
      "2 days",
      "14 days",
    ]);
  });
});
