import { sending } from "../../support/command.js";
import { payDelegators } from "../flows/reports.js";

export default sending(payDelegators);
