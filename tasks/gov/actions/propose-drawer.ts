import { sending } from "../../support/command.js";
import { proposeDrawer } from "../flows/propose.js";

export default sending(proposeDrawer);
