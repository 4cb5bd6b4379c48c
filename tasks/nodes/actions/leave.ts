import { sending } from "../../support/command.js";
import { leave } from "../flows/delegators.js";

export default sending(leave);
