import { showing } from "../../support/command.js";
import { describePositions, readPositions } from "../flows/views.js";

export default showing(readPositions, describePositions);
