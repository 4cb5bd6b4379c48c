import { sending } from "../../support/command.js";
import { askService } from "../flows/buyers.js";

export default sending(askService);
