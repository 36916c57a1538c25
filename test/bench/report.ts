import { type Budget, MEASURE_IDS, measureOf, type MeasureId, type Results } from "./results.ts";
import { median } from "./statistics.ts";
import { TARGET_NAMES } from "./targets.ts";

const HEADINGS = ["", ...TARGET_NAMES, "leanest/barest", "keycycle/barest", "keycycle/nginx", "budget", ""];

/** A target that had less of its core than this was held up by something else. */
const BUSY_PERCENT = 90;

/** Medians over the rounds with their spread, and each budget with its verdict. */
export function table(results: Results): string {
  const rows = MEASURE_IDS.map((id) => row(results, id)).filter(isMeasured);
  const widths = HEADINGS.map((heading, column) =>
    Math.max(heading.length, ...rows.map((cells) => cells[column]!.length)),
  );
  const line = (cells: readonly string[]) =>
    cells
      .map((cell, column) => (column === 0 ? cell.padEnd(widths[column]!) : cell.padStart(widths[column]!)))
      .join("  ")
      .trimEnd();
  return [line(HEADINGS), ...rows.map(line)].join("\n");
}

/** Why some figures may say less about the targets than about what was around them. */
export function doubts(results: Results): string[] {
  const idle = TARGET_NAMES.filter((name) => median(results.of("targetBusy", name)) < BUSY_PERCENT).map(
    (name) => {
      const others = median(results.of("othersBusy", name));
      const cause =
        others > 100 - BUSY_PERCENT
          ? `others used ${figure(others)}% of its core`
          : "its core was idle in between, for want of requests";
      return `the throughput of ${name} is too low: ${cause}. Its CPU a request is right all the same.`;
    },
  );
  const barestAdded = median(results.of("p99Added", "barest"));
  const limit = measureOf("p99Added").budget?.limit ?? Number.NaN;
  if (!(barestAdded > limit)) return idle;
  return [
    ...idle,
    `p99: even the barest relay adds ${figure(barestAdded)} ms, so this machine was not quiet.`,
  ];
}

/** The same for programs. */
export function json(results: Results): string {
  const measures = MEASURE_IDS.map((id) => {
    const { title, unit, budget } = measureOf(id);
    const targets = Object.fromEntries(
      TARGET_NAMES.map((name) => [name, results.of(id, name)] as const).filter(
        ([, samples]) => samples.length > 0,
      ),
    );
    const met = budget === undefined ? undefined : isMet(results, id, budget);
    return { id, title: title.trim(), unit, targets, budget, met };
  });
  return JSON.stringify(measures, undefined, 2);
}

function row(results: Results, id: MeasureId): string[] {
  const { title, unit, budget } = measureOf(id);
  return [
    unit === "" ? title : `${title}, ${unit}`,
    ...TARGET_NAMES.map((name) => withSpread(results.of(id, name))),
    withRange(results.ratios(id, "leanest", "barest")),
    withRange(results.ratios(id, "keycycle", "barest")),
    withRange(results.ratios(id, "keycycle", "nginx")),
    budget === undefined ? "" : budgetText(budget, unit),
    budget === undefined ? "" : verdict(results, id, budget),
  ];
}

/** Rows of workloads that were not chosen are left out. */
function isMeasured(cells: readonly string[]): boolean {
  return cells.slice(1, TARGET_NAMES.length + 1).some((cell) => cell !== "");
}

function budgetText({ sense, limit, of }: Budget, unit: string): string {
  const sign = sense === "at most" ? "≤" : "≥";
  return of === "figure" ? `${sign} ${limit} ${unit}`.trim() : `${sign} ${limit}× ${of}`;
}

function verdict(results: Results, id: MeasureId, budget: Budget): string {
  const met = isMet(results, id, budget);
  if (met === undefined) return "not measured";
  return met ? "met" : "NOT met";
}

function isMet(results: Results, id: MeasureId, { sense, limit, of }: Budget): boolean | undefined {
  const values = of === "figure" ? results.of(id, "keycycle") : results.ratios(id, "keycycle", of);
  if (values.length === 0) return undefined;
  // A cut stream is one too many even in a single round.
  const value = limit === 0 ? Math.max(...values) : median(values);
  return sense === "at most" ? value <= limit : value >= limit;
}

function withSpread(values: readonly number[]): string {
  if (values.length === 0) return "";
  const halfRange = (Math.max(...values) - Math.min(...values)) / 2;
  const middle = median(values);
  return halfRange === 0
    ? figure(middle)
    : `${figure(middle)} ±${Math.round((100 * halfRange) / Math.abs(middle))}%`;
}

function withRange(values: readonly number[]): string {
  if (values.length === 0) return "";
  const range = values.length === 1 ? "" : ` (${figure(Math.min(...values))}–${figure(Math.max(...values))})`;
  return `${figure(median(values))}×${range}`;
}

/** Three significant digits say all that a noisy machine knows. */
function figure(value: number): string {
  if (value !== 0 && Math.abs(value) < 1) return value.toFixed(3);
  if (Math.abs(value) < 10) return value.toFixed(2).replace(/\.00$/, "");
  return Math.abs(value) < 100 ? value.toFixed(1) : Math.round(value).toLocaleString("en");
}
