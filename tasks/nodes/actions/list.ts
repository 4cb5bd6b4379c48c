import { showing } from "../../support/command.js";
import { describeNodes, readNodes } from "../flows/views.js";

export default showing(readNodes, describeNodes);
