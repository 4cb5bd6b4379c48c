import { showing } from "../../support/command.js";
import { describeShares, readShares } from "../flows/views.js";

export default showing(readShares, describeShares);
