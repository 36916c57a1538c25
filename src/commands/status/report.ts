import { colors } from "consola/utils";

import type { KeyView, StatusView } from "../../admin/views.ts";
import { formatMs } from "../../observe/format-ms.ts";
import { table } from "../../terminal/table.ts";

/** What the table may show of a key; in a narrow window the highest `leaves` go first, 0 never. */
interface Part {
  readonly title: string;
  readonly leaves: number;
  /** What the column is worth where the window ends somewhere, in columns. */
  readonly most?: number;
  readonly cell: (key: KeyView) => string;
}

const PARTS: readonly Part[] = [
  { title: "key", leaves: 0, most: 24, cell: ({ name }) => name },
  { title: "state", leaves: 0, cell: (key) => stateText(key) },
  { title: "why", leaves: 8, cell: ({ reason }) => reason ?? "" },
  { title: "headroom", leaves: 4, cell: ({ headroom }) => (headroom === undefined ? "" : short(headroom)) },
  { title: "in flight", leaves: 2, cell: ({ inFlight }) => String(inFlight) },
  { title: "requests", leaves: 0, cell: ({ requests }) => short(requests) },
  { title: "share", leaves: 3, cell: ({ share }) => `${Math.round(share * 100)} %` },
  { title: "tokens", leaves: 6, cell: ({ inputTokens, outputTokens }) => short(inputTokens + outputTokens) },
  { title: "errors", leaves: 1, cell: ({ errors }) => (errors === 0 ? "0" : colors.yellow(short(errors))) },
  { title: "p50", leaves: 5, cell: ({ p50Ms }) => (p50Ms === undefined ? "" : formatMs(p50Ms)) },
  { title: "p95", leaves: 7, cell: ({ p95Ms }) => (p95Ms === undefined ? "" : formatMs(p95Ms)) },
];

/** Where fewer columns would do no good, each key becomes a list with all of them. */
const LEAST_WIDTH = 40;
const GAP = 2;

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

/** The keys alone, as much of them as fits. */
export function keyTable(keys: readonly KeyView[], width: number): string[] {
  const parts = fitting(keys, width);
  return table(
    parts.map(({ title, most }) => ({
      title,
      ...(Number.isFinite(width) && most !== undefined ? { most } : {}),
    })),
    keys.map((key) => parts.map(({ cell }) => cell(key))),
    width,
  );
}

function fitting(keys: readonly KeyView[], width: number): readonly Part[] {
  // What nobody has is no column.
  let parts = PARTS.filter(({ leaves, cell }) => leaves < 4 || keys.some((key) => cell(key) !== ""));
  if (width < LEAST_WIDTH) return parts;
  while (widthOf(parts, keys) > width) {
    const first = Math.max(...parts.map(({ leaves }) => leaves));
    if (first === 0) break;
    parts = parts.filter(({ leaves }) => leaves !== first);
  }
  return parts;
}

function widthOf(parts: readonly Part[], keys: readonly KeyView[]): number {
  return parts.reduce((sum, { title, most = Number.POSITIVE_INFINITY, cell }) => {
    const widths = keys.map((key) => Bun.stringWidth(cell(key)));
    return sum + GAP + Math.min(most, Math.max(title.length, ...widths));
  }, -GAP);
}

function stateText(key: KeyView): string {
  const { state, leftMs, models } = key;
  const left = leftMs === undefined ? "" : ` ${formatMs(leftMs)}`;
  switch (state) {
    case "ready": {
      const resting = models.filter((model) => model.state !== "ready").length;
      const but = resting === 0 ? "" : `, ${resting} of ${models.length} models not`;
      return colors.green("ready") + but;
    }
    case "dead":
      return colors.red("dead") + (leftMs === undefined ? "" : `, asked in${left}`);
    case "disabled":
      return colors.dim("disabled");
    case "busy":
      return colors.yellow("busy");
    case "limited":
    case "spent":
    case "unreachable":
      return colors.yellow(state) + left;
  }
}

/** `950`, `12.3k`, `4.5M`. */
function short(count: number): string {
  if (count < 10_000) return String(count);
  return count < 1_000_000 ? `${(count / 1_000).toFixed(1)}k` : `${(count / 1_000_000).toFixed(1)}M`;
}
