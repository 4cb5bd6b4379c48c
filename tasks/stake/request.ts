import { sending } from "../support/command.js";
import { requestUnstake } from "./flows.js";

export default sending(requestUnstake);
