import { expect, test } from "bun:test";

import { parseSince } from "../../../src/commands/logs/since.ts";

const NOW = Date.parse("2026-06-01T12:00:00Z");

test.each([
  ["15m", NOW - 15 * 60_000],
  ["1h30m", NOW - 90 * 60_000],
  ["2026-06-01T10:00:00Z", NOW - 2 * 3_600_000],
  ["2026-05-31T14:00:00+02:00", NOW - 24 * 3_600_000],
])("%s", (written, instant) => {
  expect(parseSince(written, NOW)).toBe(instant);
});

test.each(["yesterday", "15", "2026-13-01", "1", ""])("%p is an error that says how", (written) => {
  expect(() => parseSince(written, NOW)).toThrow("15m or 24h");
});
