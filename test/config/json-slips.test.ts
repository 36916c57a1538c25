import { expect, test } from "bun:test";
import { assert, jsonValue, nat, property } from "fast-check";

import { jsonSlips } from "../../src/config/json-slips.ts";
import { Source } from "../../src/config/source.ts";
import { diagnosticsOf } from "./parse-text.ts";

function told(text: string): (string | undefined)[] {
  return diagnosticsOf(text, { path: "k.json" }).flatMap(({ line, column, message, instead }) => {
    return [`${line}:${column} ${message}`, instead];
  });
}

test.each([
  [
    '{ "log": { "level": "info" }\n"server": {} }',
    "2:1 a comma is missing before server",
    "a comma at the end of line 1",
  ],
  ['{ "models": ["a" "b"] }', "1:18 a comma is missing before this", "a comma before it"],
  ['{ "key" => "x" }', "1:9 between a name and its value stands a colon", ": instead of the =>"],
  ['{ "host" "x" }', "1:10 a colon is missing before this, behind host", '"name": value'],
  ['{ "host", "port": 3 }', "1:3 host has no value", "a colon and a value behind it"],
  ['{ "server": { "host" } }', "1:15 host has no value", "a colon and a value behind it"],
  ['{ "port": 3; "host": "x" }', "1:12 between two settings or entries stands a comma", ", instead of the ;"],
  ['{ , "port": 3 }', "1:3 this comma is one too many", "one comma between two settings or entries"],
  [
    '{ "models": ["a",,"b"] }',
    "1:18 this comma is one too many",
    "one comma between two settings or entries",
  ],
  ['{ "port":: 3 }', "1:10 this colon is one too many", "one between a name and its value"],
  ['{ "port": 3: 4 }', "1:12 a second colon behind one name", "a comma before the next name"],
  ['{ "models": ["a": 1] }', "1:17 a list holds no names", "{ } around the name and its value, or no name"],
  ['{ { "port": 3 } }', "1:3 the name of a setting is missing before this", '"name": before it'],
  ['{ "host": "x\n}', "1:11 this quote is never closed", "a quote at the end of the text"],
  [
    '{ "server": ("port": 3) }',
    "1:13 brackets of this kind hold nothing in JSON",
    "{ } for settings, [ ] for a list",
  ],
  ['{ key:"x" }', "1:3 JSON has its names in double quotes", '"key"'],
  ['{ "port": 01 }', "1:11 this is not a number as JSON has it", "digits without a + or a 0 before them"],
  ['{ "port": +1 }', "1:11 this is not a number as JSON has it", "digits without a + or a 0 before them"],
  ['{ "models": ["a" }', "1:13 this bracket is never closed", "a ] before the } in line 1"],
  [
    '{ "log": {} }\n}',
    "2:1 this bracket closes nothing",
    "leave it out, or the one before it that closes too early",
  ],
  ['{ "log": {} } { }', "1:15 nothing may follow the last }", "no more than one { … }"],
])("%s", (text, message, instead) => {
  expect(told(text)).toEqual([message, instead]);
});

test("each bracket that is open is told, in the middle and at the end", () => {
  expect(told('{ "a": [{ "b": [1 } ],\n"server": {')).toEqual([
    "1:1 this bracket is never closed",
    "a } behind its last entry",
    "1:16 this bracket is never closed",
    "a ] before the } in line 1",
    "2:11 this bracket is never closed",
    "a } behind its last entry",
  ]);
});

test("a value in the wrong place is never told", () => {
  expect(told('{ "sk-secret-1" "sk-secret-2" }').join(" ")).not.toContain("sk-secret");
});

test.each([
  '{ "apiKeys": [{ "key": "a", }, ], }',
  '{ "port": 3, "name": two words }',
  '{ "key": ${KEY} }',
  '{ "port": }',
])("%s is left to the reading of what it means", (text) => {
  expect(jsonSlips(new Source("k.json", text))).toEqual([]);
});

test("JSON holds no slip", () => {
  assert(
    property(jsonValue({ maxDepth: 4 }), nat(4), (value, indent) => {
      const text = JSON.stringify({ value }, null, indent);
      expect(jsonSlips(new Source("k.json", text))).toEqual([]);
    }),
  );
});
