import { sending } from "../support/command.js";
import { sweepUnsold } from "./flows.js";

export default sending(sweepUnsold);
