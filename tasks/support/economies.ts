import { ECONOMIES, type Economy } from "../../src/deployment/contracts.js";
import { ExplainedError } from "../../src/deployment/explained-error.js";

/**
 * @param economy what --economy says, empty if it was not given
 * @returns the economies to look at
 * @throws ExplainedError if there is none of that name
 */
export function economiesOf(economy: string): readonly Economy[] {
  if (economy === "" || economy === "suite") return ECONOMIES;
  const known = ECONOMIES.find((name) => name === economy);
  if (known) return [known];
  throw new ExplainedError(`--economy is "${economy}": use one of ${ECONOMIES.join(", ")}, or leave it out for all.`);
}
