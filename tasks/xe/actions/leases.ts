import { showing } from "../../support/command.js";
import { describeLeases, listLeases } from "../views.js";

export default showing(listLeases, describeLeases);
