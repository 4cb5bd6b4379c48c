import { showing } from "../../support/command.js";
import { describeShown, readShown } from "../views.js";

export default showing(readShown, describeShown);
