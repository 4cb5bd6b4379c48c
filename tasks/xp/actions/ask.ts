import { sending } from "../../support/command.js";
import { ask } from "../flows/trade.js";

export default sending(ask);
