/** Strings, brackets and commas, which is all that says where a key stands; colons, numbers and words do not matter. */
const TOKENS = /"(?:[^"\\]|\\.)*"|[{}[\],]/g;

interface Level {
  /** Undefined in a list. */
  readonly keys: Set<string> | undefined;
  /** The key whose value is being read. */
  key: string;
}

/**
 * Finds what `JSON.parse` passes over in silence: it takes the last of two values of one key.
 * @param json text that is JSON
 * @returns the path of a key that stands there twice in one object, such as "xme.sale.price"
 */
export function duplicateKey(json: string): string | undefined {
  const levels: Level[] = [];
  let isKeyNext = false;
  for (const [token] of json.matchAll(TOKENS)) {
    const level = levels.at(-1);
    if (token === "{" || token === "[") levels.push({ keys: token === "{" ? new Set() : undefined, key: "" });
    else if (token === "}" || token === "]") levels.pop();
    else if (isKeyNext && level?.keys && token !== ",") {
      level.key = JSON.parse(token) as string;
      if (level.keys.has(level.key)) return levels.flatMap(({ keys, key }) => (keys ? [key] : [])).join(".");
      level.keys.add(level.key);
    }
    isKeyNext = token === "{" || token === ",";
  }
  return undefined;
}
