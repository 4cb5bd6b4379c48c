import { sending } from "../../support/command.js";
import { settle } from "../flows.js";

export default sending(settle);
