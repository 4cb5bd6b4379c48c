import { readFileSync } from "node:fs";
import { dirname, resolve } from "node:path";

import type { DeploymentParameters } from "@nomicfoundation/ignition-core";
import { formatUnits } from "ethers";

import { formatAmount } from "../format.js";
import { allocationOf, OPENING_PRICE_BOUNDS } from "../xme/genesis.js";
import { currencyOf, inCurrency } from "./chains.js";
import { duplicateKey } from "./duplicate-keys.js";
import { ExplainedError } from "./explained-error.js";
import type { Address, Hash } from "./folder.js";
import {
  account,
  amount,
  count,
  duration,
  hash,
  listOf,
  MAX_AMOUNT,
  moment,
  object,
  Place,
  poolFee,
  type Reader,
  type ReadingEnvironment,
  text,
  wholePrice,
} from "./readers.js";

/** Seconds of `Genesis.MIN_TIMELOCK_DELAY`; anything shorter would be refused on chain, after money was spent. */
const MIN_TIMELOCK_DELAY = 172_800n;
/**
 * Seconds; choice: nothing on chain bounds the delay, and a treasury that has to wait for longer than 30 days cannot answer to
 * anything, not even to shorten its own delay.
 */
const MAX_TIMELOCK_DELAY = 2_592_000n;
/** Seconds of `PublicSale.MAX_END_DISTANCE` and `MerkleAirdrop.MAX_DEADLINE_DISTANCE`. */
const MAX_DISTANCE = 63_072_000n;
/** Seconds of `EmissionVault.MAX_START_DISTANCE`. */
const MAX_EMISSION_START_DISTANCE = 2_592_000n;
/** Seconds of `XmeGovernor.MAX_SUNSET_DISTANCE`. */
const MAX_SUNSET_DISTANCE = 126_144_000n;
/** `EmissionVault.STREAMS`. */
const STREAMS = 8;
/** Choice: so much room for the pool's oracle still fits well into one transaction of at most 2^24 gas; anybody may add more. */
const MAX_OBSERVATIONS = 400n;

/** Everything that X.me's deployment takes from outside. Token amounts in wei, times in seconds, shares in basis points. */
export interface XmeParameters {
  readonly timelock: { readonly delay: bigint };
  readonly governance: {
    /** Who may cancel proposals, and nothing else, before the sunset. */
    readonly guardian: Address;
    readonly sunset: bigint;
    /** Who settles advertising. */
    readonly settler: Address;
  };
  readonly community: {
    /** Who publishes what everybody contributed in a week. */
    readonly publisher: Address;
    /** Who strikes a false list. */
    readonly striker: Address;
    /** Who keeps the platform's offers. */
    readonly catalogue: Address;
  };
  readonly beneficiaries: { readonly team: Address; readonly privateSale: Address };
  readonly sale: {
    /** Wei of the chain's currency for one whole XME. */
    readonly price: bigint;
    readonly walletCap: bigint;
    readonly opens: bigint;
    readonly closes: bigint;
  };
  readonly airdrop: { readonly root: Hash; readonly deadline: bigint };
  readonly pool: {
    /** XMEX for one XME, times 1e18. */
    readonly openingPriceWad: bigint;
    /** In millionths. */
    readonly fee: bigint;
    /** How many prices the pool's oracle remembers. */
    readonly observations: bigint;
  };
  readonly emission: { readonly start: bigint; readonly sharesBps: readonly bigint[] };
}

/** Builds the root of a CSV of addresses and amounts. */
export type RootBuilder = (csvFile: string) => Promise<Hash>;

/** @returns a price times 1e18 as a person writes it, without the ".0" of ethers. */
function formatPrice(wad: bigint): string {
  return formatUnits(wad, 18).replace(/\.0$/, "");
}

