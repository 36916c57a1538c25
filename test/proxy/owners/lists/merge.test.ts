import { describe, expect, test } from "bun:test";
import { array, assert, asyncProperty, integer, nat } from "fast-check";

import type { Cursor, Item } from "../../../../src/proxy/owners/lists/list-page.ts";
import { takeMany } from "../../../../src/proxy/owners/lists/merge.ts";
import { readToken, writeToken } from "../../../../src/proxy/owners/lists/page-token.ts";
import { type Position, Source } from "../../../../src/proxy/owners/lists/source.ts";

/** An account's list, newest first, whose cursors are positions in it. */
function sourceOf(items: readonly Item[], pageSize: number, position?: Position): Source {
  const ask = async (cursor: Cursor | undefined) => {
    const start = Number(cursor?.[1] ?? 0);
    const end = start + pageSize;
    const next: Cursor | undefined = end < items.length ? ["page", String(end)] : undefined;
    return { items: items.slice(start, end), next, envelope: {} };
  };
  return new Source(ask, position);
}

function itemsOf(account: number, ages: readonly number[]): Item[] {
  return ages.toSorted((a, b) => b - a).map((atMs, index) => ({ json: {}, id: `${account}-${index}`, atMs }));
}

describe("lists of several accounts, read as one", () => {
  test("come in pages that hold each thing once, newest first, however long lists and pages are", async () => {
    const lists = array(array(nat(30), { maxLength: 12 }), { minLength: 1, maxLength: 4 });
    await assert(
      asyncProperty(
        lists,
        integer({ min: 1, max: 6 }),
        integer({ min: 1, max: 5 }),
        async (ages, limit, pageSize) => {
          const accounts = ages.map((each, account) => itemsOf(account, each));
          const all: Item[] = [];
          let positions = new Map<string, Position>(
            accounts.map((_, account) => [String(account), { cursor: undefined, taken: 0 }]),
          );
          while (positions.size > 0) {
            const going = [...positions];
            const sources = going.map(([account, position]) =>
              sourceOf(accounts[Number(account)] ?? [], pageSize, position),
            );
            const page = await takeMany(
              sources,
              true,
              limit,
              () => false,
              () => {},
            );
            all.push(...page.map(({ item }) => item));
            const next = new Map<string, Position>();
            for (const [index, [account]] of going.entries()) {
              const position = sources[index]?.position;
              if (position !== undefined) next.set(account, position);
            }
            positions = readToken(writeToken(next)) ?? new Map();
          }
          const expected = accounts.flat().toSorted((a, b) => (b.atMs ?? 0) - (a.atMs ?? 0));
          expect(all.map(({ atMs }) => atMs)).toEqual(expected.map(({ atMs }) => atMs));
          expect(new Set(all.map(({ id }) => id)).size).toBe(expected.length);
        },
      ),
    );
  });

  test("have things of one age in the order of the accounts", async () => {
    const sources = [itemsOf(0, [5, 5]), itemsOf(1, [5])].map((items) => sourceOf(items, 10));
    const page = await takeMany(
      sources,
      true,
      10,
      () => false,
      () => {},
    );
    expect(page.map(({ item }) => item.id)).toEqual(["0-0", "0-1", "1-0"]);
  });

  test("have a thing once that two of them list", async () => {
    const items = itemsOf(0, [1, 2, 3]);
    const twice: number[][] = [];
    const page = await takeMany(
      [sourceOf(items, 2), sourceOf(items, 2)],
      true,
      10,
      () => false,
      ({ source }, first) => void twice.push([first, source]),
    );
    expect(page.map(({ item }) => item.atMs)).toEqual([3, 2, 1]);
    expect(twice).toEqual([
      [0, 1],
      [0, 1],
      [0, 1],
    ]);
  });

  test("keep the order of an account that does not say when things were made", async () => {
    const items = ["a", "b", "c"].map((id) => ({ json: {}, id, atMs: undefined }));
    const page = await takeMany(
      [sourceOf(items, 2)],
      true,
      10,
      () => false,
      () => {},
    );
    expect(page.map(({ item }) => item.id)).toEqual(["a", "b", "c"]);
  });
});

describe("a token", () => {
  test.each([
    "abc",
    "kc_",
    "kc_!!",
    `kc_${Buffer.from('{"a":1}').toString("base64url")}`,
    `kc_${Buffer.from('[["a",1,2]]').toString("base64url")}`,
  ])("that is none of ours is told: %s", (token) => {
    expect(readToken(token)).toBeUndefined();
  });
});
