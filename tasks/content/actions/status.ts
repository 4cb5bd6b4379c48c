import { showingSalted } from "../command.js";
import { describeStatus, readStatus } from "../views.js";

export default showingSalted(readStatus, describeStatus);
