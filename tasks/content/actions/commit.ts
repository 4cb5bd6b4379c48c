import { sendingSalted } from "../command.js";
import { commit } from "../flows.js";

export default sendingSalted(commit);
