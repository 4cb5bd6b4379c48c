import { sending } from "../../support/command.js";
import { stop } from "../flows/campaigns.js";

export default sending(stop);
