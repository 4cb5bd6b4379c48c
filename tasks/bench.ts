import { task } from "hardhat/config";

import { JSON_FLAG } from "./support/options.js";
import { ArgumentType } from "hardhat/types/arguments";

/** `hardhat bench`: gas and time beside the peers'. */
export const benchTask = task("bench", "Measures gas and time beside the peers and the least that the protocol charges")
  .addOption({
    name: "only",
    description:
      "One part: rank, tokens, airdrop, emission, sale, vesting, votes, nodes, xme-scale, governor, buyback, mining, people, xp, xp-scale, xe, sizes, or timings",
    defaultValue: "",
  })
  .addOption({
    name: "timings",
    description:
      "Whether to time the building of trees and the counting of logs as well, which takes nine minutes and 5 GB of disk",
    type: ArgumentType.BOOLEAN,
    defaultValue: true,
  })
  .addFlag({ name: "write", description: "Write docs/gas.md and, with timings, docs/performance.md" })
  .addFlag(JSON_FLAG)
  .setAction(() => import("./bench-action.js"))
  .build();
