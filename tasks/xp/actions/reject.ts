import { sending } from "../../support/command.js";
import { reject } from "../flows/jobs.js";

export default sending(reject);
