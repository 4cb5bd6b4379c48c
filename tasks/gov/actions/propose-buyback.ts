import { sending } from "../../support/command.js";
import { proposeBuyback } from "../flows/propose.js";

export default sending(proposeBuyback);
