import { colors } from "consola/utils";

import type { StatusView } from "../../admin/views.ts";
import { formatMs } from "../../observe/format-ms.ts";
import { keyTable } from "./key-table.ts";

/**
 * The running proxy for a person.
 *
 * @param width  of the window, in columns; Infinity for a pipe
 * @param now    epoch milliseconds
 */
export function statusReport(status: StatusView, width: number, now: number): string[] {
  const { url, version, startedMs, underWay, waiting, draining, keys } = status;
  const facts = [
    `up ${formatMs(now - startedMs)}`,
    `${underWay} under way`,
    ...(waiting > 0 ? [`${waiting} of them waiting for a key`] : []),
    ...(draining ? [colors.yellow("stopping")] : []),
  ];
  const head = `${colors.bold(`KeyCycle ${version}`)} at ${colors.cyan(url)}: ${facts.join(", ")}`;
  const wrapped = Number.isFinite(width) ? Bun.wrapAnsi(head, width).split("\n") : [head];
  return [...wrapped, "", ...keyTable(keys, width)];
}
