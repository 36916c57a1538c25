import { Value } from "@sinclair/typebox/value";

import type { RunningProxy } from "../proxy/start.ts";
import type { HistoryQuery } from "../state/history-table.ts";
import { type LogsView, RequestView } from "./views.ts";

/** In one answer. */
const MOST = 1_000;

/**
 * Answers `GET /admin/logs`: the last requests that fit, or those behind a number.
 *
 * @param asked  `after`, `limit`, `failed`, `key`, `model`, `client`, and `since` in epoch milliseconds
 */
export function tellLogs({ log, history }: RunningProxy, asked: URLSearchParams): Response {
  const query = queryOf(asked);
  log.tellReaders();
  const { rows, last } = history.read(query);
  const full = rows.length === query.limit;
  const isMore = query.after !== undefined && full;
  const told: LogsView = {
    requests: rows.flatMap(({ record }) => requestOf(record) ?? []),
    next: isMore ? (rows.at(-1)?.number ?? last) : last,
    more: isMore,
    skipped: history.skipped,
  };
  return Response.json(told);
}

function queryOf(asked: URLSearchParams): HistoryQuery {
  const text = (name: string) => asked.get(name) ?? undefined;
  const number = (name: string) => {
    const written = asked.get(name);
    return written !== null && /^\d{1,15}$/.test(written) ? Number(written) : undefined;
  };
  return {
    after: number("after"),
    limit: Math.min(MOST, Math.max(1, number("limit") ?? MOST)),
    failed: asked.get("failed") === "true",
    key: text("key"),
    model: text("model"),
    client: text("client"),
    sinceMs: number("since"),
  };
}

/** @returns undefined for a row that another version wrote in another way */
function requestOf(record: string): RequestView | undefined {
  try {
    const parsed: unknown = JSON.parse(record);
    return Value.Check(RequestView, parsed) ? parsed : undefined;
  } catch {
    return undefined;
  }
}
