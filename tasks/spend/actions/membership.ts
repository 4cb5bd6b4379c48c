import { sending } from "../../support/command.js";
import { renewMembership } from "../flows/buyers.js";

export default sending(renewMembership);
