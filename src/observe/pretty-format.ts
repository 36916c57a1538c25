import { colors } from "consola/utils";

import { formatMs } from "./format-ms.ts";
import type { LogFormat } from "./log-format.ts";
import type { AttemptRecord, KeyEvent, Message, RequestRecord } from "./records.ts";

/** Lines for a person at a terminal; colours as the terminal takes them. */
export const prettyFormat: LogFormat = {
  request(record) {
    const parts = [
      clock(record.at),
      colorStatus(record.status),
      `${record.method} ${printable(record.path)}`,
      colors.cyan(modelOf(record)),
      colors.bold(record.key || "-"),
      colors.dim(record.client),
      `${formatMs(record.ttfbMs)} ${colors.dim("of")} ${formatMs(record.durationMs)}`,
    ];
    if (record.usage !== undefined) {
      parts.push(colors.dim(`${record.usage.inputTokens}+${record.usage.outputTokens} tokens`));
    }
    const { session } = record;
    if (session !== undefined) {
      const { messagesSent, messagesReceived, closeCode, endedBy } = session;
      parts.push(colors.dim(`${messagesSent}↑ ${messagesReceived}↓, ${closeCode} by ${endedBy}`));
    }
    if (record.affinity !== undefined) parts.push(colors.dim(`affinity ${record.affinity}`));
    if (record.attempts.length > 1)
      parts.push(colors.yellow(`${record.attempts.length} attempts (${way(record.attempts)})`));
    if (record.error !== undefined) parts.push(colors.red(record.error));
    return parts.join("  ");
  },
  attempt({ at, id, key, outcome, status, durationMs }) {
    const text = `attempt on ${key}: ${outcome} (${status ?? "no answer"}) in ${formatMs(durationMs)}, request ${id}`;
    return `${clock(at)}  ${colors.dim(text)}`;
  },
  key(event) {
    const model = event.model === "" ? "" : ` for ${printable(event.model)}`;
    const reason = event.reason === undefined ? "" : ` (${printable(event.reason)})`;
    const until = event.untilMs === undefined ? "" : `, for ${formatMs(event.untilMs - event.at)}`;
    return `${clock(event.at)}  ${colorLevel(event.level, `key ${event.key} is ${event.state}${model}${reason}${until}`)}`;
  },
  message(message) {
    const fields = Object.entries(message.fields).map(([name, value]) => colors.dim(`${name}=${value}`));
    return [clock(message.at), colorLevel(message.level, message.text), ...fields].join("  ");
  },
};

/** With the alias that it was served for, where there was one. */
function modelOf({ model, alias }: RequestRecord): string {
  return alias === undefined ? printable(model) || "-" : `${alias} → ${model}`;
}

function way(attempts: readonly AttemptRecord[]): string {
  return attempts.map(({ key, outcome }) => `${key} ${outcome}`).join(", ");
}

function clock(at: number): string {
  return colors.dim(new Date(at).toTimeString().slice(0, 8));
}

function colorStatus(status: number): string {
  if (status >= 500) return colors.red(String(status));
  return status >= 400 ? colors.yellow(String(status)) : colors.green(String(status));
}

function colorLevel(level: KeyEvent["level"] | Message["level"], text: string): string {
  if (level === "error") return colors.red(text);
  return level === "warn" ? colors.yellow(text) : text;
}

/** Paths and models come from clients: control characters could repaint a terminal. */
function printable(text: string): string {
  return text.replaceAll(/[\p{Cc}\p{Cf}]/gu, "?");
}
