import { sending } from "../../support/command.js";
import { transfer } from "../flows/agents.js";

export default sending(transfer);
