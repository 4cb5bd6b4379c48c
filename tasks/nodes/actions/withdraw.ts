import { sending } from "../../support/command.js";
import { withdraw } from "../flows/delegators.js";

export default sending(withdraw);
