import type { DeploymentParameters } from "@nomicfoundation/ignition-core";
import { formatUnits } from "ethers";

import { mayCarryValue, type RpcProvider } from "./chains.js";
import type { ExplainedError } from "./explained-error.js";
import type { Address } from "./folder.js";
import type { ParameterEnvironment, ParameterFile } from "./parameters.js";
import { account, addressOf, count, either, object, Place, poolFee, text, wholePrice } from "./readers.js";
import { readToken, type TokenUnits } from "./token.js";

/** `PoolOpener.MAX_OPENING_PRICE`, in units of the payment token for one whole XP. */
const MAX_OPENING_PRICE = 10n ** 36n;
/** Choice: with the pool itself, so much room for the oracle still fits well into one transaction of at most 2^24 gas. */
const MAX_OBSERVATIONS = 400n;
/** The decimals that the contracts accept. */
const MAX_DECIMALS = 18;
/** `TestDollar`. */
const TEST_DOLLAR: TokenUnits = { symbol: "TUSD", decimals: 6 };
/** What EIP-7702 puts in place of code where a plain account delegates to a contract: it is still its key's holder who decides. */
const DELEGATION = "0xef0100";

/** Whom the flywheel answers to: X.me's timelock, which is its treasury too, or whom the parameters name. */
export type XpGovernance = "timelock" | { readonly admin: Address; readonly treasury: Address };

/** Everything that XP's deployment takes from outside. */
export interface XpParameters {
  readonly governance: XpGovernance;
  readonly arbiter: Address;
  /** The token that jobs are paid in, or "deploy" for the test dollar. */
  readonly paymentToken: "deploy" | Address;
  readonly pool: {
    /** Units of the payment token for one whole XP. */
    readonly openingPrice: bigint;
    /** In millionths. */
    readonly fee: bigint;
    /** How many prices the pool's oracle remembers. */
    readonly observations: bigint;
  };
}

/** What the chain says about itself, which XP's parameters may refer to and must not contradict. */
export interface XpEnvironment extends ParameterEnvironment {
  readonly provider: RpcProvider;
  readonly network: string;
  /** Whether X.me's timelock governs, or whom the parameters name. */
  readonly governance: "timelock" | "parameters";
}

const xpReader = object({
  admin: account,
  treasury: account,
  arbiter: account,
  paymentToken: either("deploy", addressOf),
  pool: object({ openingPrice: text, fee: poolFee, observations: count(1n, MAX_OBSERVATIONS) }),
});

/**
 * Interprets and checks the part of a parameter file that XP's deployment uses.
 *
 * The administrator can give itself the right to create XP, and the treasury gets back the fees that earn it, so on a chain that may
 * carry value plain accounts are refused for both: a timelock or a multi-signature wallet belongs there. On local chains and testnets any account but the deployer's will do.
 * @throws ExplainedError with the file, the path of the field, its value and what to write instead.
 */
export async function readXpParameters(file: ParameterFile, environment: XpEnvironment): Promise<XpParameters> {
  const { chainId, provider, network, deployer } = environment;
  const top = new Place({ ...environment, file: file.path }).at("xp");
  const given = file.content.xp;
  const { admin, treasury, arbiter, paymentToken, pool } = xpReader(given, top);
  const raw = given as Readonly<Record<string, unknown>>;
  const refuse = (field: string, advice: string): ExplainedError => top.at(field).refuse(raw[field], advice);

  for (const [field, holder] of Object.entries({ admin, treasury, arbiter })) {
    if (holder !== deployer) continue;
    throw refuse(field, `${deployer} deploys, and the deployer keeps no role and no income; name another account`);
  }
  if (environment.governance === "parameters" && mayCarryValue(chainId)) {
    for (const [field, holder, reason] of [
      ["admin", admin, "govern it"],
      ["treasury", treasury, "get the fees, since whoever gets them back earns XP for nothing"],
    ] as const) {
      const code = (await provider.request({ method: "eth_getCode", params: [holder, "latest"] })) as string;
      if (code === "0x" || code.toLowerCase().startsWith(DELEGATION)) {
        throw refuse(
          field,
          `network "${network}" has no contract there, and where XP has value no single key may ${reason}; write the address of a ` +
            `timelock or of a multi-signature wallet`,
        );
      }
    }
  }
  if (paymentToken === "deploy" && mayCarryValue(chainId)) {
    throw refuse(
      "paymentToken",
      `the test dollar is for local chains and testnets, and chain ${String(chainId)} is not known as one; write the address of ` +
        `the token that jobs are paid in`,
    );
  }

  const tokenPlace = top.at("paymentToken");
  const token = paymentToken === "deploy" ? TEST_DOLLAR : await readToken(provider, network, paymentToken, tokenPlace);
  if (token.decimals > MAX_DECIMALS) {
    throw refuse("paymentToken", `it has ${String(token.decimals)} decimals; the contracts take at most 18`);
  }
  const pricePlace = top.at("pool").at("openingPrice");
  const openingPrice = wholePrice(token.symbol, "XP", token.decimals)(pool.openingPrice, pricePlace);
  if (openingPrice > MAX_OPENING_PRICE) {
    const most = formatUnits(MAX_OPENING_PRICE, token.decimals).replace(/\.0$/, "");
    throw pricePlace.refuse(
      pool.openingPrice,
      `one XP opens at no more than ${most} ${token.symbol}; write a lower price`,
    );
  }
  return {
    governance: environment.governance === "timelock" ? "timelock" : { admin, treasury },
    arbiter,
    paymentToken,
    pool: { openingPrice, fee: pool.fee, observations: pool.observations },
  };
}

/** The same parameters under the names that Ignition's module knows them by. */
export function xpToIgnition({ governance, arbiter, paymentToken, pool }: XpParameters): DeploymentParameters {
  return {
    Xp: {
      ...(governance === "timelock" ? {} : { admin: governance.admin, treasury: governance.treasury }),
      arbiter,
      ...(paymentToken === "deploy" ? {} : { paymentToken }),
      poolOpeningPrice: pool.openingPrice,
      poolFee: pool.fee,
      poolObservations: pool.observations,
    },
  };
}
