import { sending } from "../../support/command.js";
import { publish } from "../flows.js";

export default sending(publish);
