import { showing } from "../../support/command.js";
import { describeContent, show } from "../flows.js";

export default showing(show, describeContent);
