import { sending } from "../support/command.js";
import { offer } from "./flows.js";

export default sending(offer);
