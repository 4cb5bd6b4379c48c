import { sendingTask } from "../support/define.js";
import { STORE } from "../support/options.js";

const claimTask = sendingTask(
  ["airdrop", "claim"],
  "Sends an account the XME that the airdrop's list gives it",
  "--store airdrop.store --to 0x70997970C51812dc3A010C7d01b50e0d17dc79C8",
)
  .addOption(STORE)
  .addOption({ name: "to", description: "The address on the list (the account that sends)", defaultValue: "" })
  .setAction(() => import("./claim-action.js"))
  .build();

const sweepTask = sendingTask(
  ["airdrop", "sweep"],
  "Sends the treasury what nobody claimed, once the airdrop is over; anybody may",
  "",
)
  .setAction(() => import("./sweep-action.js"))
  .build();

/** `hardhat airdrop claim` and `sweep`: the airdrop commands that need a chain. */
export const airdropChainTasks = [claimTask, sweepTask];
