import { sending } from "../../support/command.js";
import { bid } from "../flows/trade.js";

export default sending(bid);
