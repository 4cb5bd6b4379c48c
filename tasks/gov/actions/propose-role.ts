import { sending } from "../../support/command.js";
import { proposeRole } from "../flows/propose.js";

export default sending(proposeRole);
