import { describe, expect, test } from "bun:test";
import { parseEnv } from "node:util";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { array, assert, property, string } from "fast-check";

import { addVariables, fitsDotEnv } from "../../src/config/dot-env.ts";
import { temporaryFolder } from "./temporary-folder.ts";

describe("variables put behind what is there", () => {
  test.each([
    ["", "# by keycycle\nA=sk-1\n"],
    ["B=2\n", "B=2\n\n# by keycycle\nA=sk-1\n"],
    ["B=2\r\nC=3\r\n", "B=2\r\nC=3\r\n\r\n# by keycycle\r\nA=sk-1\r\n"],
    ["B=2", "B=2\n\n# by keycycle\nA=sk-1\n"],
  ])("behind %j", (before, after) => {
    expect(addVariables(before, new Map([["A", "sk-1"]]), "by keycycle")).toBe(after);
  });

  test("none leave the file alone", () => {
    expect(addVariables("B=2", new Map(), "by keycycle")).toBe("B=2");
  });
});

describe("what fits is read as it was written", () => {
  const HARD = ["a#b", "a'b", 'a"b', "a\\b", "a`b", "'x'", '"x"', "a=b", "~", "a'`", "#", "\\n"];

  test("by Node's rules, whatever signs a key has", () => {
    const sign = string({ minLength: 1, maxLength: 40, unit: "binary-ascii" }).filter((text) =>
      /^[!-~]+$/.test(text),
    );
    assert(
      property(array(sign.filter(fitsDotEnv), { minLength: 1, maxLength: 5 }), (values) => {
        const variables = new Map(values.map((value, index) => [`V${index}`, value]));
        expect(parseEnv(addVariables("", variables, "keys"))).toEqual(Object.fromEntries(variables));
      }),
    );
  });

  test("and by Bun's", () => {
    const folder = temporaryFolder();
    const variables = new Map(HARD.filter(fitsDotEnv).map((value, index) => [`V${index}`, value]));
    writeFileSync(join(folder, ".env"), addVariables("", variables, "keys"));
    const print =
      "console.log(JSON.stringify(Object.entries(process.env).filter(([name]) => /^V\\d+$/.test(name))))";
    const { stdout } = Bun.spawnSync([process.execPath, "-e", print], { cwd: folder, env: {} });
    expect(Object.fromEntries(JSON.parse(stdout.toString()))).toEqual(Object.fromEntries(variables));
  });

  test.each(["a$b", "a'$HOME", "a'b\"c", "a\nb"])("%j does not fit", (value) => {
    expect(fitsDotEnv(value)).toBe(false);
  });
});
