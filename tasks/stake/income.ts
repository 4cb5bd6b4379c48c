import { sending } from "../support/command.js";
import { addIncome } from "./flows.js";

export default sending(addIncome);
