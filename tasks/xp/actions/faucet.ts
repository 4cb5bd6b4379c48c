import { sending } from "../../support/command.js";
import { faucet } from "../flows/jobs.js";

export default sending(faucet);
