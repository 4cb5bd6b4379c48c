import { sending } from "../../support/command.js";
import { unlock } from "../flows/reputation.js";

export default sending(unlock);
