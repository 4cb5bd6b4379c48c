import { sending } from "../../support/command.js";
import { claim } from "../flows/delegators.js";

export default sending(claim);
