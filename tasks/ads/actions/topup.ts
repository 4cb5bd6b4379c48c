import { sending } from "../../support/command.js";
import { topUp } from "../flows/campaigns.js";

export default sending(topUp);
