import { sending } from "../support/command.js";
import { advance } from "./flows.js";

export default sending(advance);
