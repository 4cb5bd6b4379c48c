/** Reading builds, whose files are large, and named by the hash of what went into them: what one says stays. */

/**
 * @returns `read`, which reads a file once in a process, and again where it failed
 */
export function readingOnce<T>(read: (file: string) => Promise<T>): (file: string) => Promise<T> {
  const known = new Map<string, Promise<T>>();
  return (file) => {
    const reading =
      known.get(file) ??
      read(file).catch((error: unknown) => {
        known.delete(file);
        throw error;
      });
    known.set(file, reading);
    return reading;
  };
}
