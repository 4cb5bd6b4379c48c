import { showing } from "../../support/command.js";
import { describeCommitments, readCommitments } from "../flows.js";

export default showing(readCommitments, describeCommitments);
