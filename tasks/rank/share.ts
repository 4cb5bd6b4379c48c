import { sending } from "../support/command.js";
import { share } from "./flows.js";

export default sending(share);
