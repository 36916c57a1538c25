/**
 * An expected failure: its message is the whole of what the person at the terminal reads, so it says
 * what happened, where, and what to do. A bug is any other error.
 */
export class KeyCycleError extends Error {
  override readonly name = "KeyCycleError";
  /** Stable, for programs; begins with the area: `config/`, `usage/`, `serve/`, `init/`. */
  readonly code: string;

  constructor(code: string, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}

/**
 * The code of an error that the system or `fetch` threw (`ECONNREFUSED`), else its class. Its message is
 * left out: it may hold a URL.
 */
export function codeOf(error: unknown): string {
  if (error instanceof Error && "code" in error && typeof error.code === "string") return error.code;
  return error instanceof Error ? error.name : "unknown error";
}
