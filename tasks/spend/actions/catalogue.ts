import { showing } from "../../support/command.js";
import { describeCatalogue, readCatalogue } from "../flows/views.js";

export default showing(readCatalogue, describeCatalogue);
