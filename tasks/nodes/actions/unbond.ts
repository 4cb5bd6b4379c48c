import { sending } from "../../support/command.js";
import { removeBond } from "../flows/operators.js";

export default sending(removeBond);
