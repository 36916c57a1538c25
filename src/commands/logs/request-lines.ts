import { colors } from "consola/utils";

import type { RequestView } from "../../admin/views.ts";
import { formatMs } from "../../observe/format-ms.ts";
import { prettyFormat } from "../../observe/pretty-format.ts";

/** Requests for a person, each with its attempts below it; a line for each new day. */
export class RequestLines {
  #day: string;

  /** @param now  epoch milliseconds; today needs no line */
  constructor(now: number) {
    this.#day = dayOf(now);
  }

  of(request: RequestView): string[] {
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
    lines.push(line);
    for (const { key, outcome, status, durationMs } of attempts) {
      const what = outcome === "served" ? colors.green(outcome) : colors.yellow(outcome);
      const answer = status === undefined ? "no answer" : String(status);
      lines.push(
        `          ${colors.bold(key)} ${what} ${colors.dim(`(${answer}) in ${formatMs(durationMs)}`)}`,
      );
    }
    return lines;
  }
}

/** In the time zone of whoever reads. */
function dayOf(at: number): string {
  // Sweden writes dates as ISO 8601 has them.
  return new Date(at).toLocaleDateString("sv-SE");
}
