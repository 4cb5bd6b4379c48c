import { showing } from "../../support/command.js";
import { describeBook, readBook } from "../flows/trade.js";

export default showing(readBook, describeBook);
