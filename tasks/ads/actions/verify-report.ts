import { showing } from "../../support/command.js";
import { describeVerified, verifyReport } from "../flows/reports.js";

export default showing(verifyReport, describeVerified);
