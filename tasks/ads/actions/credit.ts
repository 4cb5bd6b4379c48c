import { showing } from "../../support/command.js";
import { describeCredit, readCredit } from "../flows/views.js";

export default showing(readCredit, describeCredit);
