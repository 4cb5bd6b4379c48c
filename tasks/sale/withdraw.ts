import { sending } from "../support/command.js";
import { withdrawProceeds } from "./flows.js";

export default sending(withdrawProceeds);
