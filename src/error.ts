/** Stable names of what can go wrong in a way that a person can mend; a code never changes its meaning. */
export type ErrorCode = "config/invalid" | "config/unreadable" | "config/none-found" | (string & {});

/**
 * An expected failure: its message is the whole of what the person at the terminal reads, so it says
 * what happened, where, and what to do. A bug is any other error.
 */
export class KeyCycleError extends Error {
  override readonly name = "KeyCycleError";
  readonly code: ErrorCode;

  constructor(code: ErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}
