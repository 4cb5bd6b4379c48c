import { sending } from "../support/command.js";
import { delegate } from "./flows.js";

export default sending(delegate);
