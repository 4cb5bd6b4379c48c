/**
 * Loaded by each process in which Mocha runs test files side by side, before the first of them: what a process tells Mocha goes as
 * JSON, which has no bigints. A failure that carries some (`expect(18n).to.equal("20")`, or an error of a contract with its arguments)
 * would end in "Do not know how to serialize a BigInt", and neither the test nor its file be named. Here they go as text, `18n`.
 *
 * `JSON` itself is left as it is: what the tests try must go on failing where it writes a bigint.
 */

/** `message` as JSON shows it, with every bigint as text. */
export function tellable(message: unknown): unknown {
  if (message === undefined) return undefined;
  const told = JSON.stringify(message, (_, part: unknown) => (typeof part === "bigint" ? `${String(part)}n` : part));
  return JSON.parse(told);
}

const send = process.send;
if (send !== undefined) {
  process.send = new Proxy(send, {
    apply: (target, self, [message, ...rest]: unknown[]) => Reflect.apply(target, self, [tellable(message), ...rest]),
  });
}
