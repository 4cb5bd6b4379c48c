import { sending } from "../../support/command.js";
import { boost } from "../flows/buyers.js";

export default sending(boost);
