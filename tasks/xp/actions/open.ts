import { sending } from "../../support/command.js";
import { open } from "../flows/jobs.js";

export default sending(open);
