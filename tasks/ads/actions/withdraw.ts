import { sending } from "../../support/command.js";
import { withdraw } from "../flows/reports.js";

export default sending(withdraw);
