import { showing } from "../support/command.js";
import { describeVault, readVault } from "./flows.js";

export default showing(readVault, describeVault);
