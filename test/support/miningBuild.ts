/** Builds an epoch of a sample in a process of its own, to be stopped. Arguments: log, store, accounts. */

import { buildEpoch, sampleFacts } from "../../src/mining/index.js";

const [log = "", out = "", accounts = ""] = process.argv.slice(2);
await buildEpoch({ log, facts: sampleFacts({ epoch: 2961n, accounts: Number(accounts), seed: "stopped" }), out });
