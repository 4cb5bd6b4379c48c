import { sending } from "../support/command.js";
import { giveBack } from "./flows.js";

export default sending(giveBack);
