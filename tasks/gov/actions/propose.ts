import { sending } from "../../support/command.js";
import { propose } from "../flows/propose.js";

export default sending(propose);
