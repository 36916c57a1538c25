import type { LogFormat } from "./log-format.ts";

/** JSON lines; instants are RFC 3339, durations milliseconds. */
export const jsonFormat: LogFormat = {
  request: (record) =>
    JSON.stringify({
      time: timeOf(record.at),
      level: "info",
      event: "request",
      id: record.id,
      method: record.method,
      path: record.path,
      model: record.model || undefined,
      alias: record.alias,
      client: record.client || undefined,
      key: record.key || undefined,
      affinity: record.affinity,
      status: record.status,
      attempts: record.attempts.length,
      tried: record.attempts.length > 1 ? record.attempts : undefined,
      ttfbMs: Math.round(record.ttfbMs),
      durationMs: Math.round(record.durationMs),
      inputTokens: record.usage?.inputTokens,
      outputTokens: record.usage?.outputTokens,
      upstreamRequestId: record.upstreamRequestId,
      error: record.error,
      ...record.session,
    }),
  attempt: (event) =>
    JSON.stringify({
      time: timeOf(event.at),
      level: "debug",
      event: "attempt",
      id: event.id,
      key: event.key,
      outcome: event.outcome,
      status: event.status,
      durationMs: Math.round(event.durationMs),
    }),
  key: (event) =>
    JSON.stringify({
      time: timeOf(event.at),
      level: event.level,
      event: "key",
      key: event.key,
      model: event.model || undefined,
      state: event.state,
      until: event.untilMs === undefined ? undefined : new Date(event.untilMs).toISOString(),
      reason: event.reason,
    }),
  message: (message) =>
    JSON.stringify({
      time: timeOf(message.at),
      level: message.level,
      event: "message",
      message: message.text,
      ...message.fields,
    }),
};

let lastAt = Number.NaN;
let lastTime = "";

/** RFC 3339; requests of the same millisecond share it. */
function timeOf(at: number): string {
  if (at !== lastAt) {
    lastAt = at;
    lastTime = new Date(at).toISOString();
  }
  return lastTime;
}
