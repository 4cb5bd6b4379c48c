import { showing } from "../../support/command.js";
import { describeEpoch, readEpoch } from "../flows/weeks.js";

export default showing(readEpoch, describeEpoch);
