import { showing } from "../support/command.js";
import { describeAscension, readAscension } from "./flows.js";

export default showing(readAscension, describeAscension);
