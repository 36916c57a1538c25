import { expect } from "bun:test";

import type { Stage, StageKey } from "./harness.ts";

export const HEALTHY = "sk-healthy-0000-good";

/** What the simulator says with the healthy key. */
export const SENTENCE = "Hello from the simulator: key …good served this.";

/** A key of every sad kind in front of one that can serve: whatever an SDK asks for meets them first. */
export function troubled(provider: NonNullable<StageKey["provider"]>): StageKey[] {
  return [
    { secret: "sk-dead-0000-dead", provider, fault: { kind: "dead" }, priority: 0 },
    { secret: "sk-limited-0000-full", provider, fault: { kind: "limited" }, priority: 1 },
    { secret: "sk-spent-0000-void", provider, fault: { kind: "spent" }, priority: 2 },
    { secret: HEALTHY, provider, priority: 3 },
  ];
}

/** What the simulator was asked last must be what the healthy key was asked. */
export function expectServedBy(it: Stage, secret: string): void {
  expect(it.simulator.requests.at(-1)).toMatchObject({ secret, status: 200 });
  expect(it.simulator.requests).toHaveLength(4);
}
