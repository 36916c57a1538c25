import { describe, expect, test } from "bun:test";
import {
  array,
  assert,
  constantFrom,
  dictionary,
  integer,
  json,
  jsonValue,
  oneof,
  property,
  string,
  tuple,
  uint8Array,
} from "fast-check";

import { readMember, scanItems, type ScanResult, scanTopLevel } from "../../src/proxy/json-scan.ts";

const WANTED: ReadonlySet<string> = new Set(["model", "stream"]);
const BOM = "\uFEFF";

const scan = (text: string) => scanTopLevel(Buffer.from(text), WANTED);

/** The wanted members as `JSON.parse` would give them. */
function readAll(bytes: Buffer): Record<string, unknown> | ScanResult["kind"] {
  const result = scanTopLevel(bytes, WANTED);
  if (result.kind !== "found") return result.kind;
  const read = [...result.members].map(([name, span]): [string, unknown] => {
    const text = bytes.toString("utf8", span.start, span.end);
    return [name, span.kind === "string" ? readMember(bytes, span) : JSON.parse(text)];
  });
  return Object.fromEntries(read);
}

const names = oneof(
  constantFrom("model", "stream", "messages", "modeL", "\u006dodel ", "__proto__"),
  string({ unit: "binary" }),
);
const members = array(tuple(names, jsonValue()), { maxLength: 8 });
const space = array(constantFrom(" ", "\n", "\r", "\t"), { maxLength: 3 }).map((parts) => parts.join(""));

/** Every character of a JSON string as an escape, which means the same. */
function escapeAll(text: string): string {
  return text
    .split("")
    .map((unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`)
    .join("");
}

describe("what JSON.parse reads, the scan reads alike", () => {
  test("for any object, key order and white space", () => {
    assert(
      property(members, space, space, (entries, before, between) => {
        // Names that differ in case alone would be one member twice.
        const unique = new Map(entries.map((entry) => [entry[0].toLowerCase(), entry]));
        const parts = [...unique.values()].map(
          ([name, value]) =>
            `${between}${JSON.stringify(name)}${before}:${between}${JSON.stringify(value, null, before.length)}${before}`,
        );
        const text = `${before}{${parts.join(",")}${between}}${before}`;
        const parsed = new Map(Object.entries(JSON.parse(text)));
        const wanted = Object.fromEntries(
          [...parsed]
            .map(([name, value]): [string, unknown] => [name.toLowerCase(), value])
            .filter(([name]) => WANTED.has(name)),
        );
        expect(readAll(Buffer.from(text))).toEqual(wanted);
        expect(readAll(Buffer.from(BOM + text))).toEqual(wanted);
      }),
    );
  });

  test("for names and values that are spelled with escapes", () => {
    assert(
      property(string({ unit: "binary" }), (model) => {
        const text = `{"x":"model","${escapeAll("model")}":"${escapeAll(model)}","y":{"model":"no"}}`;
        expect(readAll(Buffer.from(text))).toEqual({ model });
      }),
    );
    expect(readAll(Buffer.from(String.raw`{"mod\u0065l":"gpt\u002d4o"}`))).toEqual({ model: "gpt-4o" });
  });

  test("for any JSON that is no object", () => {
    const others = json().filter((text) => !text.startsWith("{"));
    assert(property(others, (text) => expect(scan(text).kind).toBe("not-an-object")));
  });
});

describe("a document that breaks off", () => {
  test("is malformed wherever it was cut", () => {
    assert(
      property(dictionary(names, jsonValue()), integer({ min: 0 }), (object, position) => {
        const bytes = Buffer.from(JSON.stringify(object));
        expect(String(readAll(bytes.subarray(0, position % bytes.length)))).toMatch(
          /^(malformed|duplicate)$/,
        );
      }),
    );
  });

  test("is malformed where it goes on after its end", () => {
    const rest = string({ minLength: 1 }).filter((text) => /[^ \t\r\n]/.test(text));
    assert(property(rest, (text) => expect(scan(`{"model":"a"}${text}`).kind).toBe("malformed")));
  });
});

describe("bytes of any kind", () => {
  test("neither throw nor hang", () => {
    assert(
      property(uint8Array({ maxLength: 200 }), (bytes) => void scanTopLevel(Buffer.from(bytes), WANTED)),
    );
  });

  test("made of JSON's own characters neither throw nor hang, and are never taken for less than they are", () => {
    const pieces = constantFrom(
      "{",
      "}",
      "[",
      "]",
      ",",
      ":",
      '"',
      "\\",
      '"model"',
      '"a"',
      "1",
      "tru",
      "null",
      " ",
      "\\u0065",
      "é",
      BOM,
    );
    assert(
      property(array(pieces, { maxLength: 30 }), (parts) => {
        const text = `{${parts.join("")}`;
        const result = scan(text);
        if (isObject(text)) expect(["found", "malformed", "duplicate"]).toContain(result.kind);
      }),
      { numRuns: 2_000 },
    );
  });

  test("of many quotes and backslashes take no more than linear time", () => {
    for (const run of ["\\", '\\"', '"', '\\\\"', '{"', "[", '{"a":']) {
      const startedMs = performance.now();
      scan(`{"a":"${run.repeat(500_000)}`);
      scan(`{"a":${run.repeat(500_000)}`);
      expect(performance.now() - startedMs).toBeLessThan(1_000);
    }
  });
});

