import { sending } from "../../support/command.js";
import { receive } from "../flows.js";

export default sending(receive);