/** A share in basis points, written as "12.5 %". */
const share: Reader<bigint> = (value, place) => {
  const parts = typeof value === "string" ? /^(\d{1,3})(?:\.(\d{1,2}))? %$/.exec(value) : null;
  if (!parts) throw place.refuse(value, 'write a percentage with at most two decimals, such as "12.5 %"');
  return BigInt(parts[1] ?? "0") * 100n + BigInt((parts[2] ?? "").padEnd(2, "0"));
};

interface AirdropSource {
  readonly csv?: string;
  readonly root?: Hash;
  readonly deadline: bigint;
}

/** Either a root, or a CSV that the root is built from: exactly one. */
const airdropSource: Reader<AirdropSource> = (value, place) => {
  const { csv, root } = (value ?? {}) as Record<string, unknown>;
  if ((csv === undefined) === (root === undefined)) {
    throw place.refuse(
      value,
      'give either "csv", a file of address,amount beside this one, or "root", its Merkle root',
    );
  }
  return csv === undefined
    ? object<Required<Pick<AirdropSource, "root">> & AirdropSource>({ root: hash, deadline: moment })(value, place)
    : object<Required<Pick<AirdropSource, "csv">> & AirdropSource>({ csv: text, deadline: moment })(value, place);
};

/** What one XME costs where refusals give an example, as in the parameter file of local chains. */
const LIKELY_PRICE = "0.0001";

/** In what buyers pay with on the chain: the same number of another currency would be quite another price. */
function salePrice(chainId: bigint): Reader<bigint> {
  const currency = currencyOf(chainId);
  const inOwn = wholePrice(currency, "XME", 18, LIKELY_PRICE);
  return (value, place) => {
    if (currency !== "ETH" && typeof value === "string" && value.includes(" ETH for ")) {
      throw place.refuse(
        value,
        `chain ${String(chainId)} is paid in ${currency}, not in ETH; write the price in ${currency}, such as "${LIKELY_PRICE} ${currency} for 1 XME"`,
      );
    }
    return inOwn(value, place);
  };
}

const xmeReader = (chainId: bigint) =>
  object({
    timelock: object({ delay: duration }),
    governance: object({ guardian: account, sunset: moment, settler: account }),
    community: object({ publisher: account, striker: account, catalogue: account }),
    beneficiaries: object({ team: account, privateSale: account }),
    sale: object({ price: salePrice(chainId), walletCap: amount("XME"), opens: moment, closes: moment }),
    airdrop: airdropSource,
    pool: object({
      openingPrice: wholePrice("XMEX", "XME"),
      fee: poolFee,
      observations: count(1n, MAX_OBSERVATIONS),
    }),
    emission: object({ start: moment, shares: listOf(share) }),
  });

/** What a parameter file may hold: a section for each economy that has parameters, and one for what they share. */
const SECTIONS: readonly string[] = ["uniswap", "xme", "xp", "xe"];

/** A parameter file as it was written, not yet interpreted. */
export interface ParameterFile {
  readonly path: string;
  readonly content: Readonly<Record<string, unknown>>;
}

/** @throws ExplainedError if the file is missing or not a JSON object, or says something twice */
export function readParameterFile(path: string): ParameterFile {
  let source: string;
  try {
    source = readFileSync(path, "utf8");
  } catch (cause) {
    throw new ExplainedError(
      `The parameter file ${path} cannot be read: give an existing one with --parameters, or write that one, such as a copy of ` +
        `default.json beside it with addresses in place of local accounts.`,
      { cause },
    );
  }
  let content: unknown;
  try {
    content = JSON.parse(source);
  } catch (cause) {
    throw new ExplainedError(`${path} is not JSON: ${(cause as Error).message}.`, { cause });
  }
  const twice = duplicateKey(source);
  if (twice !== undefined) throw new ExplainedError(`${path}: ${twice} stands there twice: leave one of them.`);
  if (typeof content !== "object" || content === null || Array.isArray(content)) {
    throw new ExplainedError(`${path} must hold a JSON object with a key for each economy, such as "xme".`);
  }
  for (const key of Object.keys(content)) {
    if (!SECTIONS.includes(key)) {
      throw new ExplainedError(
        `${path}: ${key} is neither an economy with parameters nor "uniswap": the keys are ${SECTIONS.join(", ")}.`,
      );
    }
  }
  return { path, content: content as Record<string, unknown> };
}

