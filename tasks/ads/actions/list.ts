import { showing } from "../../support/command.js";
import { describeCampaigns, readCampaigns } from "../flows/views.js";

export default showing(readCampaigns, describeCampaigns);
