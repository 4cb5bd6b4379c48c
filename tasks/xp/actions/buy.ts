import { sending } from "../../support/command.js";
import { buy } from "../flows/trade.js";

export default sending(buy);
