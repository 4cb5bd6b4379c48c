import { sending } from "../../support/command.js";
import { draw } from "../flows.js";

export default sending(draw);
