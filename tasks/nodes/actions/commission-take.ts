import { sending } from "../../support/command.js";
import { takeCommission } from "../flows/operators.js";

export default sending(takeCommission);
