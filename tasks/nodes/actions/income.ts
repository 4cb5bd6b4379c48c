import { sending } from "../../support/command.js";
import { giveIncome } from "../flows/income.js";

export default sending(giveIncome);
