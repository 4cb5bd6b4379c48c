import { showing } from "../../support/command.js";
import { describeJob, readJob } from "../flows/jobs.js";

export default showing(readJob, describeJob);
