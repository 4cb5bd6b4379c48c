import { sending } from "../../support/command.js";
import { proposeSpend } from "../flows/propose.js";

export default sending(proposeSpend);
