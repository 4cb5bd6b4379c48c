import { showing } from "../../support/command.js";
import { describeAgent, readAgent } from "../flows/agents.js";

export default showing(readAgent, describeAgent);
