import { sending } from "../../support/command.js";
import { withdrawBond } from "../flows/operators.js";

export default sending(withdrawBond);
