import { sending } from "../../support/command.js";
import { setSale } from "../flows/sellers.js";

export default sending(setSale);
