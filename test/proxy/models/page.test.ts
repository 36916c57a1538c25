import { describe, expect, test } from "bun:test";
import { array, assert, constantFrom, integer, property, uniqueArray, string } from "fast-check";

import { anthropicPage, geminiPage, type Page, tokenFor } from "../../../src/proxy/models/page.ts";

const IDS = ["a", "b", "c", "d", "e"];

function shown(page: Page, ids: readonly string[] = IDS): string {
  if (page.kind === "invalid") return `invalid ${page.param}`;
  return `${ids.slice(page.start, page.end).join("")}${page.hasMore ? " more" : ""}`;
}

describe("Anthropic's page", () => {
  test.each([
    ["", "abcde"],
    ["?limit=2", "ab more"],
    ["?limit=5", "abcde"],
    ["?limit=2&after_id=b", "cd more"],
    ["?limit=2&after_id=c", "de"],
    ["?after_id=e", ""],
    ["?limit=2&before_id=d", "bc more"],
    ["?limit=2&before_id=c", "ab"],
    ["?before_id=a", ""],
    ["?limit=0", "invalid limit"],
    ["?limit=1001", "invalid limit"],
    ["?limit=", "invalid limit"],
    ["?limit=-1", "invalid limit"],
    ["?after_id=x", "invalid after_id"],
    ["?before_id=x", "invalid before_id"],
    ["?after_id=a&before_id=c", "invalid before_id"],
  ])("%p: %s", (query, expected) => {
    expect(shown(anthropicPage(IDS, query))).toBe(expected);
  });

  test("has 20 models where nothing is said", () => {
    const ids = Array.from({ length: 30 }, (_, index) => `m${index}`);
    expect(anthropicPage(ids, "")).toEqual({ kind: "page", start: 0, end: 20, hasMore: true });
  });
});

describe("Google's page", () => {
  test.each([
    ["", "abcde"],
    ["?pageSize=2", "ab more"],
    ["?page_size=2", "ab more"],
    ["?pageSize=0", "abcde"],
    ["?pageSize=5000", "abcde"],
    [`?pageSize=2&pageToken=${tokenFor("b")}`, "cd more"],
    [`?pageSize=2&pageToken=${tokenFor("c")}`, "de"],
    ["?pageSize=2&pageToken=", "ab more"],
    ["?pageSize=-1", "invalid pageSize"],
    ["?pageToken=rubbish", "invalid pageToken"],
  ])("%p: %s", (query, expected) => {
    expect(shown(geminiPage(IDS, query))).toBe(expected);
  });

  test("has 50 models where nothing is said", () => {
    const ids = Array.from({ length: 60 }, (_, index) => `m${index}`);
    expect(geminiPage(ids, "")).toEqual({ kind: "page", start: 0, end: 50, hasMore: true });
  });
});

describe("page after page", () => {
  const ids = uniqueArray(string({ minLength: 1 }), { maxLength: 40 });
  const sizes = array(integer({ min: 1, max: 9 }), { minLength: 1, maxLength: 5 });

  test("has every model once, in order, whatever the sizes", () => {
    assert(
      property(ids, sizes, constantFrom("anthropic", "gemini"), (all, limits, api) => {
        const seen: string[] = [];
        for (let turn = 0; ; turn += 1) {
          const limit = limits[turn % limits.length];
          const last = seen.at(-1);
          const query =
            api === "anthropic"
              ? `?limit=${limit}${last === undefined ? "" : `&after_id=${encodeURIComponent(last)}`}`
              : `?pageSize=${limit}${last === undefined ? "" : `&pageToken=${tokenFor(last)}`}`;
          const page = api === "anthropic" ? anthropicPage(all, query) : geminiPage(all, query);
          if (page.kind === "invalid") throw new Error(page.message);
          seen.push(...all.slice(page.start, page.end));
          if (!page.hasMore) break;
        }
        expect(seen).toEqual(all);
      }),
    );
  });
});
