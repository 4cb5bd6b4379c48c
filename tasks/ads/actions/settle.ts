import { sending } from "../../support/command.js";
import { settle } from "../flows/reports.js";

export default sending(settle);
