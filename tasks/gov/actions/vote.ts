import { sending } from "../../support/command.js";
import { vote } from "../flows/vote.js";

export default sending(vote);
