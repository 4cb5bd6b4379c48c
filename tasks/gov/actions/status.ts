import { showing } from "../../support/command.js";
import { describeGovernment, readGovernment } from "../flows/status.js";

export default showing(readGovernment, describeGovernment);
