import { sending } from "../../support/command.js";
import { rule } from "../flows/jobs.js";

export default sending(rule);
