import type { Figures, ScenarioResult } from "./goodput-run.ts";
import { heaviestLoad, nameOf } from "./goodput-scenario.ts";

/** One budget of the item "the rotation engine", and whether it was kept to. */
export interface Verdict {
  readonly budget: string;
  /** undefined: there was nothing to tell it by. */
  readonly met: boolean | undefined;
}

/**
 * An outage costs the requests under way one attempt each and nothing after: those, what it takes for the
 * circuit to open, and its half-open probes.
 */
const MAX_BROKEN = 20;

/** Late by more than this, the bench says more about the machine than about the proxy. */
const LATE_MS = 50;

export function verdicts({ scenario, keycycle, best }: ScenarioResult): Verdict[] {
  const { succeededPercent, refusedPercent, brokenAttempts, waitMs, goodputPercent, turnedAway } = keycycle;
  const refused = scenario.headers ? 1 : 5;
  const seldomRefused = { budget: `refused < ${refused} %`, met: refusedPercent < refused };
  const outage =
    scenario.incident === "upstream-fails"
      ? [{ budget: `broken attempts ≤ ${MAX_BROKEN}`, met: brokenAttempts <= MAX_BROKEN }]
      : [];
  if (heaviestLoad(scenario) < 1) {
    const least = scenario.headers ? 99.9 : 99.5;
    return [
      { budget: `succeeded ≥ ${least} %`, met: succeededPercent >= least },
      seldomRefused,
      ...(scenario.headers ? [{ budget: "p99 wait < 1 s", met: waitMs.p99 < 1_000 }] : []),
      ...outage,
    ];
  }
  // Where only an incident makes the overload, what the keys had saved up before it counts too: the best
  // possible knows how much that was.
  const served =
    scenario.incident === "none"
      ? { budget: "goodput ≥ 97 %", met: goodputPercent >= 97 }
      : { budget: "succeeded ≥ 97 % of best", met: succeededPercent >= 0.97 * best.succeededPercent };
  const { count, toldWhen, cameBack, thenServed, thenWaitMs } = turnedAway;
  return [
    served,
    ...outage,
    { budget: "all turned away told when", met: count === 0 ? undefined : toldWhen === count },
    // A time is exact if whoever keeps to it is served then.
    {
      budget: "of those back when told ≥ 99 % served",
      met: cameBack === 0 ? undefined : thenServed / cameBack >= 0.99,
    },
    // A request of a seventh of what all keys serve in a window waits for one of them to have saved that up.
    ...(scenario.tokens
      ? []
      : [{ budget: "their p99 wait < 1 s", met: thenServed === 0 ? undefined : thenWaitMs.p99 < 1_000 }]),
  ];
}

const HEADINGS = [
  "",
  "succeeded",
  "refused",
  "att/req",
  "wait p50",
  "p99",
  "max ms",
  "goodput",
  "warm-up ok",
  "refused",
  "429s",
  "told",
  "back ok",
  "p99",
  "hint ms",
];

/** A block of three rows for each scenario, its budgets below. */
export function table(results: readonly ScenarioResult[]): string {
  const blocks = results.map((result) => ({ result, rows: rowsOf(result) }));
  const all = [HEADINGS, ...blocks.flatMap(({ rows }) => rows)];
  const widths = HEADINGS.map((_, column) => Math.max(...all.map((cells) => cells[column]!.length)));
  const line = (cells: readonly string[]) =>
    cells
      .map((cell, column) => (column === 0 ? cell.padEnd(widths[column]!) : cell.padStart(widths[column]!)))
      .join("  ")
      .trimEnd();
  const text = blocks.map(({ result, rows }) =>
    [
      `${nameOf(result.scenario)} (${result.keycycle.offered} requests)`,
      ...rows.map(line),
      `  ${verdicts(result).map(verdictText).join(" · ")}`,
      ...notesOn(result).map((note) => `  ${note}`),
    ].join("\n"),
  );
  return [line(HEADINGS), ...text, summary(results)].join("\n\n");
}

/** Why some figures may say less about the proxy than about what was around it. */
export function doubts(results: readonly ScenarioResult[]): string[] {
  const late = Math.max(...results.map(({ latenessMs }) => latenessMs));
  if (late <= LATE_MS) return [];
  return [`requests were sent up to ${figure(late)} ms late (p99): this machine was not quiet.`];
}

