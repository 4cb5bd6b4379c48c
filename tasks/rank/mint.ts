import { sending } from "../support/command.js";
import { mint } from "./flows.js";

export default sending(mint);
