import { sending } from "../support/command.js";
import { accept } from "./flows.js";

export default sending(accept);
