import { sending } from "../../support/command.js";
import { open } from "../flows/operators.js";

export default sending(open);
