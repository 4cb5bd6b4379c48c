import { sending } from "../../support/command.js";
import { register } from "../flows/agents.js";

export default sending(register);
