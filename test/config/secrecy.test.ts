import { describe, expect, test } from "bun:test";
import * as fc from "fast-check";
import { renderDiagnostic } from "../../src/config/diagnostic.ts";
import { looksSecret } from "../../src/config/secrecy.ts";
import { shownFile } from "../../src/config/shown-file.ts";
import { diagnosticsOf } from "./parse-text.ts";

const SECRET = "q7Zp2LmXw9Kd4RtYb6NcHs8V";

function rendered(text: string, path: string): string {
  return diagnosticsOf(text, { path }).map(renderDiagnostic).join("\n");
}

/** Whether any eight characters in a row of the secret are shown. */
function leaks(shown: string): boolean {
  return Array.from({ length: SECRET.length - 7 }, (_, at) => SECRET.slice(at, at + 8)).some((part) =>
    shown.includes(part),
  );
}

describe("a secret is not shown", () => {
  test.each([
    ["beside an error in one line", `{"apiKeys":[{"key":"${SECRET}","url":"x"}]}`],
    ["in a list", `apiKeys: [{ keys: [${SECRET}, "${SECRET}"], url: x }]`],
    ["under a misspelt name", `apiKeys: [{ kye: ${SECRET}, url: x }]`],
    ["under an unknown name", `apiKeys: [{ credential: ${SECRET}, url: x }]`],
    ["in a misspelt section", `apikeys: [{ key: ${SECRET}, url: x }]`],
    ["under an anchor", `apiKeys: [{ key: &k ${SECRET}, name: *k, provider: *k, url: x }]`],
    ["with the sign of an anchor", `apiKeys: [{ key: &${SECRET}, url: x }]`],
    ["with the sign of an alias", `apiKeys: [{ key: *${SECRET}, url: x }]`],
    ["as a name of a setting", `apiKeys: [{ ${SECRET}: key, url: x }]`],
    [
      "in the wrong setting",
      `apiKeys: [{ key: x, url: ${SECRET}, name: ${SECRET}, priority: ${SECRET}, provider: ${SECRET} }]`,
    ],
    ["as the path of a keys file", `apiKeys: [{ keysFile: ${SECRET}, url: https://x.example }]`],
    ["instead of an entry", `apiKeys: [${SECRET}]`],
    ["instead of the list", `apiKeys: ${SECRET}`],
    ["instead of the file", SECRET],
    [
      "in a url",
      `apiKeys: [{ key: x, url: "https://x.example?key=${SECRET}" }, { key: x, url: "https://${SECRET}@x.example" }]`,
    ],
    ["in a header", `apiKeys: [{ key: x, url: x, headers: { authorization: ${SECRET}, a b: ${SECRET} } }]`],
    ["in a header's name", `apiKeys: [{ key: x, url: x, headers: { "a: ${SECRET}": b } }]`],
    ["in a proxy", `apiKeys: [{ key: x, url: x, proxy: "${SECRET}" }]`],
    ["in a token that is there twice", `clients: [{ token: ${SECRET} }, { token: ${SECRET} }]`],
    ["in a default", `apiKeys: [{ key: "\${NOPE}\${NOPE:-${SECRET}}", url: x }]`],
    ["in a comment", `apiKeys: # ${SECRET}\n - url: x # ${SECRET}\n`],
    ["behind an open quote", `apiKeys:\n  - key: "${SECRET}\n    url: x\n`],
    ["with a colon behind it", `apiKeys:\n  - key: ${SECRET}: x\n`],
    ["with a tab in front", `apiKeys:\n\t- key: ${SECRET}\n`],
    ["beside a missing variable", `apiKeys: [{ key: ${SECRET}, url: "\${NOPE}" }]`],
    ["in a block scalar", `apiKeys:\n  - key: |\n      ${SECRET} ${SECRET}\n    url: x\n`],
  ])("%s", (_name, text) => {
    const shown = rendered(text, "keycycle.yaml");
    expect(shown).not.toBe("");
    expect(leaks(shown)).toBe(false);
    expect(leaks(shownFile(text) ?? "")).toBe(false);
  });

  const YAML = `server:
  port: 80
clients:
  - name: me
    token: ${SECRET}
apiKeys:
  - name: a
    key: "${SECRET}"
    url: https://api.openai.com # ${SECRET}
    headers: { X-A: ${SECRET}, X-B: b }
  - keys: [${SECRET}, ${SECRET}x]
    url: https://x.example
    proxy: http://u:${SECRET}@10.0.0.5
`;
  const JSON_TEXT = `{"apiKeys":[{"key":"${SECRET}","url":"https://x.example"},{"keys":["${SECRET}"],"url":"https://x.example"}]}`;

  test.each([
    ["keycycle.yaml", YAML],
    ["keycycle.json", JSON_TEXT],
  ])("however %s is broken", (path, text) => {
    const edit = fc.record({
      at: fc.nat(text.length),
      remove: fc.nat(6),
      insert: fc.constantFrom(
        "",
        "\n",
        "\t",
        '"',
        "'",
        ":",
        ": ",
        "{",
        "}",
        "[",
        "]",
        ",",
        "#",
        " ",
        "*",
        "&",
        "- ",
        "|",
        "x",
      ),
    });
    fc.assert(
      fc.property(fc.array(edit, { minLength: 1, maxLength: 3 }), (edits) => {
        let broken = text;
        for (const { at, remove, insert } of edits) {
          // Only around the secrets: whoever cuts one in two has two texts that nobody can tell.
          const inside = [...broken.matchAll(new RegExp(SECRET, "g"))].some(
            ({ index }) => at + remove > index && at < index + SECRET.length,
          );
          if (!inside) broken = broken.slice(0, at) + insert + broken.slice(at + remove);
        }
        expect(leaks(rendered(broken, path))).toBe(false);
      }),
      { numRuns: 1_000 },
    );
  });
});

test.each([
  ["sk-proj-abc", true],
  ["AIzaSyA1234", true],
  ["Bearer x", true],
  [SECRET, true],
  ["0123456789abcdef0123456789abcdef", true],
  [`https://x.example ${SECRET}`, true],
  ["gpt-4o-mini", false],
  ["claude-opus-4-5-20251101", false],
  ["meta-llama/Llama-3.3-70B-Instruct", false],
  ["https://api.openai.com/v1", false],
])("%s looks like a secret: %p", (text, expected) => {
  expect(looksSecret(text)).toBe(expected);
});
