import { describe, expect, test } from "bun:test";
import { renderDiagnostic } from "../../src/config/diagnostic.ts";
import { briefly, diagnosticsOf, ONE_KEY } from "./parse-text.ts";

function rendered(text: string, path = "keycycle.yaml"): string {
  return diagnosticsOf(text, { path }).map(renderDiagnostic).join("\n");
}

describe("an error is shown with its line, carets and advice", () => {
  test("an unknown field", () => {
    expect(rendered("apiKeys:\n  - key: k\n    url: https://x.example\n    modles: [gpt-4o]\n")).toBe(
      [
        'keycycle.yaml:4:5  apiKeys[0].modles is not a setting; did you mean "models"?',
        "    4 |     modles: [gpt-4o]",
        "      |     ^^^^^^",
      ].join("\n"),
    );
  });

  test("what to write instead", () => {
    expect(rendered(`${ONE_KEY}rotation: { deadline: 30 }`)).toBe(
      [
        "keycycle.yaml:2:23  rotation.deadline must be a duration such as 250ms, 15s, 5m or 1h30m: the unit is missing",
        "    2 | rotation: { deadline: 30 }",
        "      |                       ^^",
        "      = 30s",
      ].join("\n"),
    );
  });

  test("carets line up behind tabs", () => {
    const text =
      '{\n\t"apiKeys": [{"key": "k", "url": "https://x.example"}],\n\t"server": {\t"port": "x"}\n}';
    expect(rendered(text, "keycycle.json")).toEndWith(
      '    3 | \t"server": {\t"port": "x"}\n      | \t           \t        ^^^',
    );
  });

  test("carets line up behind wide characters, and columns count what a person sees as one", () => {
    const text = `${ONE_KEY}log: { "名前👩‍👧e\u0301": 1, levle: info }`;
    const [first, second] = diagnosticsOf(text);
    expect(second).toMatchObject({ line: 2, column: 19 });
    expect(second?.excerpt[1].length).toBe(Bun.stringWidth("log: { …: …, ") + "levle".length);
    expect(first).toMatchObject({ line: 2, column: 8 });
  });

  test("carets line up behind a secret that is masked", () => {
    expect(rendered('{"apiKeys":[{"key":"sk-very-secret","url":"nope"}]}', "config.json")).toEndWith(
      '    1 | {"apiKeys":[{"key":…,"url":"nope"}]}\n      |                            ^^^^^^',
    );
  });

  test("what would repaint a terminal is shown as a sign that does not", () => {
    const shown = rendered(`${ONE_KEY}log:\n  "\u001B[2Jle\u202Evel": info\n  level: "in\u0000\rfo"\n`);
    expect(["\u0000", "\r", "\u001B", "\u202E"].filter((sign) => shown.includes(sign))).toEqual([]);
    expect(rendered(`${ONE_KEY}log:\n  level: "in\u0000fo"\n`)).toEndWith(
      '    3 |   level: "in\uFFFDfo"\n      |          ^^^^^^^',
    );
  });

  test("a long line is cut to what surrounds the error", () => {
    const models = Array.from({ length: 500 }, (_, index) => `m${index}`).join(", ");
    const [, line = "", carets = ""] = rendered(
      `apiKeys: [{ key: k, models: [${models}], prioritty: 1, url: https://x.example }]`,
    ).split("\n");
    expect(line.length).toBeLessThan(160);
    expect(line.slice(carets.indexOf("^"), carets.lastIndexOf("^") + 1)).toBe("prioritty");
  });
});

