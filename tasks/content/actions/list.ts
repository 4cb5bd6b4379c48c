import { showing } from "../../support/command.js";
import { describeList, list } from "../flows.js";

export default showing(list, describeList);
