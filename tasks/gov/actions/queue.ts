import { sending } from "../../support/command.js";
import { queue } from "../flows/carry.js";

export default sending(queue);
