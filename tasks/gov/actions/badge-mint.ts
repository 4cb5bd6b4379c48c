import { sending } from "../../support/command.js";
import { mintBadge } from "../flows/badge.js";

export default sending(mintBadge);
