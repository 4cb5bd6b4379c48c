import { sending } from "../../support/command.js";
import { claim } from "../flows.js";

export default sending(claim);
