import { sending } from "../../support/command.js";
import { sell } from "../flows/trade.js";

export default sending(sell);
