import { Database } from "bun:sqlite";
import { describe, expect, test } from "bun:test";

import type { RequestRecord } from "../../src/observe/records.ts";
import { CREATE_HISTORY, type HistoryQuery, HistoryTable } from "../../src/state/history-table.ts";

const ALL: HistoryQuery = {
  after: undefined,
  limit: 100,
  failed: false,
  key: undefined,
  model: undefined,
  client: undefined,
  sinceMs: undefined,
};

const SERVED: RequestRecord = {
  at: 1_000,
  id: "1",
  method: "POST",
  path: "/v1/chat/completions",
  model: "gpt-4o",
  alias: undefined,
  affinity: "hit",
  client: "me",
  key: "a",
  status: 200,
  attempts: [{ key: "a", outcome: "served", status: 200, durationMs: 12 }],
  ttfbMs: 12,
  durationMs: 15,
  usage: { inputTokens: 1, outputTokens: 2 },
  upstreamRequestId: undefined,
  error: undefined,
  session: undefined,
};

function tableOf(...records: Partial<RequestRecord>[]): HistoryTable {
  const database = new Database(":memory:", { strict: true });
  database.run(CREATE_HISTORY);
  const table = new HistoryTable(database);
  table.add(records.map((record) => ({ ...SERVED, ...record })));
  return table;
}

function idsOf(table: HistoryTable, query: Partial<HistoryQuery>): string[] {
  return table.read({ ...ALL, ...query }).map(({ record }) => JSON.parse(record).id);
}

describe("of what is remembered", () => {
  const table = tableOf(
    { id: "1" },
    { id: "2", status: 429, key: "", error: "rate_limit_exceeded", at: 2_000 },
    {
      id: "3",
      key: "b",
      at: 3_000,
      attempts: [
        { key: "a", outcome: "limited", status: 429, durationMs: 5 },
        { key: "b", outcome: "served", status: 200, durationMs: 9 },
      ],
    },
    { id: "4", key: "c", model: "claude-x", alias: "best", client: "you", attempts: [], at: 4_000 },
    { id: "5", model: "it's", error: "upstream broke off", at: 5_000 },
  );

  test.each([
    ["all, in their order", {}, ["1", "2", "3", "4", "5"]],
    ["the last so many", { limit: 2 }, ["4", "5"]],
    ["the first behind a number", { after: 1, limit: 2 }, ["2", "3"]],
    ["none behind the last", { after: 5 }, []],
    ["all, behind a number that there never was", { after: 99 }, ["1", "2", "3", "4", "5"]],
    ["what failed, its status or later", { failed: true }, ["2", "5"]],
    ["a key's, also where it was only tried", { key: "a" }, ["1", "2", "3", "5"]],
    ["another key's", { key: "b" }, ["3"]],
    ["a model's", { model: "it's" }, ["5"]],
    ["by a glob", { model: "claude-*" }, ["4"]],
    ["an alias's", { model: "best" }, ["4"]],
    ["a client's", { client: "you" }, ["4"]],
    ["since", { sinceMs: 4_000 }, ["4", "5"]],
    ["all of it at once", { sinceMs: 2_000, failed: true, client: "me", limit: 1 }, ["5"]],
  ])("%s", (_, query, ids) => {
    expect(idsOf(table, query)).toEqual(ids);
  });
});

test("more than are to be kept, and what is too old, is dropped; numbers go on", () => {
  const table = tableOf(
    { id: "1", at: 5_000 },
    { id: "2", at: 100 },
    { id: "3", at: 5_000 },
    { id: "4", at: 5_000 },
  );
  expect(table.prune(3, 1_000, 100)).toBe(true);
  expect(idsOf(table, {})).toEqual(["3", "4"]);
  expect(table.prune(0, 0, 1)).toBe(false);
  expect(table.prune(0, 0, 2)).toBe(true);
  table.add([{ ...SERVED, id: "5" }]);
  expect(idsOf(table, { after: 4 })).toEqual(["5"]);
});
