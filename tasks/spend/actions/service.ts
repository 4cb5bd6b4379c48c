import { sending } from "../../support/command.js";
import { useService } from "../flows/buyers.js";

export default sending(useService);
