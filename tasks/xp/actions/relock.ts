import { sending } from "../../support/command.js";
import { relock } from "../flows/reputation.js";

export default sending(relock);
