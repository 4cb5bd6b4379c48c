import { sending } from "../../support/command.js";
import { moveFile } from "../flows/agents.js";

export default sending(moveFile);
