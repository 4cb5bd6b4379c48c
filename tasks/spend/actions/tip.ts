import { sending } from "../../support/command.js";
import { tip } from "../flows/buyers.js";

export default sending(tip);
