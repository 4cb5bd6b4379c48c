import { sending } from "../support/command.js";
import { buy } from "./flows.js";

export default sending(buy);
