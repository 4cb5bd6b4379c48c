import { sending } from "../../support/command.js";
import { commit } from "../flows.js";

export default sending(commit);
