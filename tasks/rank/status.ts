import { showing } from "../support/command.js";
import { describeStatus, readStatus } from "./flows.js";

export default showing(readStatus, describeStatus);
