import { showing } from "../../support/command.js";
import { build, describeBuilt } from "../pipeline.js";

export default showing(build, describeBuilt);
