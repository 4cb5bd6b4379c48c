import { sending } from "../../support/command.js";
import { setHotSpots } from "../flows/sellers.js";

export default sending(setHotSpots);
