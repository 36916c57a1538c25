import { expect, test } from "bun:test";

import { shownFile } from "../../src/config/shown-file.ts";

test.each([
  ["key: sk-old-0123456789abcdef", "key: …cdef"],
  ['key: "short"', 'key: "…"'],
  ["keys: [hunter2hunter2abcdef, '${B}'] # both", "keys: […cdef, '${B}'] # both"],
  ["key: >-\n    hunter2\n    hunter3\n  name: a", "key: …\n  name: a"],
  ["proxy: http://user:proxypassw0rd@10.0.0.1:8080", "proxy: …8080"],
  ["headers: { x-team: blue-and-secret-0001 }", "headers: { x-team: …0001 }"],
  ["url: https://user:passw0rd@llm.example.com/v1", "url: …m/v1"],
  ["whatever: somebody-knows-what-it-is", "whatever: …t-is"],
  [
    "models: [gpt-4o, claude-opus-4-5] # since 2026-01-01",
    "models: [gpt-4o, claude-opus-4-5] # since 2026-01-01",
  ],
  ["name: a # was AIzaSyD0123456789abcdef", "name: a # was …cdef"],
  ["name: a # http://me:passw0rd@10.0.0.1:8080/", "name: a # …080/"],
  ["name: a # hunter2hunter2abcdef", "name: a # …cdef"],
  ["name: a\n  #  key: correct-horse-battery", "name: a\n  #  key: …tery"],
  [
    "name: a # token: ${KEYCYCLE_TOKEN}   # what it gives",
    "name: a # token: ${KEYCYCLE_TOKEN}   # what it gives",
  ],
])("%p is shown as %p", (entry, shown) => {
  expect(shownFile(`# mine\napiKeys:\n- ${entry}\n`)).toBe(`# mine\napiKeys:\n- ${shown}\n`);
});

test("what is no YAML is not shown", () => {
  expect(shownFile("key: [sk-1\n- b")).toBeUndefined();
});
