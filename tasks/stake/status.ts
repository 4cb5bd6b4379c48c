import { showing } from "../support/command.js";
import { describeStake, readStake } from "./flows.js";

export default showing(readStake, describeStake);
