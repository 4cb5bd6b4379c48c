import { showing } from "../../support/command.js";
import { describeBuyer, readBuyer } from "../flows/views.js";

export default showing(readBuyer, describeBuyer);
