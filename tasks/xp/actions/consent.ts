import { showing } from "../../support/command.js";
import { consent, describeConsent } from "../flows/agents.js";

export default showing(consent, describeConsent);
