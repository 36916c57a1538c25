/**
 * How long `check` of a thousand keys takes, by how they are configured: the compiled binary (build it
 * first), the best of five, and the processor time of that run. Run: bun test/bench/check.ts
 */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

const KEYS = 1_000;
const RUNS = 5;
const BINARY = join(import.meta.dir, "../../dist/keycycle");
const URL = "https://api.openai.com/v1";

const secretOf = (at: number) => `sk-proj-${String(at).padStart(6, "0")}abcdefghijklmnopqrstuvwxyz0123`;

/** The lines of one entry. */
const FORMS: Readonly<Record<string, (at: number) => readonly string[]>> = {
  "names and others": (at) => [
    `key: ${secretOf(at)}`,
    `url: ${URL}`,
    `models: [gpt-4o, gpt-4o-mini, "ft:gpt-4o:org-${at}", others]`,
  ],
  "Azure, a limit each": (at) => [
    `name: az-${at}`,
    `key: ${secretOf(at)}`,
    `url: https://res-${at}.openai.azure.com`,
    `models: [dep-${at}]`,
    "limits: { rpm: 60, tpm: 100k }",
  ],
  "a glob each": (at) => [`key: ${secretOf(at)}`, `url: ${URL}`, `models: [m-${at}, "x${at}-*"]`],
  "the same key each": (at) => [
    `key: ${secretOf(0)}`,
    `url: ${URL}`,
    `models: [gpt-4o, m-${at}, "m-${at}*"]`,
  ],
  ".env, eleven globs each": (at) => [
    `key: \${K${at}}`,
    `url: ${URL}`,
    `models: [${[..."abcdefghijk"].map((letter, place) => `"${letter}${place}-*"`).join(", ")}]`,
  ],
  "every setting of its own": (at) => [
    `name: n-${at}`,
    `key: ${secretOf(at)}`,
    `url: https://h${at}.example.com/v1`,
    `models: [a-${at}, "b-${at}-*", c-${at % 37}, others]`,
    `headers: { X-A: "v${at}" }`,
    `account: acc-${at % 50}`,
    `priority: ${at % 3}`,
    "limits:",
    `  rpm: ${at + 1}`,
  ],
  "globs with a star at both ends": (at) => [
    `key: ${secretOf(at)}`,
    `url: ${URL}`,
    `models: ["*-${at}", "p${at}*q", "*${at}*"]`,
  ],
};

const folder = mkdtempSync(join(tmpdir(), "keycycle-check-"));
try {
  const keys = Array.from({ length: KEYS }, (_, at) => at);
  writeFileSync(join(folder, ".env"), keys.map((at) => `K${at}=${secretOf(at)}\n`).join(""));
  const config = join(folder, "keycycle.yaml");
  for (const [form, linesOf] of Object.entries(FORMS)) {
    const entries = keys.map((at) => `  - ${linesOf(at).join("\n    ")}\n`);
    writeFileSync(config, `apiKeys:\n${entries.join("")}`);
    const runs = Array.from({ length: RUNS }, () => timed(config)).toSorted((a, b) => a.wallMs - b.wallMs);
    const best = runs[0] ?? { wallMs: Number.NaN, cpuMs: Number.NaN };
    console.log(`${form.padEnd(32)} ${best.wallMs.toFixed(0)} ms, ${best.cpuMs.toFixed(0)} ms of CPU`);
  }
} finally {
  rmSync(folder, { recursive: true });
}

function timed(config: string): { readonly wallMs: number; readonly cpuMs: number } {
  const start = performance.now();
  const run = Bun.spawnSync([BINARY, "check", "--config", config], {
    stdio: ["ignore", "ignore", "ignore"],
  });
  const wallMs = performance.now() - start;
  if (run.exitCode !== 0) throw new Error(`check ended with ${run.exitCode}: is ${BINARY} built?`);
  return { wallMs, cpuMs: Number(run.resourceUsage.cpuTime.total) / 1000 };
}
