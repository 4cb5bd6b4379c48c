import { sending } from "../../support/command.js";
import { setService } from "../flows/sellers.js";

export default sending(setService);
