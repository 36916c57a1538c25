import type { LogConfig, LogLevel } from "../config/config.ts";
import { jsonFormat } from "./json-format.ts";
import { LineWriter } from "./line-writer.ts";
import type { LogFormat } from "./log-format.ts";
import { prettyFormat } from "./pretty-format.ts";
import type { AttemptRecord, KeyEvent, Message, RequestRecord } from "./records.ts";

const RANK: Readonly<Record<LogLevel, number>> = { debug: 0, info: 1, warn: 2, error: 3, silent: 4 };

/**
 * So many lines of requests are spelled out together, at the latest when they are to be written: code that
 * runs once for each request finds the processor's caches full of everything else, and takes several
 * times as long. No more, since what waits outlives the garbage collector's young generation.
 */
const BATCH = 32;

/** Is handed requests that are over, some together; the list is not to be kept. */
export type RecordReader = (records: readonly RequestRecord[]) => void;

/** Whether lines are for people rather than programs. */
export function isPretty({ format }: LogConfig): boolean {
  return format === "pretty" || (format === "auto" && process.stdout.isTTY);
}

/** What KeyCycle tells while it serves, on standard output. No secret is ever given to it. */
export class Log {
  #writer = new LineWriter(process.stdout, () => this.#spellOut());
  #requests: RequestRecord[] = [];
  readonly #readers: RecordReader[] = [];
  #format: LogFormat = jsonFormat;
  #level: LogLevel = "info";

  /** Takes the level and format of a configuration; a reload may call it again. */
  configure(config: LogConfig): void {
    this.#level = config.level;
    this.#format = isPretty(config) ? prettyFormat : jsonFormat;
  }

  request(record: RequestRecord): void {
    if (this.#readers.length === 0 && !this.#shows("info")) return;
    this.#requests.push(record);
    if (this.#requests.length >= BATCH) this.#spellOut();
    else this.#writer.schedule();
  }

  /** Whatever the level, requests are handed to the reader too. */
  follow(reader: RecordReader): void {
    this.#readers.push(reader);
  }

  /** Hands on what waits for others to be told with it. */
  tellReaders(): void {
    this.#spellOut();
  }

  /** @param id  of the request */
  attempt(id: string, record: AttemptRecord): void {
    if (this.#shows("debug")) this.#write(this.#format.attempt({ at: Date.now(), id, ...record }));
  }

  key(event: KeyEvent): void {
    if (this.#shows(event.level)) this.#write(this.#format.key(event));
  }

  /** @param fields  further facts, as they appear in JSON lines */
  message(level: Exclude<LogLevel, "silent">, text: string, fields: Message["fields"] = {}): void {
    if (this.#shows(level)) this.#write(this.#format.message({ at: Date.now(), level, text, fields }));
  }

  async flush(): Promise<void> {
    await this.#writer.flush();
  }

  /** Behind the requests that came before. */
  #write(line: string): void {
    this.#spellOut();
    this.#writer.write(line);
  }

  #spellOut(): void {
    if (this.#requests.length === 0) return;
    if (this.#shows("info")) {
      for (const record of this.#requests) this.#writer.write(this.#format.request(record));
    }
    for (const reader of this.#readers) reader(this.#requests);
    this.#requests.length = 0;
  }

  #shows(level: LogLevel): boolean {
    return RANK[level] >= RANK[this.#level];
  }
}
