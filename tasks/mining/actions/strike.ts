import { sending } from "../../support/command.js";
import { strike } from "../flows.js";

export default sending(strike);
