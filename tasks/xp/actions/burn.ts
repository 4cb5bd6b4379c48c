import { sending } from "../../support/command.js";
import { burn } from "../flows/tiers.js";

export default sending(burn);
