import { expect } from "bun:test";

import type { Stage, StageKey } from "../harness.ts";
import { pin } from "../sdk-clients.ts";

/** A row of the README's table of endpoints, and what proves it. */
export interface EndpointRow {
  readonly api: string;
  readonly provider: NonNullable<StageKey["provider"]>;
  /** As in the README. */
  readonly endpoints: string;
  /** What KeyCycle does for them; as in the README. */
  readonly what: string;
  /** Their whole life through the official SDK, in front of four keys. */
  readonly live: (it: Stage) => Promise<void>;
}

export type Pin = ReturnType<typeof pin>;

interface Listed {
  readonly id?: string | undefined;
  readonly name?: string | null | undefined;
}

/** What is done with the things that each of the four keys makes. */
export interface Life<Made> {
  readonly make: (pinned: Pin) => Promise<Made>;
  readonly idOf: (made: Made) => string | undefined;
  readonly use: (made: Made, id: string) => Promise<unknown>;
  /** All pages of the list. */
  readonly list?: () => AsyncIterable<Listed>;
  readonly remove?: (id: string) => Promise<unknown>;
}

/** Makes two things with each key, then uses, lists and deletes them without a word of whose they are. */
export async function live<Made>({ make, idOf, use, list, remove }: Life<Made>): Promise<void> {
  const made: [string, Made][] = [];
  for (const key of [1, 2, 3, 4, 4, 3, 2, 1]) {
    const one = await make(pin(key));
    made.push([idOf(one) ?? "no id", one]);
  }
  for (const [id, one] of made) await use(one, id);
  if (list !== undefined) {
    const listed: string[] = [];
    for await (const item of list()) listed.push(item.id ?? item.name ?? "");
    expect(listed.filter((id) => made.some(([each]) => each === id)).toSorted()).toEqual(
      made.map(([id]) => id).toSorted(),
    );
    expect(new Set(listed).size).toBe(listed.length);
  }
  if (remove !== undefined) for (const [id] of made) await remove(id);
}

export const MESSAGES = [{ role: "user" as const, content: "Hi" }];
