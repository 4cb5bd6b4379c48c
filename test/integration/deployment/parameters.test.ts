import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { expect } from "chai";
import { parseUnits } from "ethers";
import hre from "hardhat";

import { ExplainedError } from "../../../src/deployment/explained-error.js";
import type { Address, Hash } from "../../../src/deployment/folder.js";
import { type ParameterEnvironment, readParameterFile, readXmeParameters } from "../../../src/deployment/parameters.js";
import { formatDuration } from "../../../src/deployment/readers.js";

const START = 1_800_000_000n;
const DAY = 86_400n;
const ACCOUNTS: readonly Address[] = [
  "0xf39Fd6e51aad88F6F4ce6aB8827279cffFb92266",
  "0x70997970C51812dc3A010C7d01b50e0d17dc79C8",
  "0x3C44CdDdB6a900fa2b585dd299e03d12FA4293BC",
  "0x90F79bf6EB2c4f870365E785982E1f101E93b906",
];
const LOCAL: ParameterEnvironment = { start: START, localAccounts: ACCOUNTS, deployer: ACCOUNTS[0] as Address };
const PUBLIC: ParameterEnvironment = { ...LOCAL, localAccounts: undefined };
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
  if (field === undefined) (content.xme as Record<string, unknown>)[group] = value;
  else (content.xme[group] as Record<string, unknown>)[field] = value;
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
        timelock: { delay: 2n * DAY, proposers: [ACCOUNTS[1]] },
        beneficiaries: { team: ACCOUNTS[2], privateSale: ACCOUNTS[3] },
        sale: {
          price: parseUnits("0.0001", 18),
          walletCap: parseUnits("1000000", 18),
          opens: START,
          closes: START + 30n * DAY,
        },
        airdrop: { root: ROOT, deadline: START + 180n * DAY },
        pool: { openingPriceWad: parseUnits("100", 18), fee: 3_000n },
        emission: { start: START, sharesBps: [10_000n, 0n, 0n, 0n, 0n, 0n, 0n, 0n] },
        uniswap: "deploy",
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
      ["sale", "price", "0.0001 ETH", /write a price such as "100 ETH for 1 XME"/],
      ["sale", "price", "0 ETH for 1 XME", /neither side of a price may be zero/],
      ["sale", "price", "1 ETH for 3 XME", /must cost a whole number/],
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
      ["timelock", "delay", "1 year", /write a length of time such as "2 days"/],
      ["timelock", "delay", "47 hours", /waits at least 2 days/],
      ["timelock", "proposers", [], /write a list with at least one element/],
      ["timelock", "proposers", [someone, someone], /each proposer is named once/],
      ["timelock", "proposers", ["local account 0"], /the deployer keeps no role/],
      [
        "timelock",
        "proposers",
        ["local account 4"],
        /xme\.timelock\.proposers\.0 is "local account 4": the node has local accounts 0 to 3 only/,
      ],
      ["timelock", "proposers", ["local account 1"], /local accounts exist on local chains only/, PUBLIC],
      ["beneficiaries", "team", ACCOUNTS[0], /the deployer holds nothing afterwards/],
      ["beneficiaries", "privateSale", "0x1234", /write an address of 0x and 40 hexadecimal digits/],
      ["beneficiaries", "team", someone.replace("C518", "c518"), new RegExp(`its checksum is wrong; .* ${someone}`)],
      ["beneficiaries", "team", `0x${"0".repeat(40)}`, /the zero address belongs to nobody/],
      ["pool", "fee", "2 %", /Uniswap V3 offers 0\.05 %, 0\.3 %, 1 %/],
      ["pool", "openingPrice", "1 XME for 100 XMEX", /write a price such as "100 XMEX for 1 XME"/],
      ["emission", "start", "start + 31 days", /within 30 days of the deployment/],
      ["emission", "shares", ["100 %"], /the vault has 8 streams/],
      ["emission", "shares", Array.from({ length: 8 }, () => "12 %"), /add up to 96 %; they must make 100 %/],
      ["emission", "shares", Array.from({ length: 8 }, () => "12.505 %"), /a percentage with at most two decimals/],
      ["uniswap", undefined, { factory: someone }, /xme\.uniswap\.positionManager is missing/],
    ];
    for (const [group, field, value, expected, environment] of cases) {
      it(`should refuse ${group}${field === undefined ? "" : `.${field}`} = ${JSON.stringify(value) ?? "nothing"}`, async () => {
        const message = await refusal(read(withValue(group, field, value), environment));
        expect(message).to.match(expected);
        expect(message).to.match(/^parameters\.json: xme\./);
      });
    }

    it("should refuse to bring an own Uniswap to a public chain", async () => {
      const accounts = { team: ACCOUNTS[2], privateSale: ACCOUNTS[3] };
      const file = withValue("beneficiaries", undefined, accounts);
      (file.content as { xme: Tree }).xme.timelock = { delay: "2 days", proposers: [ACCOUNTS[1]] };
      expect(await refusal(read(file, PUBLIC))).to.match(/xme\.uniswap is "deploy": a public chain has its Uniswap V3/);
    });
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
      expect(() => readParameterFile(written("typo.json", '{"xmE": {}}'))).to.throw(
        ExplainedError,
        /xmE is not an economy/,
      );
    });
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
