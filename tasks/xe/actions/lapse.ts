import { sending } from "../../support/command.js";
import { lapse } from "../flows.js";

export default sending(lapse);
