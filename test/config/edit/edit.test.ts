import { describe, expect, test } from "bun:test";
import { array, assert, boolean, constantFrom, integer, property, record, tuple } from "fast-check";

import { addKey } from "../../../src/config/edit/add-key.ts";
import { keySpots } from "../../../src/config/edit/key-spots.ts";
import { yamlOf } from "../../../src/config/edit/key-list.ts";
import { removeKey, type Removal } from "../../../src/config/edit/remove-key.ts";
import { configOf } from "../parse-text.ts";
import { SAMPLES } from "./samples.ts";

const NEW = {
  name: "new-one",
  key: "${NEW_KEY}",
  url: "https://api.groq.com/openai",
  models: ["llama-*", "others"],
};

function options(path = "keycycle.yaml", keysFile?: string) {
  const readKeysFile = () =>
    keysFile === undefined
      ? ({ ok: false, reason: "does not exist" } as const)
      : ({ ok: true, text: keysFile, mark: "" } as const);
  return { path, env: {}, readKeysFile };
}

function namesOf(text: string, path?: string): string[] | undefined {
  const { env, readKeysFile } = options();
  return keySpots(yamlOf(text, path ?? ""), env, readKeysFile)?.map(({ name }) => name);
}

function added(text: string, path = "keycycle.yaml"): string {
  const edited = addKey(text, path, NEW);
  if (edited === undefined) throw new Error(`no key could be added to:\n${text}`);
  return edited;
}

function removed(text: string, name: string, path?: string): string {
  const removal = removeKey(text, name, options(path));
  if (removal.kind !== "config") throw new Error(`${JSON.stringify(removal)} for ${name} of:\n${text}`);
  return removal.text;
}

/** The stretches of `before` that are not in `after`; undefined where more was done than taking out. */
function takenOut(before: string, after: string): string | undefined {
  let taken = "";
  let at = 0;
  for (const character of before) {
    if (after.startsWith(character, at)) at += character.length;
    else taken += character;
  }
  return at === after.length ? taken : undefined;
}

describe.each([...SAMPLES])("$title", ({ text, names, path }) => {
  test("its keys are found by name", () => {
    expect(namesOf(text, path)).toEqual([...names]);
  });

  test("a key is added, and everything else is as it was", () => {
    const after = added(text, path);
    expect(namesOf(after, path)).toEqual([...names, "new-one"]);
    expect(takenOut(after, text)).toBeDefined();
    const config = configOf(after, { path: path ?? "keycycle.yaml", env: { NEW_KEY: "gsk_1" } });
    expect(config.keys.at(-1)).toMatchObject({
      name: "new-one",
      secret: "gsk_1",
      url: NEW.url,
      models: NEW.models,
    });
  });

  test("what was added is removed to the byte", () => {
    expect(removed(added(text, path), "new-one", path)).toBe(text);
  });

  test.each([...names])("%s is removed, and nothing else", (name) => {
    const removal = removeKey(text, name, options(path));
    if (text.includes("&base") && name === "a") {
      expect(removal).toMatchObject({ kind: "refused", problem: expect.stringContaining("anchor") });
      return;
    }
    const after = removed(text, name, path);
    const secretOf = (key: { secret: string }) => key.secret;
    const given = { path: path ?? "keycycle.yaml" };
    const before = configOf(text, given).keys;
    const left = before.filter((key) => key.name !== name);
    expect(configOf(after, given).keys.map(secretOf)).toEqual(left.map(secretOf));
    expect(takenOut(text, after)).toBeDefined();
  });
});

describe("a list that is not there yet", () => {
  test.each([
    ["an empty file", ""],
    ["comments only", "# keys\n"],
    ["other settings", "server:\n  port: 1\n"],
    ["no line break at the end", "server: { port: 1 }"],
    ["CRLF", "server:\r\n  port: 1\r\n"],
    ["nothing behind its colon", "apiKeys:\nserver:\n  port: 1\n"],
    ["a comment behind its colon", "apiKeys:  # none yet\n  # - key: x\n"],
    ["empty brackets", "apiKeys: []\nserver: {}\n"],
  ])("%s", (_, text) => {
    const after = added(text);
    expect(configOf(after, { env: { NEW_KEY: "k" } }).keys.map(({ name }) => name)).toEqual(["new-one"]);
    expect(takenOut(after, text)).toBeDefined();
    expect(after.replaceAll("\r\n", "").includes("\r")).toBe(false);
    if (text.includes("\r\n")) expect(after.replaceAll("\r\n", "")).not.toContain("\n");
  });

  test.each(["{}", '{ "server": { "port": 1 } }', '{\n  "server": {}\n}\n'])("in JSON: %s", (text) => {
    const after = added(text, "keycycle.json");
    JSON.parse(after);
    expect(configOf(after, { path: "keycycle.json", env: { NEW_KEY: "k" } }).keys).toHaveLength(1);
  });
});

test.each([
  ["not YAML", "apiKeys: [\n"],
  ["a text", "hello\n"],
  ["a map for the list", "apiKeys: { key: k }\n"],
  ["an alias for the list", "x: &x [{ key: k, url: https://x.example }]\napiKeys: *x\n"],
])("%s is left alone", (_, text) => {
  expect(addKey(text, "keycycle.yaml", NEW)).toBeUndefined();
});

