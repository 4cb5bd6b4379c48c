import { sending } from "../../support/command.js";
import { distribute } from "../flows/reports.js";

export default sending(distribute);
