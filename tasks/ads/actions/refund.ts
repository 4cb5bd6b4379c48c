import { sending } from "../../support/command.js";
import { refund } from "../flows/campaigns.js";

export default sending(refund);
