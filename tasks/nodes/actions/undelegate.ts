import { sending } from "../../support/command.js";
import { undelegate } from "../flows/delegators.js";

export default sending(undelegate);
