import { showing } from "../../support/command.js";
import { describePolicies, readPolicies } from "../flows/policy.js";

export default showing(readPolicies, describePolicies);
