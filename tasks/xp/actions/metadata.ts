import { sending } from "../../support/command.js";
import { setMetadata } from "../flows/agents.js";

export default sending(setMetadata);
