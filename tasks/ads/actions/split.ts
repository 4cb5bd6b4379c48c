import { showing } from "../../support/command.js";
import { describeSplit, readSplit } from "../flows/views.js";

export default showing(readSplit, describeSplit);
