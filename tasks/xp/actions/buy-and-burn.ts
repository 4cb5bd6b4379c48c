import { sending } from "../../support/command.js";
import { buyAndBurn } from "../flows/tiers.js";

export default sending(buyAndBurn);
