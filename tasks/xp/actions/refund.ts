import { sending } from "../../support/command.js";
import { refund } from "../flows/jobs.js";

export default sending(refund);
