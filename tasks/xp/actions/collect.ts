import { sending } from "../../support/command.js";
import { collect } from "../flows/jobs.js";

export default sending(collect);
