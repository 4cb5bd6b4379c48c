import { sending } from "../support/command.js";
import { release } from "./flows.js";

export default sending(release);
