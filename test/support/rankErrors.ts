import { NO_DATA, type ErrorMapping } from "./rankDuel.js";

/** XRANK's custom error for each text that XEN reverts with. */
const ERRORS: Readonly<Record<string, string>> = {
  "CRank: Term less than min": "XRank_TermBelowMinimum",
  "CRank: Term more than current max term": "XRank_TermAboveMaximum",
  "CRank: Mint already in progress": "XRank_MintInProgress",
  "CRank: No mint exists": "XRank_NoMint",
  "CRank: Mint maturity not reached": "XRank_MintNotMature",
  "CRank: Cannot share with zero address": "XRank_ShareWithZeroAddress",
  "CRank: Cannot share zero percent": "XRank_ShareOfZeroPercent",
  "CRank: Cannot share 100+ percent": "XRank_ShareAbove100Percent",
  "CRank: Cannot share >100 percent": "XRank_StakeAbove100Percent",
  "XEN: not enough balance": "ERC20InsufficientBalance",
  "XEN: Below min stake": "XRank_StakeNotAboveMinimum",
  "XEN: Below min stake term": "XRank_StakeTermBelowMinimum",
  "XEN: Above max stake term": "XRank_StakeTermAboveMaximum",
  "XEN: stake exists": "XRank_StakeExists",
  "XEN: no stake exists": "XRank_NoStake",
  "Burn: Below min limit": "XRank_BurnNotAboveMinimum",
  "Burn: not a supported contract": "XRank_CallerNotBurnRedeemable",
  "ERC20: insufficient allowance": "ERC20InsufficientAllowance",
  "ERC20: burn amount exceeds balance": "ERC20InsufficientBalance",
  "ERC20: transfer amount exceeds balance": "ERC20InsufficientBalance",
  "ERC20: transfer to the zero address": "ERC20InvalidReceiver",
  "ERC20: approve to the zero address": "ERC20InvalidSpender",
  "ERC20: approve from the zero address": "ERC20InvalidApprover",
  "ERC20: decreased allowance below zero": "XRank_AllowanceBelowDecrease",
  // what a burn callback reverts with is passed on as it is
  XRankActor_Refused: "XRankActor_Refused",
};

/** Where XEN reverts without a text, XRANK says by function what was wrong. */
const WITHOUT_TEXT: Readonly<Record<string, string>> = {
  // a term so long that its seconds overflow
  "claimRank: Panic(17)": "XRank_TermAboveMaximum",
  "stake: Panic(17)": "XRank_StakeTermAboveMaximum",
  "claimMintRewardAndStake: Panic(17)": "XRank_StakeTermAboveMaximum",
  "increaseAllowance: Panic(17)": "Panic(17)",
  // a caller that does not answer ERC-165 as a contract should
  [`burn: ${NO_DATA}`]: "XRank_CallerNotBurnRedeemable",
};

/** The error that XRANK must give where XEN's `fn` reverts with `cause`. */
export const xrankError: ErrorMapping = (fn, cause) =>
  WITHOUT_TEXT[`${fn}: ${cause}`] ?? ERRORS[cause] ?? `an error for XEN's "${cause}" that the table does not have`;
