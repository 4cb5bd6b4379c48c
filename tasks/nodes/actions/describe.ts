import { sending } from "../../support/command.js";
import { describe } from "../flows/operators.js";

export default sending(describe);
