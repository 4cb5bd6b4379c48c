import { sending } from "../../support/command.js";
import { collect } from "../flows/income.js";

export default sending(collect);
