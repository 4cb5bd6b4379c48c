import { sending } from "../../support/command.js";
import { setPrice } from "../flows.js";

export default sending(setPrice);
