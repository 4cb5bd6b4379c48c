import { describeOutcome } from "../../support/outcome.js";
import { salted } from "../command.js";
import { register } from "../flows.js";

export default salted(register, describeOutcome);
