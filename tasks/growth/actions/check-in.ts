import { sending } from "../../support/command.js";
import { checkIn } from "../flows.js";

export default sending(checkIn);
