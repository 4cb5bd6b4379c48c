import { sending } from "../../support/command.js";
import { execute } from "../flows/carry.js";

export default sending(execute);
