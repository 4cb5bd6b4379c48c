import { sending } from "../../support/command.js";
import { buy } from "../flows/buyers.js";

export default sending(buy);
