import { sending } from "../../support/command.js";
import { buyGrowth } from "../flows/buyers.js";

export default sending(buyGrowth);
