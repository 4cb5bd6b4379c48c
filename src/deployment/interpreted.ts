import { type DeploymentFolder, readJson } from "./folder.js";
import type { XmeParameters } from "./parameters.js";
import type { XeParameters } from "./xe-parameters.js";
import type { XpParameters } from "./xp-parameters.js";

/** Parameters of the economies that have any, as they were interpreted. */
export interface InterpretedParameters {
  readonly xme?: XmeParameters;
  readonly xp?: XpParameters;
  readonly xe?: XeParameters;
}

/** Parameters as they were interpreted; numbers are texts here. Undefined when none were recorded. */
export function readInterpreted({ parametersFile }: DeploymentFolder): InterpretedParameters | undefined {
  const stored = readJson(parametersFile) as { interpreted: InterpretedParameters } | undefined;
  return stored?.interpreted;
}
