import { describe, expect, test } from "bun:test";

import type { Fault } from "../../src/demo/simulator.ts";
import { CHAT, stage } from "./harness.ts";
import { DIALECTS } from "./providers.ts";

interface Row {
  readonly is: string;
  readonly fault: Fault;
  readonly outcome: string;
  readonly stream?: boolean;
}

const FAULTS: readonly Row[] = [
  { is: "limited with a header in seconds", fault: { kind: "limited", hint: "header" }, outcome: "limited" },
  {
    is: "limited with a header in milliseconds",
    fault: { kind: "limited", hint: "header-ms" },
    outcome: "limited",
  },
  { is: "limited with a date", fault: { kind: "limited", hint: "date" }, outcome: "limited" },
  { is: "limited with a hint in the body", fault: { kind: "limited", hint: "body" }, outcome: "limited" },
  { is: "limited without a hint", fault: { kind: "limited", hint: "none" }, outcome: "limited" },
  { is: "spent", fault: { kind: "spent" }, outcome: "spent" },
  { is: "dead", fault: { kind: "dead" }, outcome: "dead" },
  { is: "overloaded", fault: { kind: "overloaded" }, outcome: "overloaded" },
  { is: "without the model", fault: { kind: "unserved-model" }, outcome: "unserved-model" },
  { is: "failing with 500", fault: { kind: "server-error" }, outcome: "upstream-failure" },
  {
    is: "failing with 502 and a page of HTML",
    fault: { kind: "server-error", status: 502, html: true },
    outcome: "upstream-failure",
  },
  { is: "failing with 504", fault: { kind: "server-error", status: 504 }, outcome: "upstream-failure" },
  {
    is: "reset before the first byte",
    fault: { kind: "reset", when: "before-first-byte" },
    outcome: "upstream-failure",
  },
  {
    is: "reset within an answer of known length",
    fault: { kind: "reset", when: "after-first-byte" },
    outcome: "upstream-failure",
  },
  { is: "truncating an answer of known length", fault: { kind: "truncate" }, outcome: "upstream-failure" },
  {
    is: "limited in the first event of a stream",
    fault: { kind: "error-as-first-event", code: "limited" },
    outcome: "limited",
    stream: true,
  },
  {
    is: "spent in the first event of a stream",
    fault: { kind: "error-as-first-event", code: "spent" },
    outcome: "spent",
    stream: true,
  },
  {
    is: "overloaded in the first event of a stream",
    fault: { kind: "error-as-first-event", code: "overloaded" },
    outcome: "overloaded",
    stream: true,
  },
  {
    is: "failing in the first event of a stream",
    fault: { kind: "error-as-first-event", code: "server-error" },
    outcome: "upstream-failure",
    stream: true,
  },
];

/** OpenAI, and Azure after it, say "overloaded" with a 503 that is told from an outage by nothing. */
function expectedOutcome(provider: string, { outcome }: Row): string {
  return outcome === "overloaded" && provider !== "anthropic" ? "upstream-failure" : outcome;
}

describe.each(DIALECTS)("$provider", ({ provider, send }) => {
  test.each(FAULTS)("a key that is $is costs the client nothing", async (row) => {
    await using it = await stage([
      { secret: "sk-faulty-key", provider, fault: row.fault, priority: 0 },
      { secret: "sk-healthy-key", provider, priority: 1 },
    ]);

    const response = await send(it.proxy, { stream: row.stream === true });
    const body = await response.text();

    expect(response.status).toBe(200);
    expect(body).toContain("Hello");
    expect(response.headers.get("x-keycycle-key")).toBe("key-2");
    const line = await it.proxy.logged((entry) => entry.event === "request");
    expect(line).toMatchObject({ status: 200, key: "key-2", attempts: 2 });
    expect(it.proxy.output).toContain(`"outcome":"${expectedOutcome(provider, row)}"`);
  });
});

test("one good key among sixty that are limited, dead, spent or without the model is found", async () => {
  const faults = [
    { kind: "limited" },
    { kind: "dead" },
    { kind: "spent" },
    { kind: "unserved-model" },
  ] as const;
  const bad = Array.from({ length: 59 }, (_, index) => ({
    secret: `sk-bad-${index}`,
    fault: faults[index % faults.length]!,
    priority: 0,
  }));
  await using it = await stage([...bad, { secret: "sk-good", priority: 1 }]);
  const answer = await it.proxy.post("/v1/chat/completions", CHAT);
  expect([answer.status, answer.headers.get("x-keycycle-attempts")]).toEqual([200, "60"]);
});
