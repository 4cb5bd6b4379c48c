import { sending } from "../../support/command.js";
import { sendAsset } from "../flows.js";

export default sending(sendAsset);
