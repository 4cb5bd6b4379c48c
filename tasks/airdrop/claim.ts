import { task } from "hardhat/config";

import { ACCOUNT, DEPLOYMENT, JSON_FLAG, STORE } from "../support/options.js";

/** `hardhat airdrop claim`: the one airdrop command that needs a chain. */
export const airdropClaimTask = task(["airdrop", "claim"], "Sends an account the XME that the airdrop's list gives it")
  .addOption(STORE)
  .addOption({ name: "to", description: "The address on the list (the account that sends)", defaultValue: "" })
  .addOption(ACCOUNT)
  .addOption(DEPLOYMENT)
  .addFlag(JSON_FLAG)
  .setAction(() => import("./claim-action.js"))
  .build();
