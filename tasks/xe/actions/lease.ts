import { sending } from "../../support/command.js";
import { lease } from "../flows.js";

export default sending(lease);
