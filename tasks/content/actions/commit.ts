import { describeOutcome } from "../../support/outcome.js";
import { salted } from "../command.js";
import { commit } from "../flows.js";

export default salted(commit, describeOutcome);
