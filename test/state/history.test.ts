import { afterEach, expect, test } from "bun:test";

import type { RequestRecord } from "../../src/observe/records.ts";
import { History } from "../../src/state/history.ts";
import { MemoryKeeper } from "../../src/state/memory-keeper.ts";

const ALL = {
  after: 0,
  limit: 10_000,
  failed: false,
  key: undefined,
  model: undefined,
  client: undefined,
  sinceMs: undefined,
};

let open: History | undefined;
afterEach(() => open?.close());

function historyOf(keep: number): History {
  open = new History(new MemoryKeeper(), () => ({ keep, maxAgeMs: 60_000 }));
  return open;
}

function requests(count: number, status: number): RequestRecord[] {
  return Array.from({ length: count }, (_, index) => ({
    at: Date.now(),
    id: `${status}-${index}`,
    method: "POST",
    path: "/",
    model: "",
    alias: undefined,
    affinity: undefined,
    client: "",
    key: "",
    status,
    attempts: [],
    ttfbMs: 0,
    durationMs: 0,
    usage: undefined,
    upstreamRequestId: undefined,
    error: undefined,
    session: undefined,
  }));
}

test("what has just ended can be read at once", () => {
  const history = historyOf(10);
  history.add(requests(3, 200));
  expect(history.read(ALL).rows).toHaveLength(3);
  expect(history.read(ALL).last).toBe(3);
});

test("of too many at once failures stay, and the rest is counted", () => {
  const history = historyOf(10_000);
  history.add(requests(600, 200));
  history.add(requests(100, 500));
  expect(history.read({ ...ALL, failed: true }).rows).toHaveLength(100);
  expect(history.read(ALL).rows).toHaveLength(600);
  expect(history.skipped).toBe(100);
});

test("nothing is kept where the owner wants no history", () => {
  const history = historyOf(0);
  history.add(requests(3, 200));
  expect(history.read(ALL).rows).toHaveLength(0);
});
