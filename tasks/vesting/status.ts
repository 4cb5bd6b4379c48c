import { showing } from "../support/command.js";
import { describeVesting, readVesting } from "./flows.js";

export default showing(readVesting, describeVesting);
