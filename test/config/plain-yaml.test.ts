import { expect, test } from "bun:test";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { array, assert, constantFrom, double, nat, property, record } from "fast-check";
import { isMap, isScalar, isSeq, parseDocument } from "yaml";

import { readPlainly } from "../../src/config/plain-yaml.ts";

/** What a reading says: kinds, values, what stood there, and where. */
function shapeOf(node: unknown): unknown {
  if (isScalar(node)) return [node.value, node.source, node.range?.slice(0, 2)];
  if (isMap(node))
    return {
      at: node.range?.[0],
      flow: node.flow === true,
      entries: node.items.map(({ key, value }) => [shapeOf(key), shapeOf(value)]),
    };
  return isSeq(node)
    ? { at: node.range?.[0], flow: node.flow === true, items: node.items.map(shapeOf) }
    : node;
}

/** What the library makes of a text; undefined where it finds anything wrong. */
function libraryShapeOf(text: string): unknown {
  const { errors, warnings, contents } = parseDocument(text, { merge: true, logLevel: "error" });
  return errors.length + warnings.length > 0 ? undefined : shapeOf(contents);
}

const BLOCKS = `# yaml-language-server: $schema=keycycle.schema.json
server:
  host: 127.0.0.1   # this machine
  port: 3456

apiKeys:
- name: "a b: c"
  key: \${K1}
  url: https://api.openai.com/v1
  models: [gpt-4o, "x-*", ft:gpt:a, 'q#', 64MB]
  limits: { rpm: 60, tpm: 100k, "rpd":5 }
- key: it's é 😀 a#b
  weight: 0.5
  models:
    - a
    # between
    - b
log: {level: info}
`;
const WINDOWS = BLOCKS.replaceAll("\n", "\r\n");
const JSON_TEXT = `{
  "server": {"port": 1, "allowAnonymous":true},
  "apiKeys": [ { "key": "a", "url": "https://x.example", "weight": 2.5, "models": [] }, ],
}
`;

const JSON_WITH_TABS = JSON_TEXT.replaceAll("  ", "\t");

const FOLDER = join(import.meta.dir, "../fixtures/broken");
const FIXTURES = readdirSync(FOLDER)
  .filter((name) => !name.endsWith(".txt"))
  .map((name) => readFileSync(join(FOLDER, name), "utf8"));

test.each([
  BLOCKS,
  WINDOWS,
  `# first\n---\n${BLOCKS}`,
  JSON_TEXT,
  JSON_WITH_TABS,
  JSON_TEXT.replaceAll(/,(?=\s*[\]}])/g, ""),
])("what is written plainly is read as the library reads it %#", (text) => {
  const contents = readPlainly(text);
  expect(contents).toBeDefined();
  expect(shapeOf(contents)).toEqual(libraryShapeOf(text));
});

test.each([
  ["a name that stands twice", "a: 1\na: 2\n"],
  ["a name that stands twice in braces", "a: { b: 1, b: 2 }\n"],
  ["a text over two lines", "a: b\n  c\n"],
  ["an anchor", "a: &b c\n"],
  ["an alias", "a: *b\n"],
  ["a merged map", "a:\n  <<: b\n"],
  ["a number that is written oddly", "a: 0x10\n"],
  ["a number with zeros before it", "a: 007\n"],
  ["a number without end", "a: 12345678901234567890\n"],
  ["nothing", "a:\nb: 1\n"],
  ["a name that is no text", "true: 1\n"],
  ["an escape", 'a: "b\\n"\n'],
  ["a tab", "a:\n\tb: 1\n"],
  ["an indentation that fits nothing", "a:\n    b: 1\n  c: 2\n"],
  ["brackets in brackets without end", `a: ${"[".repeat(100_000)}\n`],
])("%s is left to the library", (_, text) => {
  expect(readPlainly(text)).toBeUndefined();
});

const SIGNS = [..." \n-:#[]{},\"'*&|>?!%@`~01exo.a_+é\t\r\\$<"];
const PIECES = ["\n  ", "- ", ": ", " #", "null", "true", "0x1", ".inf", "1_0", "---\n", "${A}", "<<: "];

test("whatever is changed in a text, it is read as the library reads it or left to the library", () => {
  const change = record({
    at: double({ min: 0, max: 1, noNaN: true }),
    removed: nat(3),
    added: constantFrom("", ...SIGNS, ...PIECES),
  });
  assert(
    property(
      constantFrom(BLOCKS, WINDOWS, JSON_TEXT, JSON_WITH_TABS, ...FIXTURES),
      array(change, { maxLength: 3 }),
      (seed, changes) => {
        const text = changes.reduce((before, { at, removed, added }) => {
          const place = Math.floor(at * before.length);
          return before.slice(0, place) + added + before.slice(place + removed);
        }, seed);
        const contents = readPlainly(text);
        if (contents !== undefined) expect(shapeOf(contents)).toEqual(libraryShapeOf(text));
      },
    ),
    { numRuns: 2_000 },
  );
});
