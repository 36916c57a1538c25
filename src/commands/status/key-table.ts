import { colors } from "consola/utils";

import type { KeyView } from "../../admin/views.ts";
import { formatMs } from "../../observe/format-ms.ts";
import { type Column, table } from "../../terminal/table.ts";

/** What is shown of a key. */
interface Part {
  readonly title: string;
  readonly cell: (key: KeyView) => string;
}

const PARTS: readonly Part[] = [
  { title: "key", cell: ({ name }) => name },
  { title: "state", cell: (key) => stateText(key) },
  { title: "why", cell: ({ reason }) => reason ?? "" },
  { title: "headroom", cell: (key) => headroomText(key) },
  { title: "in flight", cell: ({ inFlight }) => String(inFlight) },
  { title: "requests", cell: ({ requests }) => short(requests) },
  { title: "share", cell: ({ share }) => `${Math.round(share * 100)} %` },
  { title: "tokens", cell: (key) => tokensText(key) },
  { title: "errors", cell: (key) => errorsText(key) },
  { title: "p50", cell: ({ p50Ms }) => msText(p50Ms) },
  { title: "p95", cell: ({ p95Ms }) => msText(p95Ms) },
];

/** The same in few columns; what takes words stands in notes below. */
const TIGHT_PARTS: readonly Part[] = [
  { title: "key", cell: ({ name }) => name },
  { title: "state", cell: (key) => tight(tightState(key)) },
  { title: "room", cell: (key) => headroomText(key) },
  { title: "flight", cell: ({ inFlight }) => String(inFlight) },
  { title: "reqs", cell: ({ requests }) => short(requests) },
  { title: "share", cell: ({ share }) => `${Math.round(share * 100)}%` },
  { title: "tokens", cell: (key) => tokensText(key) },
  { title: "errs", cell: (key) => errorsText(key) },
  { title: "p50", cell: ({ p50Ms }) => tight(msText(p50Ms)) },
  { title: "p95", cell: ({ p95Ms }) => tight(msText(p95Ms)) },
];

/** What a name is worth in a narrow window, in columns, and what it has at least. */
const MOST_OF_NAME = 24;
const LEAST_OF_NAME = 8;

/**
 * The keys alone. Nothing of them is left out, however narrow the window is: a table, else one in few
 * columns with notes below it, else a list for each key.
 *
 * @param width  of the window, in columns; Infinity for a pipe
 */
export function keyTable(keys: readonly KeyView[], width: number): string[] {
  // What nobody has is no column.
  const parts = PARTS.filter(({ cell }) => keys.some((key) => cell(key) !== ""));
  const most = Number.isFinite(width) ? MOST_OF_NAME : Number.POSITIVE_INFINITY;
  if (widthOf(parts, keys, most, 2) > width && widthOf(TIGHT_PARTS, keys, LEAST_OF_NAME, 1) <= width)
    return [...tabled(TIGHT_PARTS, keys, width, 1), ...notesOn(keys, width)];
  return tabled(parts, keys, width, 2);
}

/** @param gap  between two columns */
function tabled(parts: readonly Part[], keys: readonly KeyView[], width: number, gap: number): string[] {
  const columns = parts.map(({ title }): Column => {
    return title === "key" ? { title, most: MOST_OF_NAME, cut: "middle" } : { title, whole: true };
  });
  const rows = keys.map((key) => parts.map(({ cell }) => cell(key)));
  return table(columns, rows, width, gap);
}

function widthOf(parts: readonly Part[], keys: readonly KeyView[], mostOfName: number, gap: number): number {
  return parts.reduce((sum, { title, cell }) => {
    const widest = Math.max(title.length, ...keys.map((key) => Bun.stringWidth(cell(key))));
    return sum + gap + (title === "key" ? Math.min(mostOfName, widest) : widest);
  }, -gap);
}

/** What the tight table has no place for. */
function notesOn(keys: readonly KeyView[], width: number): string[] {
  const notes = keys.flatMap((key) => noteOn(key, width));
  return notes.length === 0 ? [] : ["", ...notes];
}

function noteOn(key: KeyView, width: number): string[] {
  const words = [key.reason ?? "", restingText(key)].filter((text) => text !== "");
  if (words.length === 0) return [];
  return Bun.wrapAnsi(colors.dim(`${key.name}: ${words.join("; ")}`), width, { hard: true }).split("\n");
}

function stateText(key: KeyView): string {
  const resting = restingText(key);
  if (key.state === "ready") return tightState(key) + (resting === "" ? "" : `, ${resting}`);
  if (key.state === "dead" && key.leftMs !== undefined)
    return `${colors.red("dead")}, asked in ${formatMs(key.leftMs)}`;
  return tightState(key);
}

/** With how long it lasts; of a dead key, until its provider is asked again. */
function tightState({ state, leftMs }: KeyView): string {
  const left = leftMs === undefined ? "" : ` ${formatMs(leftMs)}`;
  switch (state) {
    case "ready":
      return colors.green("ready");
    case "dead":
      return colors.red("dead") + left;
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

function restingText({ state, models }: KeyView): string {
  const resting = models.filter((model) => model.state !== "ready").length;
  return state !== "ready" || resting === 0 ? "" : `${resting} of ${models.length} models not`;
}

function headroomText({ headroom }: KeyView): string {
  return headroom === undefined ? "" : short(headroom);
}

function tokensText({ inputTokens, outputTokens }: KeyView): string {
  return short(inputTokens + outputTokens);
}

function errorsText({ errors }: KeyView): string {
  return errors === 0 ? "0" : colors.yellow(short(errors));
}

function msText(ms: number | undefined): string {
  return ms === undefined ? "" : formatMs(ms);
}

/** `1.9 s` as `1.9s`; what stands before a number keeps its blank. */
function tight(text: string): string {
  return text.replaceAll(/(\d) (?=[a-z])/g, "$1");
}

/** `950`, `12.3k`, `4.5M`. */
function short(count: number): string {
  if (count < 10_000) return String(count);
  return count < 1_000_000 ? `${(count / 1_000).toFixed(1)}k` : `${(count / 1_000_000).toFixed(1)}M`;
}
