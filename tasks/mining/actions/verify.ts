import { showing } from "../../support/command.js";
import { describeVerified, verify } from "../pipeline.js";

export default showing(verify, describeVerified);
