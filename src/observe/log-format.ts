import type { AttemptEvent, KeyEvent, Message, RequestRecord } from "./records.ts";

/** Turns what happened into a line, without its line break. */
export interface LogFormat {
  request(record: RequestRecord): string;
  attempt(event: AttemptEvent): string;
  key(event: KeyEvent): string;
  message(message: Message): string;
}
