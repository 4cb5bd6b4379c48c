import { showing } from "../../support/command.js";
import { describeStatus, readStatus } from "../flows/status.js";

export default showing(readStatus, describeStatus);
