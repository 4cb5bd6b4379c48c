import { showing } from "../../support/command.js";
import { describeBuybacks, readBuybacks } from "../flows/buyback.js";

export default showing(readBuybacks, describeBuybacks);
