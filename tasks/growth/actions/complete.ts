import { sending } from "../../support/command.js";
import { complete } from "../flows.js";

export default sending(complete);
