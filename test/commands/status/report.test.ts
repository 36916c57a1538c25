import { expect, test } from "bun:test";

import type { KeyView } from "../../../src/admin/views.ts";
import { keyTable } from "../../../src/commands/status/key-table.ts";
import { statusReport } from "../../../src/commands/status/report.ts";

const KEY: KeyView = {
  name: "key-1",
  provider: "openai",
  upstream: "https://api.openai.com",
  priority: 0,
  weight: 1,
  state: "ready",
  inFlight: 2,
  models: [],
  requests: 12_345,
  errors: 1,
  inputTokens: 3_000_000,
  outputTokens: 1_500_000,
  p50Ms: 320,
  p95Ms: 1_900,
  headroom: 40,
  share: 0.625,
};
const LONG = "a-name-that-is-longer-than-it-is-worth";
const KEYS: KeyView[] = [
  KEY,
  { ...KEY, name: LONG, state: "spent", reason: "insufficient_quota", leftMs: 3_600_000 },
  { ...KEY, name: "key-3", state: "dead", reason: "invalid_api_key", leftMs: 1_500 },
  {
    ...KEY,
    name: "key-4",
    models: [
      { model: "m", state: "limited", leftMs: 5 },
      { model: "n", state: "ready" },
    ],
  },
];

const plain = (lines: string[]) => lines.map((line) => Bun.stripANSI(line));

test("a pipe gets every column, whole", () => {
  const [titles, first, second, third, fourth] = plain(keyTable(KEYS, Number.POSITIVE_INFINITY));
  expect(titles).toMatch(/^key +state +why +headroom +in flight +requests +share +tokens +errors +p50 +p95$/);
  expect(first).toMatch(/^key-1 +ready +40 +2 +12\.3k +63 % +4\.5M +1 +320 ms +1\.9 s$/);
  expect(second).toMatch(/^a-name-that-is-longer-than-it-is-worth +spent 1\.0 h +insufficient_quota/);
  expect(third).toMatch(/^key-3 +dead, asked in 1\.5 s +invalid_api_key/);
  expect(fourth).toMatch(/^key-4 +ready, 1 of 2 models not/);
});

test.each([200, 120, 100, 80, 60, 45, 40, 30, 24])("no line is wider than a window of %d", (width) => {
  const status = { version: "1.2.3", commit: "c", pid: 1, url: "http://127.0.0.1:3456", startedMs: 0 };
  const view = { ...status, draining: true, underWay: 3, waiting: 1, keys: KEYS };
  const lines = statusReport(view, width, 90_000);
  for (const line of lines) expect(Bun.stringWidth(line)).toBeLessThanOrEqual(width);
  expect(plain(lines).join("\n")).toContain("key-3");
});

test("80 columns tell all, what takes words below the table", () => {
  const [titles, first, second, third, ...notes] = plain(keyTable(KEYS, 80));
  expect(titles).toMatch(/^key +state +room +flight +reqs +share +tokens +errs +p50 +p95$/);
  expect(first).toMatch(/^key-1 +ready +40 +2 +12\.3k +63% +4\.5M +1 +320ms +1\.9s$/);
  expect(second).toMatch(/^a-name-that-is\S*…\S*-worth spent 1\.0h +40/);
  expect(third).toMatch(/^key-3 +dead 1\.5s +40/);
  expect(notes.slice(1)).toEqual([
    "",
    `${LONG}: insufficient_quota`,
    "key-3: invalid_api_key",
    "key-4: 1 of 2 models not",
  ]);
});

test.each([60, 40, 30, 24])("in %d columns each key is a list of all that is known of it", (width) => {
  const text = plain(keyTable(KEYS, width)).join("\n");
  for (const title of [
    "state",
    "why",
    "headroom",
    "in flight",
    "requests",
    "share",
    "tokens",
    "errors",
    "p50",
    "p95",
  ])
    expect(text).toContain(`\n${title} `);
  expect(text.replaceAll(/\s+/g, " ")).toContain("insufficient_quota".slice(0, width - 13));
});
