import { sending } from "../../support/command.js";
import { transfer } from "../flows.js";

export default sending(transfer);
