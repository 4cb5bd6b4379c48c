import { sending } from "../support/command.js";
import { restake } from "./flows.js";

export default sending(restake);
