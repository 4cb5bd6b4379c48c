import { showing } from "../../support/command.js";
import { describeJobs, readJobs } from "../flows/jobs.js";

export default showing(readJobs, describeJobs);
