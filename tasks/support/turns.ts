/** Runs `read` for each of `items`, not all at once, so that a node is not asked for more than it answers. */
export async function inTurns<I, O>(items: readonly I[], read: (item: I) => Promise<O>): Promise<readonly O[]> {
  const results: O[] = [];
  for (let i = 0; i < items.length; i += 25) results.push(...(await Promise.all(items.slice(i, i + 25).map(read))));
  return results;
}
