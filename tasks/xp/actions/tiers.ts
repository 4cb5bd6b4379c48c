import { showing } from "../../support/command.js";
import { describeTiers, readTiers } from "../flows/tiers.js";

export default showing(readTiers, describeTiers);