/** Each broken config with all that is said about it. */
const BROKEN: [name: string, text: string, expected: string[]][] = [
  ["an empty file", "", ["1:1 the config needs apiKeys"]],
  ["no keys", "apiKeys: []\n", ["1:10 apiKeys holds no key"]],
  ["apiKeys left empty", "server:\n  port: 1\napiKeys:\n", ["3:1 apiKeys holds no key"]],
  ["a list as the file", "- a\n", ["1:1 the config must be a map of settings (name: value), not a list"]],
  [
    "a text as the file",
    "hello\n",
    ["1:1 the config must be a map of settings (name: value), not a single value"],
  ],
  [
    "a map for a list",
    "apiKeys:\n  key: k\n",
    ['2:3 apiKeys must be a list: entries that begin with "- ", not a map'],
  ],
  [
    "text for an entry",
    "apiKeys:\n  - abc\n",
    ["2:5 apiKeys[0] must be a map of settings (name: value), not a single value"],
  ],
  ["no url", "apiKeys:\n  - key: k\n    priority: 1\n", ["2:5 apiKeys[0] needs url"]],
  ["no secret", "apiKeys:\n  - url: https://x.example\n", ["2:5 apiKeys[0] needs key, keys or keysFile"]],
  [
    "nothing in an entry",
    "apiKeys:\n  - {}\n",
    ["2:5 apiKeys[0] needs key, keys or keysFile", "2:5 apiKeys[0] needs url"],
  ],
  ["no token", `${ONE_KEY}clients:\n  - name: me\n`, ["2:1", "3:5 clients[0] needs token"].slice(1)],
  ["an unknown field at the top", `${ONE_KEY}limits: {}\n`, ["2:1 limits is not a setting"]],
  ["a misspelt section", "apikeys:\n  - key: k\n", ['1:1 apikeys is not a setting; did you mean "apiKeys"?']],
  [
    "a field of a later version",
    `${ONE_KEY}rotation:\n  sharing: client\n`,
    ["3:3 rotation.sharing is not a setting"],
  ],
  [
    "a wrong port",
    `${ONE_KEY}server: { port: abc }\n`,
    ['2:17 server.port must be a whole number from 0 to 65535, not the text "abc"'],
  ],
  [
    "a port out of range",
    `${ONE_KEY}server: { port: 65536 }\n`,
    ["2:17 server.port must be a whole number from 0 to 65535, not the number 65536"],
  ],
  [
    "a port with a fraction",
    `${ONE_KEY}server: { port: 1.5 }\n`,
    ["2:17 server.port must be a whole number from 0 to 65535, not the number 1.5"],
  ],
  [
    "a port in quotes",
    `${ONE_KEY}server: { port: "80" }\n`,
    ['2:17 server.port must be a whole number from 0 to 65535, not the text "80"'],
  ],
  [
    "a list for a number",
    `${ONE_KEY}server: { port: [1] }\n`,
    ["2:17 server.port must be a single value, not a list"],
  ],
  [
    "infinity",
    `${ONE_KEY}server: { maxBody: .inf }\n`,
    ["2:20 server.maxBody must be a size such as 500KB, 64MB or 64MiB, not the number Infinity"],
  ],
  [
    "no room for a body",
    `${ONE_KEY}server: { maxBody: 0 }\n`,
    ["2:20 server.maxBody must be 1 byte or more, not the number 0"],
  ],
  [
    "a list of nothing but commas",
    "apiKeys: [{ keys: ' , ', url: https://x.example }]\n",
    ["1:19 apiKeys[0].keys is empty"],
  ],
  [
    "yes for true",
    `${ONE_KEY}server: { allowAnonymous: yes }\n`,
    ['2:27 server.allowAnonymous must be true or false, not the text "yes"'],
  ],
  [
    "a url for a host",
    `${ONE_KEY}server: { host: "http://x" }\n`,
    [
      '2:17 server.host must be a host name or address, without scheme, port or path, not the text "http://x"',
    ],
  ],
  [
    "a path in an origin",
    `${ONE_KEY}server: { cors: [https://x.example/a] }\n`,
    [
      '2:18 server.cors[0] must be an origin such as https://app.example.com, or "*", not the text "https://x.example/a"',
    ],
  ],
  ["nothing behind a colon", `${ONE_KEY}server:\n  port:\n`, ["3:3 server.port is empty"]],
  [
    "a negative duration",
    `${ONE_KEY}rotation: { timeouts: { idle: -5s } }\n`,
    ['2:31 rotation.timeouts.idle must be a duration such as 250ms, 15s, 5m or 1h30m, not the text "-5s"'],
  ],
  [
    "a timeout of nothing",
    `${ONE_KEY}rotation: { timeouts: { idle: 0s } }\n`,
    ['2:31 rotation.timeouts.idle must be more than 0s, not the text "0s"'],
  ],
  [
    "a strategy with a slip",
    `${ONE_KEY}rotation: { strategy: wieghted }\n`,
    [
      '2:23 rotation.strategy must be one of headroom, round-robin, least-busy, latency, weighted, not the text "wieghted"; did you mean "weighted"?',
    ],
  ],
  [
    "a request limit of nothing",
    "apiKeys: [{ key: k, url: https://x.example, limits: { rpm: 0 } }]",
    ["1:60 apiKeys[0].limits.rpm must be 1 or more, not the number 0"],
  ],
  [
    "a negative token limit",
    "apiKeys: [{ key: k, url: https://x.example, limits: { tpm: -1 } }]",
    ["1:60 apiKeys[0].limits.tpm must be a count such as 500, 10_000, 200k or 2M, not the number -1"],
  ],
  [
    "a token limit with an unknown unit",
    "apiKeys: [{ key: k, url: https://x.example, limits: { tpm: 2MB } }]",
    ['1:60 apiKeys[0].limits.tpm must be a count such as 500, 10_000, 200k or 2M, not the text "2MB"'],
  ],
  [
    "a daily limit with a fraction",
    "apiKeys: [{ key: k, url: https://x.example, limits: { rpd: 1.5 } }]",
    [
      "1:60 apiKeys[0].limits.rpd must be a count such as 500, 10_000, 200k or 2M, a whole number in the end, not the number 1.5",
    ],
  ],
  [
    "a daily limit that is too large",
    "apiKeys: [{ key: k, url: https://x.example, limits: { rpd: 99999999G } }]",
    [
      '1:60 apiKeys[0].limits.rpd must be a count such as 500, 10_000, 200k or 2M, and not that large, not the text "99999999G"',
    ],
  ],
  [
    "a concurrency of true",
    "apiKeys: [{ key: k, url: https://x.example, limits: { concurrency: true } }]",
    ["1:68 apiKeys[0].limits.concurrency must be a count such as 500, 10_000, 200k or 2M, not true"],
  ],
  [
    "a limit left empty",
    "apiKeys: [{ key: k, url: https://x.example, limits: { rpm: } }]",
    ["1:55 apiKeys[0].limits.rpm is empty"],
  ],
  [
    "a list for a limit",
    "apiKeys: [{ key: k, url: https://x.example, limits: { rpm: [1] } }]",
    ["1:60 apiKeys[0].limits.rpm must be a single value, not a list"],
  ],
  [
    "a limit with a slip",
    "apiKeys: [{ key: k, url: https://x.example, limits: { concurency: 4 } }]",
    ['1:55 apiKeys[0].limits.concurency is not a setting; did you mean "concurrency"?'],
  ],
  [
    "a short limit with a slip",
    "apiKeys: [{ key: k, url: https://x.example, limits: { rmp: 4 } }]",
    ['1:55 apiKeys[0].limits.rmp is not a setting; did you mean "rpm"?'],
  ],
  [
    "a limit of another kind",
    "apiKeys: [{ key: k, url: https://x.example, limits: { tokens: 4 } }]",
    ["1:55 apiKeys[0].limits.tokens is not a setting"],
  ],
  [
    "a number for the limits",
    "apiKeys: [{ key: k, url: https://x.example, limits: 500 }]",
    ["1:53 apiKeys[0].limits must be a map of settings (name: value), not a single value"],
  ],
  [
    "a wait without a unit",
    `${ONE_KEY}rotation: { maxWait: 15 }\n`,
    ["2:22 rotation.maxWait must be a duration such as 250ms, 15s, 5m or 1h30m: the unit is missing"],
  ],
  [
    "a negative wait",
    `${ONE_KEY}rotation: { maxWait: -1s }\n`,
    ['2:22 rotation.maxWait must be a duration such as 250ms, 15s, 5m or 1h30m, not the text "-1s"'],
  ],
  [
    "a wait past what a timer holds",
    `${ONE_KEY}rotation: { maxWait: 600h }\n`,
    ['2:22 rotation.maxWait must be a duration of at most 596h (24 days), not the text "600h"'],
  ],
  [
    "a deadline of 0",
    `${ONE_KEY}rotation: { deadline: 0 }\n`,
    ["2:23 rotation.deadline must be more than 0s, not the number 0"],
  ],
  [
    "a negative queue",
    `${ONE_KEY}rotation: { maxQueue: -1 }\n`,
    ["2:23 rotation.maxQueue must be a count such as 500, 10_000, 200k or 2M, not the number -1"],
  ],
  [
    "a queue with a fraction",
    `${ONE_KEY}rotation: { maxQueue: 0.5 }\n`,
    [
      "2:23 rotation.maxQueue must be a count such as 500, 10_000, 200k or 2M, a whole number in the end, not the number 0.5",
    ],
  ],
  [
    "a queue with a slip",
    `${ONE_KEY}rotation: { maxQeue: 5 }\n`,
    ['2:13 rotation.maxQeue is not a setting; did you mean "maxQueue"?'],
  ],
  [
    "a level with a slip",
    `${ONE_KEY}log: { level: wran }\n`,
    [
      '2:15 log.level must be one of debug, info, warn, error, silent, not the text "wran"; did you mean "warn"?',
    ],
  ],
  [
    "a provider with a slip",
    "apiKeys: [{ key: k, url: https://x.example, provider: opnai }]",
    [
      '1:55 apiKeys[0].provider must be one of openai, anthropic, gemini, azure, openrouter, groq, mistral, deepseek, xai, together, fireworks, compatible, not the text "opnai"; did you mean "openai"?',
    ],
  ],
  [
    "a weight of nothing",
    "apiKeys: [{ key: k, url: https://x.example, weight: 0 }]",
    ["1:53 apiKeys[0].weight must be a number above 0, not the number 0"],
  ],
  [
    "a url without a scheme",
    "apiKeys: [{ key: k, url: api.openai.com/v1 }]",
    ["1:26 apiKeys[0].url must be an address such as https://api.openai.com/v1: the scheme is missing"],
  ],
  [
    "a url with a password",
    "apiKeys: [{ key: k, url: https://u:p@x.example }]",
    ["1:26 apiKeys[0].url must not hold a user name or password"],
  ],
  [
    "a url with a query",
    "apiKeys: [{ key: k, url: https://x.example/?a=b }]",
    ["1:26 apiKeys[0].url must end with the path, without a query or fragment"],
  ],
  [
    "a url of another kind",
    "apiKeys: [{ key: k, url: ftp://x.example }]",
    [
      '1:26 apiKeys[0].url must be an address such as https://api.openai.com/v1, not the text "ftp://x.example"',
    ],
  ],
  [
    "white space in a key",
    "apiKeys: [{ key: k k, url: https://x.example }]",
    ["1:18 apiKeys[0].key holds white space, so it is not one key"],
  ],
  [
    "an ellipsis for a key",
    "apiKeys: [{ key: sk-…, url: https://x.example }]",
    ["1:18 apiKeys[0].key holds a character that no key has, such as a typographic quote or an ellipsis"],
  ],
  [
    "a number for a key",
    "apiKeys: [{ key: 123, url: https://x.example }]",
    ["1:18 apiKeys[0].key must be text"],
  ],
  ["an empty key", 'apiKeys: [{ key: "", url: https://x.example }]', ["1:18 apiKeys[0].key is empty"]],
  [
    "no models",
    "apiKeys: [{ key: k, url: https://x.example, models: [] }]",
    ["1:53 apiKeys[0].models is an empty list"],
  ],
  [
    "a header name with a space",
    "apiKeys: [{ key: k, url: https://x.example, headers: { a b: c } }]",
    ["1:56 apiKeys[0].headers.… is not the name of a header"],
  ],
  [
    "a header of the connection",
    "apiKeys: [{ key: k, url: https://x.example, headers: { Content-Length: '1' } }]",
    ["1:56 apiKeys[0].headers.Content-Length is set by KeyCycle itself"],
  ],
  [
    "no such keys file",
    "apiKeys: [{ keysFile: ./k.txt, url: https://x.example }]",
    ["1:23 apiKeys[0].keysFile: ./k.txt does not exist"],
  ],
  [
    "a name twice",
    "apiKeys:\n  - { name: a, key: k-1, url: https://x.example }\n  - { name: a, key: k-2, url: https://x.example }\n",
    [
      '3:13 apiKeys[1].name "a" is taken already by apiKeys[0].name (line 2, column 13); each name must be unique',
    ],
  ],
  [
    "a numbered name that is taken",
    "apiKeys:\n  - { name: a, keys: [k-1, k-2], url: https://x.example }\n  - { name: a-2, key: k-3, url: https://x.example }\n",
    [
      '3:13 apiKeys[1].name "a-2" is taken already by apiKeys[0].name (line 2, column 13); each name must be unique',
    ],
  ],
  [
    "a token twice",
    `${ONE_KEY}clients: [{ token: t }, { token: t }]`,
    [
      "2:34 clients[1].token is taken already by clients[0].token (line 2, column 20); each token must be unique",
    ],
  ],
  [
    "a missing variable",
    "apiKeys:\n  - key: ${NOPE}\n    url: https://x.example\n",
    ["2:10 apiKeys[0].key: NOPE is not set in the environment"],
  ],
  [
    "a missing variable inside a text",
    'apiKeys: [{ key: k, url: "https://${HOST}/v1" }]',
    ["1:35 apiKeys[0].url: HOST is not set in the environment"],
  ],
  [
    "a variable that is none",
    "apiKeys:\n  - key: ${1}\n    url: https://x.example\n",
    ['2:10 apiKeys[0].key: this is not a variable: write "${NAME}" or "${NAME:-default}"'],
  ],
  [
    "a variable without quotes in brackets",
    "apiKeys:\n  - keys: [${A}]\n    url: https://x.example\n",
    ["2:13 a variable within [ ] or { } must be in quotes"],
  ],
  [
    "a key of the map twice",
    "server: { port: 1 }\napiKeys: [{ key: k, url: https://x.example }]\nserver: { port: 2 }\n",
    ["3:1 server stands here for the second time; each setting may be given once"],
  ],
  [
    "an indentation that fits nothing",
    "server:\n    host: x\n  port: 1\n",
    ["3:3 port is not indented as what it belongs to"],
  ],
  [
    "a key of the map twice that may be a secret",
    "sk-abcdefgh: 1\nsk-abcdefgh: 2\n",
    [
      "1:1 … is not a setting",
      "1:1 the config needs apiKeys",
      "2:1 … stands here for the second time; each setting may be given once",
      "2:1 … is not a setting",
    ],
  ],
  ["a tab in YAML", "server:\n\tport: 1\n", ["2:1 a tab cannot indent YAML"]],
  ["an open quote", 'apiKeys:\n  - key: "k\n    url: x\n', ["2:10 this quote is never closed"]],
  ["an open bracket", '{"apiKeys": [\n {"key": "k"}\n', ["1:13 this bracket is never closed"]],
  [
    "a glob without quotes",
    "apiKeys: [{ key: k, url: https://x.example, models: [*-mini] }]",
    ["1:54 this is an alias of nothing; text that begins with *, as a glob may, must be in quotes"],
  ],
  [
    "two colons",
    "log: level: info\n",
    ["1:6 a second colon or list on one line, or an indentation that fits nothing"],
  ],
  ["two documents", `${ONE_KEY}---\nlog: {}\n`, ["2:1 a second document begins here; a config is one"]],
  [
    "CRLF line ends",
    "apiKeys:\r\n  - key: k\r\n    url: https://x.example\r\nserver:\r\n  prot: 1\r\n",
    ['5:3 server.prot is not a setting; did you mean "port"?'],
  ],
  [
    "a byte order mark",
    "\uFEFFsevrer: {}\napiKeys: [{ key: k, url: https://x.example }]",
    ['1:1 sevrer is not a setting; did you mean "server"?'],
  ],
  [
    "several, in the order of the file",
    "log: { level: 1 }\napiKeys:\n  - key: ''\n    url: x\nserver: { prot: 1 }\n",
    [
      "1:15 log.level must be one of debug, info, warn, error, silent, not the number 1",
      "3:10 apiKeys[0].key is empty",
      '4:10 apiKeys[0].url must be an address such as https://api.openai.com/v1, not the text "x"',
      '5:11 server.prot is not a setting; did you mean "port"?',
    ],
  ],
];

