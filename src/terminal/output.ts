/**
 * Has `console.log` write to the stream of standard output: Bun's own passes over a write that fails, and a
 * script would take a report that was cut off for a whole one.
 *
 * @returns to be called when all is written: why it could not be, once it is known; undefined where it was
 */
export function watchOutput(): () => Promise<Error | undefined> {
  let failure: Error | undefined;
  process.stdout.on("error", (error: Error) => {
    failure ??= error;
  });
  console.log = (text: string) => void process.stdout.write(`${text}\n`);
  return async () => {
    await new Promise<void>((resolve) => process.stdout.write("", () => resolve()));
    // The stream tells of a failure after it has told that it is done.
    await new Promise<void>((resolve) => setImmediate(resolve));
    return failure;
  };
}
