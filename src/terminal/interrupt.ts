import { consola } from "consola";

/**
 * Until it is disposed of, Ctrl-C ends the program at once and says that nothing was written, also between
 * two questions and while something is waited for.
 */
export function cancelOnInterrupt(): Disposable {
  process.on("SIGINT", cancel);
  return { [Symbol.dispose]: () => process.off("SIGINT", cancel) };
}

/** Ends the program, which has written nothing. */
export function cancel(): never {
  // Below the line that shows how far something is.
  console.error("");
  consola.error("Cancelled: nothing was written.");
  process.exit(1);
}
