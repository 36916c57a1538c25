import { codeOf } from "../error.ts";
import type { Log } from "../observe/log.ts";
import { formatError } from "../providers/error-format.ts";

/** A failure of KeyCycle itself. The error's message may hold anything, so only its kind is told. */
export function tellBug(error: unknown, log: Log): void {
  log.message("error", "A request failed inside KeyCycle", { error: codeOf(error), stack: stackOf(error) });
}

/** The answer to a request on which KeyCycle failed. */
export function answerBug(error: unknown, log: Log): Response {
  tellBug(error, log);
  const body = formatError("openai", {
    status: 500,
    code: "internal_error",
    message: "KeyCycle failed on this request; its log says where.",
  });
  return new Response(body, { status: 500, headers: { "content-type": "application/json" } });
}

/** Where it was thrown, without its message, which may quote data. */
function stackOf(error: unknown): string {
  return (error instanceof Error ? (error.stack ?? "") : "")
    .split("\n")
    .filter((line) => /^\s+at /.test(line))
    .slice(0, 4)
    .join(" ")
    .trim();
}
