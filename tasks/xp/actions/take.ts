import { sending } from "../../support/command.js";
import { take } from "../flows/reputation.js";

export default sending(take);
