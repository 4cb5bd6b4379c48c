import { sending } from "../../support/command.js";
import { create } from "../flows/campaigns.js";

export default sending(create);
