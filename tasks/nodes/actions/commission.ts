import { sending } from "../../support/command.js";
import { setCommission } from "../flows/operators.js";

export default sending(setCommission);
