import { sending } from "../../support/command.js";
import { lock } from "../flows/reputation.js";

export default sending(lock);
