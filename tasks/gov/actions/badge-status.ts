import { showing } from "../../support/command.js";
import { describeBadge, readBadge } from "../flows/badge.js";

export default showing(readBadge, describeBadge);
