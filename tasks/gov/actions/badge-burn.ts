import { sending } from "../../support/command.js";
import { burnBadge } from "../flows/badge.js";

export default sending(burnBadge);
