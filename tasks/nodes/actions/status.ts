import { showing } from "../../support/command.js";
import { describePoolStatus, readPoolStatus } from "../flows/views.js";

export default showing(readPoolStatus, describePoolStatus);
