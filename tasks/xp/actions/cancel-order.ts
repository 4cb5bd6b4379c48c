import { sending } from "../../support/command.js";
import { cancelOrder } from "../flows/trade.js";

export default sending(cancelOrder);
