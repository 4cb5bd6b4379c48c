import { sending } from "../../support/command.js";
import { listItem } from "../flows/sellers.js";

export default sending(listItem);
