import { sending } from "../../support/command.js";
import { recommend } from "../flows/buyers.js";

export default sending(recommend);