/** The same for programs. */
export function json(results: readonly ScenarioResult[]): string {
  return JSON.stringify(
    results.map((result) => ({ name: nameOf(result.scenario), ...result, verdicts: verdicts(result) })),
    undefined,
    2,
  );
}

function rowsOf({ keycycle, blind, best }: ScenarioResult): string[][] {
  const { succeededPercent, waitMs, goodputPercent } = best;
  const waits = [waitMs.p50, waitMs.p99, waitMs.max].map(figure);
  const none = Array.from({ length: 7 }, () => "");
  return [
    ["  keycycle", ...cellsOf(keycycle)],
    ["  blind round-robin", ...cellsOf(blind)],
    ["  best possible", percent(succeededPercent), "0%", "1", ...waits, percent(goodputPercent), ...none],
    ["  keycycle/blind", ...ratiosOf(keycycle, blind), ...none],
  ];
}

function cellsOf(figures: Figures): string[] {
  const { offered, attempts, waitMs, turnedAway, warmUp } = figures;
  return [
    percent(figures.succeededPercent),
    percent(figures.refusedPercent),
    figure(attempts / offered),
    figure(waitMs.p50),
    figure(waitMs.p99),
    figure(waitMs.max),
    percent(figures.goodputPercent),
    percent(warmUp.succeededPercent),
    percent(warmUp.refusedPercent),
    String(turnedAway.count),
    turnedAway.count === 0 ? "" : String(turnedAway.toldWhen),
    turnedAway.cameBack === 0 ? "" : `${turnedAway.thenServed}/${turnedAway.cameBack}`,
    turnedAway.thenServed === 0 ? "" : figure(turnedAway.thenWaitMs.p99),
    turnedAway.count === 0 ? "" : figure(turnedAway.medianHintMs),
  ];
}

function ratiosOf(a: Figures, b: Figures): string[] {
  return [
    a.succeededPercent / b.succeededPercent,
    a.refusedPercent / b.refusedPercent,
    a.attempts / a.offered / (b.attempts / b.offered),
    a.waitMs.p50 / b.waitMs.p50,
    a.waitMs.p99 / b.waitMs.p99,
    a.waitMs.max / b.waitMs.max,
    a.goodputPercent / b.goodputPercent,
  ].map((ratio) => (Number.isFinite(ratio) ? `${figure(ratio)}×` : ""));
}

/** What only sometimes has something to say. */
function notesOn({ scenario, keycycle }: ScenarioResult): string[] {
  const notes: string[] = [];
  const { "429": _, ...failures } = keycycle.failures;
  if (Object.keys(failures).length > 0) notes.push(`answers by status beside 429: ${counted(failures)}`);
  if (scenario.incident !== "none" || keycycle.brokenAttempts > 0) {
    notes.push(`attempts that broke: ${keycycle.brokenAttempts}`);
  }
  const { log } = keycycle;
  if (log !== undefined) {
    const states = Object.keys(log.keyStates).length === 0 ? "none" : counted(log.keyStates);
    const attempts = `attempts a request ${figure(log.meanAttempts)}, at most ${log.maxAttempts}`;
    notes.push(`its log: ${attempts}; changes of key states: ${states}`);
    notes.push(...log.complaints.map((complaint) => `its log complains: ${complaint}`));
  }
  return notes;
}

function summary(results: readonly ScenarioResult[]): string {
  const all = results.flatMap(verdicts);
  const met = all.filter((verdict) => verdict.met === true).length;
  const measured = all.filter((verdict) => verdict.met !== undefined).length;
  return `${met} of ${measured} budgets met; ${all.length - measured} had nothing to be measured by.`;
}

function verdictText({ budget, met }: Verdict): string {
  if (met === undefined) return `${budget}: not measured`;
  return `${budget}: ${met ? "met" : "NOT met"}`;
}

function counted(counts: Readonly<Record<string, number>>): string {
  return Object.entries(counts)
    .map(([name, count]) => `${count} × ${name}`)
    .join(", ");
}

/** Two decimals, since a budget is at 99.9 %; never rounded up to a hundred. */
function percent(value: number): string {
  if (Number.isNaN(value)) return "–";
  const rounded = Math.round(value * 100) / 100;
  return `${value < 100 ? Math.min(99.99, rounded) : rounded}%`;
}

function figure(value: number): string {
  if (Number.isNaN(value)) return "–";
  if (Math.abs(value) < 10) return value.toFixed(2).replace(/\.?0+$/, "");
  return Math.abs(value) < 100 ? value.toFixed(1) : Math.round(value).toLocaleString("en");
}
