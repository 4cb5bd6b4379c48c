import { sending } from "../../support/command.js";
import { objectTo } from "../flows.js";

export default sending(objectTo);
