import { showing } from "../../support/command.js";
import { describeQuote, readQuote } from "../flows/tiers.js";

export default showing(readQuote, describeQuote);
