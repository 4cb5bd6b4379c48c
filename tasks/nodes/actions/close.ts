import { sending } from "../../support/command.js";
import { close } from "../flows/operators.js";

export default sending(close);
