import { sending } from "../../support/command.js";
import { proposePolicy } from "../flows/propose.js";

export default sending(proposePolicy);