/** What the chain says about itself, which parameters may refer to and must not contradict. */
export interface ParameterEnvironment extends Omit<ReadingEnvironment, "file"> {
  readonly chainId: bigint;
  readonly deployer: Address;
}

/**
 * Interprets and checks the part of a parameter file that X.me's deployment uses.
 * @throws ExplainedError with the file, the path of the field, its value and what to write instead.
 */
export async function readXmeParameters(
  file: ParameterFile,
  environment: ParameterEnvironment,
  buildRoot: RootBuilder,
): Promise<XmeParameters> {
  const top = new Place({ ...environment, file: file.path }).at("xme");
  const given = file.content.xme;
  const read = xmeReader(environment.chainId)(given, top);
  const raw = given as { [group: string]: { [field: string]: unknown } };
  const refuse = (group: string, field: string, advice: string): ExplainedError =>
    top.at(group).at(field).refuse(raw[group]?.[field], advice);

  const rootOf = async (csvFile: string): Promise<Hash> => {
    try {
      return await buildRoot(csvFile);
    } catch (error) {
      if (error instanceof ExplainedError)
        throw new ExplainedError(`${file.path}: xme.airdrop.csv: ${error.message}`, { cause: error });
      throw error;
    }
  };

  const { timelock, governance, community, beneficiaries, sale, airdrop, pool, emission } = read;
  const { start, deployer } = environment;
  if (timelock.delay < MIN_TIMELOCK_DELAY)
    throw refuse("timelock", "delay", "the treasury's timelock waits at least 2 days");
  if (timelock.delay > MAX_TIMELOCK_DELAY)
    throw refuse("timelock", "delay", "the treasury's timelock waits at most 30 days");
  const noRole = `${deployer} deploys, and the deployer keeps no role; name another account`;
  for (const who of ["guardian", "settler"] as const) {
    if (governance[who] === deployer) throw refuse("governance", who, noRole);
  }
  for (const who of ["publisher", "striker", "catalogue"] as const) {
    if (community[who] === deployer) throw refuse("community", who, noRole);
  }
  if (community.striker === community.publisher) {
    throw refuse("community", "striker", "the publisher would watch over itself; name another account");
  }
  if (governance.sunset <= start) {
    throw refuse("governance", "sunset", "the guardian's time must end after the deployment begins");
  }
  if (governance.sunset > start + MAX_SUNSET_DISTANCE) {
    throw refuse("governance", "sunset", "the guardian's time ends within four years (1460 days)");
  }
  for (const who of ["team", "privateSale"] as const) {
    if (beneficiaries[who] === deployer) {
      throw refuse(
        "beneficiaries",
        who,
        `${deployer} deploys, and the deployer holds nothing afterwards; name another account`,
      );
    }
  }
  if (sale.price > MAX_AMOUNT) {
    throw refuse(
      "sale",
      "price",
      `one XME costs no more than ${inCurrency(environment.chainId, MAX_AMOUNT)}; write a lower price`,
    );
  }
  if (sale.walletCap === 0n) throw refuse("sale", "walletCap", "nobody could buy anything; write more than zero");
  const forSale = allocationOf("XME", "publicSale");
  if (sale.walletCap > forSale && !top.isBegun)
    throw refuse("sale", "walletCap", `the sale has ${formatAmount(forSale, 18, 0)} XME in all; write no more`);
  if (sale.opens < start) throw refuse("sale", "opens", "the sale cannot open before the deployment begins");
  if (sale.closes <= sale.opens) throw refuse("sale", "closes", "the sale must close after it opens");
  if (sale.closes > start + MAX_DISTANCE) throw refuse("sale", "closes", "the sale ends within two years (730 days)");
  if (airdrop.deadline <= start)
    throw refuse("airdrop", "deadline", "the airdrop must end after the deployment begins");
  if (airdrop.deadline > start + MAX_DISTANCE)
    throw refuse("airdrop", "deadline", "the airdrop ends within two years (730 days)");
  const { minimum, maximum } = OPENING_PRICE_BOUNDS;
  if (pool.openingPrice < minimum || pool.openingPrice > maximum) {
    throw refuse(
      "pool",
      "openingPrice",
      `the pool opens at ${formatPrice(minimum)} to ${formatPrice(maximum)} XMEX for 1 XME`,
    );
  }
  const distance = emission.start > start ? emission.start - start : start - emission.start;
  if (distance > MAX_EMISSION_START_DISTANCE) {
    throw refuse("emission", "start", "emission starts within 30 days of the deployment");
  }
  if (emission.shares.length !== STREAMS) {
    throw refuse(
      "emission",
      "shares",
      `the vault has ${String(STREAMS)} streams; write a share for each, "0 %" where none`,
    );
  }
  const sum = emission.shares.reduce((total, bps) => total + bps, 0n);
  if (sum !== 10_000n)
    throw refuse("emission", "shares", `the shares add up to ${String(Number(sum) / 100)} %; they must make 100 %`);

  const root = airdrop.root ?? (await rootOf(resolve(dirname(file.path), airdrop.csv ?? "")));
  return {
    timelock,
    governance,
    community,
    beneficiaries,
    sale,
    airdrop: { root, deadline: airdrop.deadline },
    pool: { openingPriceWad: pool.openingPrice, fee: pool.fee, observations: pool.observations },
    emission: { start: emission.start, sharesBps: emission.shares },
  };
}

