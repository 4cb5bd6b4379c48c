import { sendingSalted } from "../command.js";
import { register } from "../flows.js";

export default sendingSalted(register);
