import { sending } from "../../support/command.js";
import { withdraw } from "../flows/jobs.js";

export default sending(withdraw);
