import { sending } from "../../support/command.js";
import { proposeShares } from "../flows/propose.js";

export default sending(proposeShares);
