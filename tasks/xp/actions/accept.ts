import { sending } from "../../support/command.js";
import { accept } from "../flows/jobs.js";

export default sending(accept);
