import { showing } from "../../support/command.js";
import { describeLedger, readLedger } from "../views.js";

export default showing(readLedger, describeLedger);
