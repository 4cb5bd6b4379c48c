import { sending } from "../../support/command.js";
import { setPlan } from "../flows/sellers.js";

export default sending(setPlan);
