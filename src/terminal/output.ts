import { codeOf } from "../error.ts";
import { systemReason } from "../system-error.ts";

/**
 * Has `console.log` write to the stream of standard output: Bun's own passes over a write that fails, and a
 * script would take a report that was cut off for a whole one.
 *
 * @returns to be called when all is written: a sentence on why it could not be, once that is known; undefined
 * where it was, or whoever read it has seen enough, as `| head` does
 */
export function watchOutput(): () => Promise<string | undefined> {
  let failure: Error | undefined;
  process.stdout.on("error", (error: Error) => {
    failure ??= error;
  });
  console.log = (text: string) => void process.stdout.write(`${text}\n`);
  return async () => {
    await new Promise<void>((resolve) => process.stdout.write("", () => resolve()));
    // The stream tells of a failure after it has told that it is done.
    await new Promise<void>((resolve) => setImmediate(resolve));
    if (failure === undefined || codeOf(failure) === "EPIPE") return undefined;
    return `What was to be written to standard output was not: it ${systemReason(failure) ?? codeOf(failure)}.`;
  };
}
