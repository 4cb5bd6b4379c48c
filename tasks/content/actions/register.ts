import { sending } from "../../support/command.js";
import { register } from "../flows.js";

export default sending(register);
