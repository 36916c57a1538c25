import { colors } from "consola/utils";

import type { RequestView } from "../../admin/views.ts";
import { formatMs } from "../../observe/format-ms.ts";
import { prettyFormat } from "../../observe/pretty-format.ts";
import { wrapLine } from "../../terminal/wrap.ts";

/** Under the time of a request stands nothing else. */
const INDENT = " ".repeat(10);

/** Requests for a person, each with its attempts below it; a line for each new day. */
export class RequestLines {
  #day: string;

  /** @param now  epoch milliseconds; today needs no line */
  constructor(now: number) {
    this.#day = dayOf(now);
  }

  /** @param width  of the window, in columns; Infinity for a pipe, where each is one line */
  of(request: RequestView, width: number): string[] {
    const lines: string[] = [];
    const day = dayOf(request.at);
    if (day !== this.#day) lines.push(colors.bold(day));
    this.#day = day;
    const { attempts, alias, affinity, usage, upstreamRequestId, error, session } = request;
    // The attempts have lines of their own.
    const line = prettyFormat.request({
      ...request,
      alias,
      affinity,
      usage,
      upstreamRequestId,
      error,
      session,
      attempts: [],
    });
    lines.push(...broken(line, width, INDENT));
    for (const { key, outcome, status, durationMs } of attempts) {
      const what = outcome === "served" ? colors.green(outcome) : colors.yellow(outcome);
      const answer = status === undefined ? "no answer" : String(status);
      const tried = `${colors.bold(key)} ${what} ${colors.dim(`(${answer}) in ${formatMs(durationMs)}`)}`;
      lines.push(...broken(INDENT + tried, width, `${INDENT}  `));
    }
    return lines;
  }
}

/** Broken at blanks, but for that between a number and its unit. */
function broken(line: string, width: number, indent: string): string[] {
  const kept = line.replaceAll(/(?<=\d) (?=(?:ms|s|min|h)\b)/g, NO_BREAK);
  return wrapLine(kept, width, indent).map((part) => part.replaceAll(NO_BREAK, " "));
}

const NO_BREAK = "\u00A0";

/** In the time zone of whoever reads. */
function dayOf(at: number): string {
  // Sweden writes dates as ISO 8601 has them.
  return new Date(at).toLocaleDateString("sv-SE");
}
