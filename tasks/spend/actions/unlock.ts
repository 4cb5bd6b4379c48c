import { sending } from "../../support/command.js";
import { unlock } from "../flows/buyers.js";

export default sending(unlock);
