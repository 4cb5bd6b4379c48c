import { sending } from "../../support/command.js";
import { cancel } from "../flows/jobs.js";

export default sending(cancel);
