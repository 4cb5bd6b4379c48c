import { sending } from "../../support/command.js";
import { split } from "../flows/jobs.js";

export default sending(split);