describe("an entry of several keys", () => {
  const entry = (keys: string) =>
    `apiKeys:\n  - name: pool\n    keys: ${keys}\n    url: https://x.example\n  - key: z\n    url: https://x.example\n`;

  test.each([
    ["[k1, k2, k3]", "pool-1", "[k2, k3]"],
    ["[k1, k2, k3]", "pool-2", "[k1, k3]"],
    ["[ k1, k2, k3 ]", "pool-3", "[ k1, k2 ]"],
    ["k1, k2, k3", "pool-2", "k1, k3"],
    ['"k1 k2 k3"', "pool-3", '"k1 k2"'],
    ["\n      - k1 # one\n      - k2\n      - k3", "pool-2", "\n      - k1 # one\n      - k3"],
    ['["${A}", "${B}"]', "pool-1", '["${B}"]'],
    [">-\n      k1\n      k2\n      k3", "pool-2", ">-\n      k1\n      k3"],
    [">-\n      k1\n      k2\n      k3", "pool-1", ">-\n      k2\n      k3"],
    ["|- # mine\n      k1 k2\n      k3", "pool-3", "|- # mine\n      k1 k2"],
  ])("%j without %s is %j", (before, name, after) => {
    expect(removed(entry(before), name)).toBe(entry(after));
  });

  test("goes as a whole by its own name", () => {
    const text = entry("[k1, k2]");
    const removal = removeKey(text, "pool", options());
    expect(removal).toMatchObject({ kind: "config", names: ["pool-1", "pool-2"] });
    expect(removed(text, "pool")).toBe("apiKeys:\n  - key: z\n    url: https://x.example\n");
  });

  test("loses a line of its file", () => {
    const text = "apiKeys:\n  - name: pool\n    keysFile: ./keys.txt\n    url: https://x.example\n";
    const file = "# mine\nk1\n\nk2 # two\nk3";
    const removal = (name: string): Removal => removeKey(text, name, options("keycycle.yaml", file));
    expect(removal("pool-2")).toEqual({
      kind: "keys-file",
      path: "./keys.txt",
      text: "# mine\nk1\n\nk3",
      mark: "",
      names: ["pool-2"],
    });
    expect(removal("pool-3")).toMatchObject({ text: "# mine\nk1\n\nk2 # two\n" });
  });

  test("that a variable holds is the variable's", () => {
    const text = "apiKeys:\n  - name: pool\n    keys: ${ALL}\n    url: https://x.example\n";
    const removal = removeKey(text, "pool-2", { ...options(), env: { ALL: "k1,k2,k3" } });
    expect(removal).toMatchObject({
      kind: "refused",
      problem: expect.stringContaining("comes from the variable ALL"),
    });
  });
});

describe("what cannot be removed is said", () => {
  const text = "apiKeys:\n  - name: work\n    key: k\n    url: https://x.example\n";

  test.each([
    ["wrok", 'did you mean "work"?'],
    ["zzz", "there are work"],
    ["work", "add another before"],
  ])("%s: %s", (name, says) => {
    expect(removeKey(text, name, options())).toMatchObject({
      kind: "refused",
      problem: expect.stringContaining(says),
    });
  });
});

test("whatever a hand-written file looks like, adding and removing a key leave every other byte", () => {
  const entry = record({
    style: constantFrom("block", "braces", "dash alone"),
    comment: constantFrom("", " # a: b", "   #"),
    below: constantFrom([], ["# inner"], ["", "# after a gap"]),
    blank: boolean(),
    quoted: boolean(),
    gap: integer({ min: 1, max: 4 }),
  });
  const file = record({
    indent: integer({ min: 0, max: 6 }),
    eol: constantFrom("\n", "\r\n"),
    head: constantFrom([], ["# head"], ["---"], ["server:", "  port: 1"], ["log: { level: info } # é"]),
    tail: constantFrom([], [""], ["# tail"], ["", "rotation:", "  maxWait: 1s"], ["clients:", "- token: t"]),
    ending: boolean(),
    entries: array(entry, { minLength: 2, maxLength: 5 }),
  });
  assert(
    property(
      tuple(file, integer({ min: 0, max: 4 })),
      ([{ indent, eol, head, tail, ending, entries }, pick]) => {
        const dash = " ".repeat(indent);
        const lines = entries.flatMap(({ style, comment, below, blank, quoted, gap }, index) => {
          const inner = " ".repeat(indent + 1 + gap);
          const key = quoted ? `"k-${index}"` : `k-${index}`;
          const body =
            style === "braces"
              ? [
                  `${dash}-${" ".repeat(gap)}{ name: n${index}, key: ${key}, url: https://x.example }${comment}`,
                ]
              : [
                  ...(style === "block"
                    ? [`${dash}-${" ".repeat(gap)}name: n${index}${comment}`]
                    : [`${dash}-${comment}`, `${inner}name: n${index}`]),
                  `${inner}key: ${key}`,
                  `${inner}url: https://x.example${comment}`,
                ];
          return [...body, ...below.map((line) => (line === "" ? "" : inner + line)), ...(blank ? [""] : [])];
        });
        const text = [...head, "apiKeys:", ...lines, ...tail].join(eol) + (ending ? eol : "");
        const after = added(text);
        expect(namesOf(after)).toEqual([...entries.keys().map((index) => `n${index}`), "new-one"]);
        expect(removed(after, "new-one")).toBe(text);
        const name = `n${pick % entries.length}`;
        const without = removed(text, name);
        expect(takenOut(text, without)).toBeDefined();
        // Every line that is left is a line that was there, in its order.
        const left = without.split(eol);
        let at = 0;
        for (const line of text.split(eol)) if (line === left[at]) at += 1;
        expect(at).toBe(left.length);
        expect(configOf(without).keys.map((key) => key.name)).toEqual(
          [...entries.keys()].map((index) => `n${index}`).filter((other) => other !== name),
        );
      },
    ),
    { numRuns: 300 },
  );
});
