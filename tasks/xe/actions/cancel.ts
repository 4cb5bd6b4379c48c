import { sending } from "../../support/command.js";
import { cancel } from "../flows.js";

export default sending(cancel);
