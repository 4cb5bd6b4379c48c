/**
 * Gives what a test has to go through: `deep` in `npm run fuzz`, which sets XONOMY_FUZZ, and `usual` in `npm test`, where a life is as long
 * as it must be to meet everything that it is there to meet.
 */
export function effort<T>(usual: T, deep: T): T {
  return process.env.XONOMY_FUZZ === "deep" ? deep : usual;
}
