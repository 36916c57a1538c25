import { expect, test } from "bun:test";

import { judgeEdit, type Version } from "../../../src/config/edit/judge-edit.ts";

const KEY = "  - { name: a, key: k-1, url: https://x.example }\n";

function version(keys: string): Version {
  const readKeysFile = () => ({ ok: false, reason: "does not exist" }) as const;
  return { text: `apiKeys:\n${keys}`, path: "k.yaml", env: {}, readKeysFile };
}

function judged(before: string, after: string) {
  const { broken, left, unset } = judgeEdit(version(before), version(after));
  return { broken: broken.map(({ message }) => message), left: left.map(({ message }) => message), unset };
}

test("what an edit breaks is told from what was broken before, wherever that stands now", () => {
  const slip = "  - { name: b, key: k-2, url: https://x.example, modles: [m] }\n";
  expect(judged(KEY + slip, slip)).toEqual({
    broken: [],
    left: [expect.stringContaining("apiKeys[0].modles is not a setting")],
    unset: [],
  });
  expect(judged(KEY + slip, KEY + slip + KEY)).toEqual({
    broken: [expect.stringContaining('apiKeys[2].name "a" is taken already')],
    left: [expect.stringContaining("modles")],
    unset: [],
  });
  expect(judged(KEY + slip, KEY)).toEqual({ broken: [], left: [], unset: [] });
});

test("a variable that is not set here is no error: the proxy may have it", () => {
  const withVariable = `${KEY}  - { key: "\${NEWV}", url: https://x.example }\n`;
  expect(judged(KEY, withVariable)).toEqual({ broken: [], left: [], unset: ["NEWV"] });
});
