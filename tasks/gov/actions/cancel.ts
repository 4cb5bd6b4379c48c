import { sending } from "../../support/command.js";
import { cancel } from "../flows/carry.js";

export default sending(cancel);
