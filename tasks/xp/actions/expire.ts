import { sending } from "../../support/command.js";
import { expire } from "../flows/weeks.js";

export default sending(expire);
