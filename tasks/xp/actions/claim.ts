import { sending } from "../../support/command.js";
import { claim } from "../flows/weeks.js";

export default sending(claim);
