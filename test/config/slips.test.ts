import { expect, test } from "bun:test";

import { briefly, diagnosticsOf } from "./parse-text.ts";

test.each([
  [
    "a comma in JSON without blanks",
    '{"apiKeys":[\n{\n"key":"k"\n"url":"https://x.example"}]}',
    "k.json",
    ["4:1 "],
  ],
  [
    "a comma behind a number",
    "server: { port: 3 host: a.b }\n",
    "k.yaml",
    ["1:19 a comma is missing before host"],
  ],
  [
    "a comma behind several words",
    "server: { host: a b port: 3 }\n",
    "k.yaml",
    ["1:21 a comma is missing before port"],
  ],
  [
    "a comma at the end of a line",
    '{ "server": { "port": 3\n  "host": "a" } }',
    "k.json",
    ["2:3 a comma is missing before host"],
  ],
  [
    "a comma before what is no setting",
    '{ "server": { "port": 3 "sk-1": 1 } }',
    "k.json",
    ["1:25 a comma is missing before this"],
  ],
  [
    "a space in all lines of an entry",
    "apiKeys:\n  - key:k\n    url:https://x.example\n",
    "k.yaml",
    ["2:8 a space is missing after the colon of key"],
  ],
  [
    "a space behind the dash of the only line",
    "apiKeys:\n  -key: k\n",
    "k.yaml",
    ["2:4 a space is missing between the dash and key"],
  ],
])("what is missing is told at its place: %s", (_, text, path, says) => {
  const told = briefly(diagnosticsOf(text, { path }));
  expect(told).toEqual(says.map((each) => expect.stringContaining(each)));
  expect(told.join()).not.toContain("sk-1");
});

test("an apostrophe in a comment or a text is none of JSON's quotes", () => {
  const text = `{ // don't\n "apiKeys": [{ "key": "k'1", "url": "https://x.example" }] /* it's */ }`;
  expect(diagnosticsOf(text, { path: "k.json" })).toEqual([]);
});

test.each([
  [
    "left of the entries before it",
    "apiKeys:\n    - key: a\n      url: https://x.example\n  - key: b\n",
    ["4:3 this dash is not", "4 spaces before it, as in line 2"],
  ],
  [
    "beside the settings of the entry before it",
    "apiKeys:\n- key: a\n  url: https://x.example\n  - key: b\n",
    ["4:3 this dash is not", "no spaces before it, as in line 2"],
  ],
])("a dash is told %s", (_, text, says) => {
  const [told] = diagnosticsOf(text);
  expect([briefly(told === undefined ? [] : [told]).join(), told?.instead]).toEqual([
    expect.stringContaining(says[0] ?? ""),
    says[1],
  ]);
});

test.each([
  'apiKeys:\n  - key: a\n    models:\n      - x\n  - key: "b" c\n    url: https://x.example\n',
  'apiKeys:\n  - key: a\n    models:\n      - "x" y\n    url: https://x.example\n',
  'apiKeys:\n  - key: a\n    models:\n    - "x" y\n    url: https://x.example\n',
  'clients:\n  - token: a\napiKeys:\n- key: "b" c\n  url: https://x.example\n',
])("a dash that stands right is not told for another slip behind it: %j", (text) => {
  expect(briefly(diagnosticsOf(text)).join()).toContain("this was not expected here");
});

test("tabs in brackets that hold the whole file are not told for another slip", () => {
  const text = '{\n\t"apiKeys": [\n\t\t{ "key": "k" "url": "https://x.example" }\n\t]\n}\n';
  expect(briefly(diagnosticsOf(text))).toEqual([expect.stringContaining("3:16 a comma is missing")]);
});

test("tabs in brackets within what is indented are told line by line", () => {
  const text = "apiKeys:\n  - key: k\n    url: https://x.example\n    models: [\n\ta,\n\tb\n    ]\n";
  expect(briefly(diagnosticsOf(text))).toEqual([
    expect.stringContaining("5:1 a tab"),
    expect.stringContaining("6:1 a tab"),
  ]);
});