describe("a malformed body", () => {
  test.each([
    ["", 0],
    ["  ", 2],
    ["{", 1],
    ['{"model"}', 8],
    ['{"model":}', 9],
    ['{"model":"a",}', 13],
    ['{"model":"a" "b":1}', 13],
    ["{model:1}", 1],
    ['{"a":[1,2}', 9],
    ['{"a":{]}', 6],
    ['{"model":"a"}x', 13],
    ['{"model":"a"}}', 13],
    ["{'model':'a'}", 1],
    ["Hello", 0],
  ])("%p is told where it goes wrong: %d", (text, offset) => {
    expect(scan(text)).toMatchObject({ kind: "malformed", offset });
  });
});

describe("a member of the object", () => {
  test("counts in any case, as it does to Go's parsers", () => {
    expect(readAll(Buffer.from('{"Model":"a","STREAM":true}'))).toEqual({ model: "a", stream: true });
  });

  test("that is wanted and stands twice is told, since parsers differ on which counts", () => {
    expect(scan('{"model":"a","model":"b"}')).toEqual({ kind: "duplicate", offset: 13 });
    expect(scan(String.raw`{"model":"a","mod\u0065l":"b"}`)).toEqual({ kind: "duplicate", offset: 13 });
    expect(scan('{"Model":"a","model":"b"}')).toEqual({ kind: "duplicate", offset: 13 });
    expect(scan('{"x":1,"x":2,"model":"a"}')).toMatchObject({ kind: "found" });
  });
});

describe("the items of a list", () => {
  const itemsOf = (text: string) =>
    scanItems(Buffer.from(text)).map(({ start, end }) => text.slice(start, end));

  test("are found as JSON.parse finds them", () => {
    const gaps = constantFrom("", " ", "\n");
    assert(
      property(array(json(), { maxLength: 5 }), gaps, (items, gap) => {
        const list = Buffer.from(`[${gap}${items.join(`${gap},${gap}`)}${gap}]`);
        const found = scanItems(list).map(({ start, end }) => list.toString("utf8", start, end));
        expect(found).toEqual(items);
      }),
    );
  });

  test.each([["[1"], ["[1 2]"], ["[1,{]"], ["{}"], ["1"], [""], ["[}"], ['["a]']])(
    "are none in %p, which is no list",
    (text) => {
      expect(itemsOf(text)).toEqual([]);
    },
  );
});

function isObject(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}
