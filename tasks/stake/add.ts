import { sending } from "../support/command.js";
import { stake } from "./flows.js";

export default sending(stake);