/** A step that is possible until a date of the parameters, or until some time after it. */
export interface DatedStep {
  /** Ignition's future id. */
  readonly future: string;
  /** Where the date stands in the parameter file. */
  readonly field: string;
  readonly date: bigint;
  /** From this second on the step fails. */
  readonly until: bigint;
}

/** @returns what a deployment that goes on after a long time can come too late for */
export function datedSteps({ governance, sale, airdrop, emission }: XmeParameters): readonly DatedStep[] {
  const late = emission.start + MAX_EMISSION_START_DISTANCE + 1n;
  return [
    { future: "Xme#XmeGovernor", field: "xme.governance.sunset", date: governance.sunset, until: governance.sunset },
    { future: "Xme#PublicSale", field: "xme.sale.closes", date: sale.closes, until: sale.closes },
    { future: "Xme#MerkleAirdrop", field: "xme.airdrop.deadline", date: airdrop.deadline, until: airdrop.deadline },
    { future: "Xme#EmissionVault", field: "xme.emission.start", date: emission.start, until: late },
    // Genesis gives nothing to what is over.
    { future: "Xme#Genesis.allocate", field: "xme.sale.closes", date: sale.closes, until: sale.closes },
    { future: "Xme#Genesis.allocate", field: "xme.airdrop.deadline", date: airdrop.deadline, until: airdrop.deadline },
  ];
}

/** The same parameters under the names and modules that Ignition knows them by. */
export function xmeToIgnition(parameters: XmeParameters): DeploymentParameters {
  const { timelock, governance, community, beneficiaries, sale, airdrop, pool, emission } = parameters;
  return {
    Xme: {
      timelockDelay: timelock.delay,
      guardian: governance.guardian,
      guardianSunset: governance.sunset,
      settler: governance.settler,
      publisher: community.publisher,
      striker: community.striker,
      catalogue: community.catalogue,
      teamBeneficiary: beneficiaries.team,
      privateSaleBeneficiary: beneficiaries.privateSale,
      salePrice: sale.price,
      saleWalletCap: sale.walletCap,
      saleOpens: sale.opens,
      saleCloses: sale.closes,
      airdropRoot: airdrop.root,
      airdropDeadline: airdrop.deadline,
      poolOpeningPriceWad: pool.openingPriceWad,
      poolFee: pool.fee,
      poolObservations: pool.observations,
      emissionStart: emission.start,
      emissionSharesBps: [...emission.sharesBps],
    },
  };
}
