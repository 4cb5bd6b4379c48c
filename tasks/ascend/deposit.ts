import { sending } from "../support/command.js";
import { deposit } from "./flows.js";

export default sending(deposit);
