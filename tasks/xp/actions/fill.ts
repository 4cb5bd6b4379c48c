import { sending } from "../../support/command.js";
import { fill } from "../flows/trade.js";

export default sending(fill);