test.each(BROKEN)("%s", (_name, text, expected) => {
  expect(briefly(diagnosticsOf(text))).toEqual(expected);
});

const BROKEN_JSON: [name: string, text: string, expected: string[]][] = [
  [
    "a comment before the error",
    '// one\n{ /* two */ "apiKey": [] }',
    ['2:13 apiKey is not a setting; did you mean "apiKeys"?'],
  ],
  [
    "a comma missing",
    '{\n  "server": {},\n  "log": {}\n  "apiKeys": []\n}',
    ["4:3 a comma is missing before apiKeys"],
  ],
  [
    "a key twice",
    '{"log": {}, "log": {}, "apiKeys": [{"key":"k","url":"https://x.example"}]}',
    ["1:13 log stands here for the second time; each setting may be given once"],
  ],
  [
    "tabs before the error",
    '{\n\t"apiKeys": [{"key":"k","url":"https://x.example"}],\n\t"log": {"level": null}\n}',
    ["3:10 log.level is empty"],
  ],
];

test.each(BROKEN_JSON)("JSON with %s", (_name, text, expected) => {
  expect(briefly(diagnosticsOf(text, { path: "keycycle.json" }))).toEqual(expected);
});

test("a value from the environment is not told", () => {
  const text =
    "server: { port: '${PORT}' }\nlog: { level: '${PORT}' }\napiKeys:\n  - key: ${PORT}\n    url: ${PORT}\n";
  const diagnostics = diagnosticsOf(text, { env: { PORT: "hunter 2" } });
  expect(briefly(diagnostics)).toEqual([
    "1:17 server.port must be a whole number from 0 to 65535, not what the environment gives",
    "2:15 log.level must be one of debug, info, warn, error, silent, not what the environment gives",
    "4:10 apiKeys[0].key holds white space, so it is not one key",
    "5:10 apiKeys[0].url must be an address such as https://api.openai.com/v1, not what the environment gives",
  ]);
});

test("a keys file is told by line, never by content", () => {
  const text = "apiKeys: [{ keysFile: k.txt, url: https://x.example }]";
  const diagnostics = diagnosticsOf(text, { keysFiles: { "k.txt": "good\nsecret word\n" } });
  expect(briefly(diagnostics)).toEqual([
    "1:23 apiKeys[0].keysFile: line 2 of k.txt holds white space, so it is not one key",
  ]);
});
