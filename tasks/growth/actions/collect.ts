import { sending } from "../../support/command.js";
import { collect } from "../flows.js";

export default sending(collect);
