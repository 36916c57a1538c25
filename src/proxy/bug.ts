import { codeOf } from "../error.ts";
import type { Log } from "../observe/log.ts";
import type { OwnError } from "../providers/error-format.ts";
import type { Exchange } from "./exchange.ts";
import { answerError } from "./own-answer.ts";

const BUG: OwnError = {
  status: 500,
  code: "internal_error",
  message: "KeyCycle failed on this request; its log says where.",
};

/**
 * A failure of KeyCycle itself. The error's message may hold anything, so only its kind is told.
 *
 * @param id  of the request, as its client and its log line have it; undefined where it got none
 */
export function tellBug(error: unknown, log: Log, id: string | undefined): void {
  const fields = { error: codeOf(error), stack: stackOf(error), ...(id === undefined ? {} : { id }) };
  log.message("error", "A request failed inside KeyCycle", fields);
}

/** The answer to a request on which KeyCycle failed; what it held is free again. */
export function answerBug(exchange: Exchange, error: unknown): Response {
  tellBug(error, exchange.log, exchange.id);
  exchange.abort?.abort();
  return answerError(exchange, BUG);
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
