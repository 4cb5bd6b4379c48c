import { sending } from "../../support/command.js";
import { setUri } from "../flows.js";

export default sending(setUri);
