import { showing } from "../../support/command.js";
import { describeBallot, signVote } from "../flows/vote.js";

export default showing(signVote, describeBallot);
