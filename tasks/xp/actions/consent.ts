import { signing } from "../../support/command.js";
import { consent, describeConsent } from "../flows/agents.js";

export default signing(consent, describeConsent);
