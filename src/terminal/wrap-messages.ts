import { consola } from "consola";

import { cutFrames } from "./frames.ts";
import { wrapLine } from "./wrap.ts";

/** In front of a message: ` ERROR  ` and ` WARN  ` up to consola's level 1, a sign and a blank above it. */
const BADGE_WIDTH = 8;
const SIGN_WIDTH = 2;

/** From here on messages break at their blanks where the window is narrow, as consola leaves that to the terminal. */
export function wrapMessages(): void {
  const { reporters } = consola.options;
  consola.setReporters(
    reporters.map((reporter) => ({
      log(record, context) {
        // What is told as it is, such as a command to copy.
        if (record.type === "log") return reporter.log(record, context);
        const { isTTY, columns } = record.level < 2 ? process.stderr : process.stdout;
        const width = isTTY ? columns || 80 : Infinity;
        const lead = record.level < 2 ? BADGE_WIDTH : SIGN_WIDTH;
        const args = record.args.map((arg: unknown) =>
          typeof arg === "string" ? wrapped(arg, width, lead) : arg,
        );
        return reporter.log({ ...record, args }, context);
      },
    })),
  );
}

/** @param lead  columns that are taken in front of the first line */
function wrapped(message: string, width: number, lead: number): string {
  if (width === Infinity) return message;
  const [first = "", ...others] = message.split("\n");
  const indent = " ".repeat(SIGN_WIDTH);
  const begun = wrapLine(" ".repeat(lead) + first, width, indent)
    .join("\n")
    .slice(lead);
  const further = cutFrames(others, width).flatMap((line) => {
    if (line.startsWith(MEND)) return wrapLine(line, width, " ".repeat(MEND.length));
    // Lines with a place of their own, such as carets under a culprit, keep it.
    return line.startsWith(" ") ? [line] : wrapLine(line, width, indent);
  });
  return [begun, ...further].join("\n");
}

/** In front of what to write instead of what is wrong. */
const MEND = "      = ";
