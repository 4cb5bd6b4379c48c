import { sending } from "../../support/command.js";
import { closePlan } from "../flows/buyback.js";

export default sending(closePlan);
