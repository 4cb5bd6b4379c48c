import { sending } from "../../support/command.js";
import { distribute } from "../flows/buyers.js";

export default sending(distribute);
