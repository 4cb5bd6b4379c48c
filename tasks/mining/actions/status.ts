import { showing } from "../../support/command.js";
import { describeMining, readMining } from "../flows.js";

export default showing(readMining, describeMining);
