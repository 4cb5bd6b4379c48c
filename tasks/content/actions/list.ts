import { showing } from "../../support/command.js";
import { describeContents, readContents } from "../views.js";

export default showing(readContents, describeContents);
