import { sending } from "../../support/command.js";
import { rule } from "../flows.js";

export default sending(rule);
