import { sending } from "../../support/command.js";
import { executeSlice } from "../flows/buyback.js";

export default sending(executeSlice);
