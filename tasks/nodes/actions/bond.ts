import { sending } from "../../support/command.js";
import { addBond } from "../flows/operators.js";

export default sending(addBond);
