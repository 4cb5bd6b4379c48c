import { signing } from "../../support/command.js";
import { describeBallot, signVote } from "../flows/vote.js";

export default signing(signVote, describeBallot);
