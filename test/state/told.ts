import type { Log } from "../../src/observe/log.ts";

/** What a keeper tells, as `level text`. */
export class Told implements Pick<Log, "message"> {
  readonly lines: string[] = [];

  message(level: string, text: string): void {
    this.lines.push(`${level} ${text}`);
  }

  /** What a person is shown who looks for nothing in particular. */
  get loud(): string[] {
    return this.lines.filter((line) => line.startsWith("error") || line.startsWith("warn"));
  }
}
