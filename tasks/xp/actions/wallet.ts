import { sending } from "../../support/command.js";
import { setWallet } from "../flows/agents.js";

export default sending(setWallet);
