import { sending } from "../../support/command.js";
import { delegate } from "../flows/delegators.js";

export default sending(delegate);
