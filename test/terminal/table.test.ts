import { describe, expect, test } from "bun:test";
import { array, assert, constantFrom, integer, property, string, tuple } from "fast-check";

import { type Column, table } from "../../src/terminal/table.ts";

const COLUMNS = [{ title: "name" }, { title: "url" }, { title: "models" }];

function plain(rows: string[][], width: number, columns: readonly Column[] = COLUMNS): string[] {
  return table(columns, rows, width).map((line) => Bun.stripANSI(line));
}

describe("a table", () => {
  test("is as wide as its texts, and nothing trails", () => {
    const rows = [
      ["a", "https://x.example", "gpt-4o"],
      ["longer", "y", ""],
    ];
    expect(plain(rows, Infinity)).toEqual([
      "name    url                models",
      "a       https://x.example  gpt-4o",
      "longer  y",
    ]);
  });

  test("stays straight with wide characters, accents and pictures", () => {
    const lines = plain(
      [
        ["密钥一", "x", "m"],
        ["clé", "x", "m"],
        ["👩‍👩‍👧 key", "x", "m"],
      ],
      Infinity,
    );
    const columnOf = (line: string, mark: string) => Bun.stringWidth(line.slice(0, line.indexOf(mark)));
    expect(lines.slice(1).map((line) => columnOf(line, "x"))).toEqual([8, 8, 8]);
  });

  test("cuts what is widest where the window is narrow", () => {
    expect(plain([["short", "https://a.very.long.example/v1", "gpt-4o"]], 34)).toEqual([
      "name   url                  models",
      "short  https://a.very.lon…  gpt-4o",
    ]);
  });

  test("is a list of each row where the window is narrower still", () => {
    expect(plain([["openai-1", "https://api.openai.com", "gpt-4o"]], 24)).toEqual([
      "name    openai-1",
      "url     https://api.ope…",
      "models  gpt-4o",
      "",
    ]);
  });

  test("cuts no column that is to stay whole, and breaks it in a list", () => {
    const columns = [{ title: "key" }, { title: "state", whole: true }];
    const rows = [["a-long-name-of-a-key", "failing (HTTP 500)"]];
    expect(plain(rows, 30, columns)).toEqual(["key         state", "a-long-na…  failing (HTTP 500)"]);
    expect(plain(rows, 20, columns)).toEqual([
      "key    a-long-name-…",
      "state  failing (HTTP",
      "       500)",
      "",
    ]);
  });

  test("cuts first what is longer than it is worth, and only as much as there is no room for", () => {
    const columns = [{ title: "models", most: 10 }, { title: "x" }];
    const rows = [["gpt-4o, gpt-4o-mini", "a word and another and one more"]];
    const [models, x] = rows[0] ?? [];
    expect(plain(rows, 60, columns)[1]).toBe(`${models}  ${x}`);
    expect(plain(rows, 50, columns)[1]).toBe(`gpt-4o, gpt-4o-m…  ${x}`);
    expect(plain(rows, 43, columns)[1]).toBe(`gpt-4o, g…  ${x}`);
    expect(plain(rows, 33, columns)[1]).toBe("gpt-4o, g…  a word and another a…");
  });

  test("cuts names in their middle, so that those that begin alike are told apart", () => {
    const columns: Column[] = [
      { title: "key", cut: "middle" },
      { title: "x", whole: true },
    ];
    const rows = [
      ["account-of-the-team-one", "a"],
      ["account-of-the-team-two", "b"],
      ["短い名前の鍵の一つ目の長い", "c"],
    ];
    expect(plain(rows, 18, columns)).toEqual([
      "key              x",
      "account-o…m-one  a",
      "account-o…m-two  b",
      "短い名前の…長い  c",
    ]);
  });

  test("has no column for what no row has, so that the others have its room", () => {
    const rows = [
      ["a-long-name", "", "m"],
      ["b", "", ""],
    ];
    expect(plain(rows, 20)).toEqual(["name         models", "a-long-name  m", "b"]);
  });

  test("never is wider than its window", () => {
    const cell = string({ unit: constantFrom("a", "-", "é", "漢", "🙂", " "), maxLength: 40 });
    const rows = array(tuple(cell, cell, cell), { minLength: 1, maxLength: 5 });
    assert(
      property(rows, integer({ min: 12, max: 120 }), (cells, width) => {
        const named: Column[] = [{ title: "name", cut: "middle" }, ...COLUMNS.slice(1)];
        for (const line of [...plain(cells, width), ...plain(cells, width, named)])
          expect(Bun.stringWidth(line)).toBeLessThanOrEqual(width);
      }),
    );
  });
});
