import { showing } from "../support/command.js";
import { describeSale, readSale } from "./flows.js";

export default showing(readSale, describeSale);
