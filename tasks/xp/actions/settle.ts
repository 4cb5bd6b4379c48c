import { sending } from "../../support/command.js";
import { settle } from "../flows/jobs.js";

export default sending(settle);
