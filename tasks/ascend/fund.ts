import { sending } from "../support/command.js";
import { fund } from "./flows.js";

export default sending(fund);
