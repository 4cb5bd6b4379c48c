import { sending } from "../../support/command.js";
import { deliver } from "../flows/jobs.js";

export default sending(deliver);
