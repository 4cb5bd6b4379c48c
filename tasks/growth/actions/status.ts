import { showing } from "../../support/command.js";
import { describeGrowth, readGrowth } from "../flows.js";

export default showing(readGrowth, describeGrowth);
