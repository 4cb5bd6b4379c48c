import { sending } from "../../support/command.js";
import { finalise } from "../flows/weeks.js";

export default sending(finalise);
