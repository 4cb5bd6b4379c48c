import { sending } from "../../support/command.js";
import { withdraw } from "../flows.js";

export default sending(withdraw);
