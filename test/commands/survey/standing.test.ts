import { expect, test } from "bun:test";

import { type Standing, standingOf, worksNow } from "../../../src/commands/survey/standing.ts";
import type { Outcome } from "../../../src/providers/outcome.ts";
import type { ListResult } from "../../../src/proxy/models/ask-for-list.ts";
import { verdictOf } from "../../../src/rotation/comeback.ts";

const LISTED: ListResult = { kind: "listed", models: new Map() };
const PAGE: ListResult = { kind: "failed", outcome: { kind: "client-error" }, reason: "", isNoList: true };
const NOT_NOW: ListResult = { ...PAGE, isNoList: false };

function told(outcome: Outcome, status: number | undefined, list?: ListResult) {
  const verdict = verdictOf(outcome, status);
  const { standing, reason } = standingOf({ verdict, outcome, status, limits: undefined }, list);
  return [standing, reason, worksNow(standing)];
}

test.each<
  [string, Outcome, number | undefined, ListResult | undefined, Standing, string | undefined, boolean]
>([
  ["served", { kind: "served" }, 200, LISTED, "accepted", undefined, true],
  ["served, and the list does not come", { kind: "served" }, 200, NOT_NOW, "accepted", undefined, true],
  [
    "served, by a web page",
    { kind: "served" },
    200,
    PAGE,
    "no-provider",
    "answered with no list of models",
    false,
  ],
  [
    "without money",
    { kind: "spent", reason: "insufficient_quota", retryAfterMs: undefined },
    429,
    LISTED,
    "spent",
    "insufficient_quota",
    false,
  ],
  [
    "too often",
    { kind: "limited", scope: "key", retryAfterMs: 1 },
    429,
    NOT_NOW,
    "limited",
    undefined,
    false,
  ],
  [
    "refused",
    { kind: "dead", reason: "invalid_api_key", certain: true },
    401,
    undefined,
    "refused",
    "invalid_api_key",
    false,
  ],
  [
    "by an error of the provider's",
    { kind: "upstream-failure", reason: "HTTP 500" },
    500,
    undefined,
    "failing",
    "HTTP 500",
    false,
  ],
  [
    "by nobody",
    { kind: "upstream-failure", reason: "ECONNREFUSED" },
    undefined,
    undefined,
    "unreached",
    "ECONNREFUSED",
    false,
  ],
  ["a provider without such a call", { kind: "client-error" }, 404, NOT_NOW, "untold", undefined, true],
])("a key is answered: %s", (_, outcome, status, list, standing, reason, works) => {
  expect(told(outcome, status, list)).toEqual([standing, reason, works]);
});
