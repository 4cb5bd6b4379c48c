import { salted } from "../command.js";
import { describeStatus, readStatus } from "../views.js";

export default salted(readStatus, describeStatus);
