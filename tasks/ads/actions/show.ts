import { showing } from "../../support/command.js";
import { describeShown, readShown } from "../flows/views.js";

export default showing(readShown, describeShown);
