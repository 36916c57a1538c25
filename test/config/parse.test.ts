import { NO_LIMITS } from "../../src/config/config.ts";
import { describe, expect, test } from "bun:test";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import {
  STRATEGY_NAMES,
  type LimitsConfig,
  type RotationConfig,
  type StateConfig,
} from "../../src/config/config.ts";
import { renderDiagnostics } from "../../src/config/invalid-config.ts";
import { briefly, configOf, diagnosticsOf, ONE_KEY, parse } from "./parse-text.ts";

const SEED = '{"apiKeys":[{"key":"k-1","url":"https://api.openai.com/v1","models":"gpt-4, others"}]}';

describe("the seed's file", () => {
  test("loads as it is", () => {
    expect(configOf(SEED, { path: "config.json" })).toEqual({
      source: { kind: "file", path: "config.json" },
      server: {
        host: "127.0.0.1",
        port: 3456,
        maxBodyBytes: 64_000_000,
        maxHeldBytes: 256_000_000,
        readTimeoutMs: 30_000,
        maxRequests: 20_000,
        drainTimeoutMs: 30_000,
        cors: [],
        hostnames: [],
        allowAnonymous: false,
        responseHeaders: true,
      },
      clients: [],
      keys: [
        {
          name: "openai-1",
          secret: "k-1",
          url: "https://api.openai.com/v1",
          models: ["gpt-4", "others"],
          provider: "openai",
          account: undefined,
          priority: 0,
          weight: 1,
          limits: { rpm: undefined, tpm: undefined, rpd: undefined, concurrency: undefined },
          headers: {},
          proxy: undefined,
        },
      ],
      aliases: [],
      rotation: {
        strategy: "headroom",
        affinity: "prompt-cache",
        maxAttempts: 4,
        deadlineMs: 300_000,
        maxWaitMs: 15_000,
        maxQueue: 1_000,
        probeAfterMs: 60_000,
        timeouts: { connectMs: 5_000, firstByteMs: 120_000, idleMs: 120_000 },
      },
      state: { kind: "file", path: "./keycycle.db" },
      history: { keep: 10_000, maxAgeMs: 7 * 86_400_000 },
      admin: { token: undefined },
      log: { level: "info", format: "auto" },
    });
  });

  test("its models may be a list", () => {
    const listed = SEED.replace('"gpt-4, others"', '["gpt-4", "others"]');
    expect(configOf(listed, { path: "config.json" }).keys[0]?.models).toEqual(["gpt-4", "others"]);
  });
});

test("the example loads, and shows the defaults it claims", () => {
  const example = readFileSync(join(import.meta.dir, "../../keycycle.yaml.example"), "utf8");
  const names = [
    "OPENAI_API_KEY",
    "ANTHROPIC_API_KEY",
    "GEMINI_KEY_A",
    "GEMINI_KEY_B",
    "SPARE_API_KEY",
    "KEYCYCLE_TOKEN",
    "KEYCYCLE_ADMIN_TOKEN",
  ];
  const env = Object.fromEntries(names.map((name) => [name, `value-of-${name}`]));
  const config = configOf(example, { env });
  expect(config.keys.map((key) => key.name)).toEqual([
    "openai-1",
    "anthropic",
    "gemini-free-1",
    "gemini-free-2",
    "spare",
  ]);
  expect(config.keys.at(-1)?.limits).toEqual({ rpm: 500, tpm: 200_000, rpd: 10_000, concurrency: 8 });
  const uncommented = example
    .slice(example.indexOf("# Who may use"))
    .replaceAll(/^# (?=[a-z ]*[a-z]+:|  +[-\w])/gm, "")
    .replaceAll(/^clients:[\s\S]*?(?=^aliases:)/gm, "");
  const { aliases, server, rotation, state, log } = configOf(`${uncommented}\n${ONE_KEY}`, { env });
  expect({ server, rotation, state, log }).toEqual({
    server: config.server,
    rotation: config.rotation,
    state: config.state,
    log: config.log,
  });
  expect(aliases.map(({ name, models }) => [name, ...models])).toEqual([
    ["fast", "gpt-4o-mini"],
    ["best", "claude-opus-4-5", "gpt-5"],
    ["gpt-5", "gpt-5", "gpt-4o"],
  ]);
  expect(uncommented).toContain("\nserver:");
  expect(uncommented).toContain("\nstate:");
});

describe("forms of a file", () => {
  test.each([
    [
      "comments",
      '// one\n{ /* two\n */ "apiKeys": [ // https://x\n {"key": "k-1", "url": "https://api.openai.com"} ] }',
    ],
    ["trailing commas", '{"apiKeys":[{"key":"k-1","url":"https://api.openai.com",},],}'],
    [
      "tabs",
      '{\n\t"apiKeys": [\n\t\t{\n\t\t\t"key": "k-1",\n\t\t\t"url": "https://api.openai.com"\n\t\t}\n\t]\n}\n',
    ],
    ["CRLF", '{\r\n  "apiKeys": [\r\n    {"key": "k-1", "url": "https://api.openai.com"}\r\n  ]\r\n}\r\n'],
    ["a byte order mark", '\uFEFF{"apiKeys":[{"key":"k-1","url":"https://api.openai.com"}]}'],
    [
      "comment signs in strings",
      '{"apiKeys":[{"key":"k-1","url":"https://api.openai.com","models":"a/*b*/c \\" // d"}]}',
    ],
    [
      "a schema for editors",
      '{"$schema":"./keycycle.schema.json","apiKeys":[{"key":"k-1","url":"https://api.openai.com"}]}',
    ],
    ["escapes", '{"apiKeys":[{"key":"k\\u002d1","url":"https:\\/\\/api.openai.com"}]}'],
  ])("JSON with %s", (_name, text) => {
    const [key] = configOf(text, { path: "keycycle.json" }).keys;
    expect([key?.secret, key?.url]).toEqual(["k-1", "https://api.openai.com"]);
  });

  test.each([
    ["CRLF", "apiKeys:\r\n  - key: k-1\r\n    url: https://api.openai.com\r\n"],
    ["a byte order mark", "\uFEFFapiKeys:\n  - key: k-1\n    url: https://api.openai.com\n"],
    ["a schema", "$schema: ./keycycle.schema.json\napiKeys: [{ key: k-1, url: https://api.openai.com }]"],
    ["flow", "apiKeys: [{ key: k-1, url: https://api.openai.com }]"],
    ["quotes", "\"apiKeys\":\n- 'key': 'k-1'\n  url: \"https://api.openai.com\""],
    ["a block scalar", "apiKeys:\n  - key: |\n      k-1\n    url: https://api.openai.com\n"],
    [
      "a document start and comments",
      "--- # hello\n# there\napiKeys:\n  - key: k-1 # mine\n    url: https://api.openai.com\n",
    ],
    ["sections without content", `${ONE_KEY}server:\nclients:\nlog:\nrotation:\n  timeouts:\n`],
  ])("YAML with %s", (_name, text) => {
    const [key] = configOf(text).keys;
    expect([key?.secret, key?.url]).toEqual(["k-1", "https://api.openai.com"]);
  });

  test("YAML anchors, aliases and merge keys", () => {
    const { keys } = configOf(`apiKeys:
  - &first
    key: k-1
    url: https://api.openai.com
    models: &models [gpt-4o, "gpt-5*"]
    priority: 2
  - <<: *first
    key: k-2
  - key: k-3
    url: https://llm.example
    models: *models
  - <<: [{ priority: 5 }, *first]
    key: k-4
`);
    expect(keys.map(({ secret, url, priority }) => [secret, url, priority])).toEqual([
      ["k-1", "https://api.openai.com", 2],
      ["k-2", "https://api.openai.com", 2],
      ["k-3", "https://llm.example", 0],
      ["k-4", "https://api.openai.com", 5],
    ]);
    expect(keys[2]?.models).toEqual(["gpt-4o", "gpt-5*"]);
  });

  test("aliases that multiply are stopped", () => {
    const models = Array(1_500).fill("m").join(", ");
    const entries = Array(1_500).fill("*e").join(", ");
    const text = `apiKeys: [&e { url: https://x.example, key: k, models: [${models}] }, ${entries}]`;
    expect(briefly(diagnosticsOf(text))[0]).toEndWith("the aliases multiply to more than a config can hold");
  });

  test("an alias that holds itself ends", () => {
    expect(parse("apiKeys: &a [*a]").ok).toBe(false);
    expect(parse("apiKeys:\n - &a\n   <<: *a\n   key: k").ok).toBe(false);
  });
});

describe("variables", () => {
  test("fill in text, numbers, booleans, choices, durations", () => {
    const env = {
      PORT: "8080",
      ANON: "true",
      LEVEL: "warn",
      WAIT: "5s",
      URL: "https://api.openai.com/",
      KEY: " k-1\n",
    };
    const config = configOf(
      "server: { port: '${PORT}', allowAnonymous: '${ANON}', readTimeout: '${WAIT}' }\nlog: { level: '${LEVEL}' }\n" +
        "apiKeys:\n  - key: ${KEY}\n    url: ${URL}\n",
      { env },
    );
    expect(config.server).toMatchObject({ port: 8080, allowAnonymous: true, readTimeoutMs: 5_000 });
    expect(config.log.level).toBe("warn");
    expect(config.keys[0]).toMatchObject({ secret: "k-1", url: "https://api.openai.com" });
  });

  test("a list of keys in one variable becomes one key each", () => {
    const text = "apiKeys:\n  - keys: ${KEYS}\n    url: https://api.openai.com\n";
    const { keys } = configOf(text, { env: { KEYS: "k-1,k-2, k-3\nk-4" } });
    expect(keys.map((key) => `${key.name}=${key.secret}`)).toEqual([
      "openai-1=k-1",
      "openai-2=k-2",
      "openai-3=k-3",
      "openai-4=k-4",
    ]);
  });

  test("only a secret in the file itself counts as literal", () => {
    const fromEnv = parse("apiKeys:\n  - key: ${K}\n    url: https://x.example", { env: { K: "k-1" } });
    expect(fromEnv).toMatchObject({ ok: true, literalSecrets: false });
    expect(parse(ONE_KEY)).toMatchObject({ ok: true, literalSecrets: true });
  });
});

describe("keys", () => {
  test("key, keys and keysFile add up, in this order", () => {
    const { keys } = configOf(
      "apiKeys: [{ name: a, key: k-1, keys: [k-2, 'k-3,k-4'], keysFile: k.txt, url: https://x.example }]",
      { keysFiles: { "k.txt": "\uFEFF# mine\r\n\r\nk-5 # old\r\n  k-6\r\n" } },
    );
    expect(keys.map((key) => `${key.name}=${key.secret}`)).toEqual(
      [1, 2, 3, 4, 5, 6].map((n) => `a-${n}=k-${n}`),
    );
  });

  test("default names count by provider and dodge those that are given", () => {
    const { keys } = configOf(`apiKeys:
  - { key: k-1, url: https://api.openai.com }
  - { key: k-2, url: https://generativelanguage.googleapis.com }
  - { key: k-3, url: https://api.openai.com }
  - { key: k-4, url: https://api.openai.com, name: openai-2 }
  - { key: k-5, url: https://api.openai.com, name: mine }
  - { key: k-6, url: https://llm.example }
`);
    const names = keys.map((key) => key.name);
    expect(names).toEqual(["openai-1", "gemini-1", "openai-3", "openai-2", "mine", "compatible-1"]);
  });

  test("header names are lower-cased, the proxy may have credentials", () => {
    const [key] = configOf(
      "apiKeys: [{ key: k, url: https://x.example, headers: { OpenAI-Organization: org 1 }, proxy: 'http://u:p@10.0.0.5:8080' }]",
    ).keys;
    expect(key).toMatchObject({
      headers: { "openai-organization": "org 1" },
      proxy: "http://u:p@10.0.0.5:8080",
    });
  });

  test("the same secret many times for one url is one warning", () => {
    const result = parse("apiKeys: [{ keys: [k-1, k-2, k-1, k-1, k-1], url: https://x.example }]");
    expect(result).toMatchObject({
      ok: true,
      warnings: [
        "compatible-1, compatible-3 and 2 more are the same key for https://x.example: one of them is enough",
      ],
    });
  });

  test("the same secret twice for one url is a warning", () => {
    const result = parse(
      "apiKeys: [{ keys: [k-1, k-1], url: https://x.example }, { key: k-1, url: https://y.example }]",
    );
    expect(result).toMatchObject({
      ok: true,
      warnings: [
        "compatible-1 and compatible-2 are the same key for https://x.example: one of them is of no use",
      ],
    });
  });

  test.each([
    ["https://api.openai.com/", "https://api.openai.com"],
    ["https://API.openai.com:443/v1//", "https://api.openai.com/v1"],
    ["http://localhost:11434", "http://localhost:11434"],
    ["http://[::1]:80/x", "http://[::1]/x"],
  ])("the url %s is kept as %s", (written, expected) => {
    expect(configOf(`apiKeys: [{ key: k, url: "${written}" }]`).keys[0]?.url).toBe(expected);
  });
});

test("clients get names and all models by default", () => {
  const config = configOf(
    `${ONE_KEY}clients: [{ token: t-1 }, { name: client-2, token: t-2, models: "a, b" }, { token: t-3 }]`,
  );
  expect(config.clients).toEqual([
    { name: "client-1", token: "t-1", models: ["*"], limits: NO_LIMITS },
    { name: "client-2", token: "t-2", models: ["a", "b"], limits: NO_LIMITS },
    { name: "client-3", token: "t-3", models: ["*"], limits: NO_LIMITS },
  ]);
});

describe("limits", () => {
  const NONE = { rpm: undefined, tpm: undefined, rpd: undefined, concurrency: undefined };

  function limitsOf(written: string, env: Record<string, string> = {}): LimitsConfig | undefined {
    return configOf(`apiKeys: [{ key: k, url: https://x.example, limits: ${written} }]`, { env }).keys[0]
      ?.limits;
  }

  test.each<[string, Partial<LimitsConfig>]>([
    ["{}", {}],
    ["", {}],
    ["{ rpm: 500 }", { rpm: 500 }],
    ["{ rpm: 1, concurrency: 1 }", { rpm: 1, concurrency: 1 }],
    ["{ tpm: 200k }", { tpm: 200_000 }],
    ["{ tpm: 2M }", { tpm: 2_000_000 }],
    ["{ tpm: 1.5k }", { tpm: 1_500 }],
    ["{ rpd: 10_000 }", { rpd: 10_000 }],
    ['{ rpm: "500" }', { rpm: 500 }],
    [
      "{ rpm: 60, tpm: 1M, rpd: 1k, concurrency: 4 }",
      { rpm: 60, tpm: 1_000_000, rpd: 1_000, concurrency: 4 },
    ],
  ])("%s", (written, expected) => {
    expect(limitsOf(written)).toStrictEqual({ ...NONE, ...expected });
  });

  test("may come from the environment", () => {
    expect(limitsOf("{ tpm: '${TPM}' }", { TPM: "2M" })).toEqual({ ...NONE, tpm: 2_000_000 });
  });

  test("hold for each key of an entry, and for no other entry", () => {
    const { keys } = configOf(
      "apiKeys: [{ keys: [k-1, k-2], url: https://x.example, limits: { rpm: 5 } }, { key: k-3, url: https://x.example }]",
    );
    expect(keys.map((key) => key.limits.rpm)).toEqual([5, 5, undefined]);
  });

  test("in JSON", () => {
    const text =
      '{"apiKeys":[{"key":"k","url":"https://x.example","limits":{"rpm":500,"tpm":"200k"}}],"rotation":{"maxWait":0}}';
    const { keys, rotation } = configOf(text, { path: "keycycle.json" });
    expect(keys[0]?.limits).toEqual({ ...NONE, rpm: 500, tpm: 200_000 });
    expect(rotation.maxWaitMs).toBe(0);
  });
});

describe("rotation", () => {
  test.each([...STRATEGY_NAMES])("strategy: %s", (strategy) => {
    expect(configOf(`${ONE_KEY}rotation: { strategy: ${strategy} }`).rotation.strategy).toBe(strategy);
  });

  test.each<[string, Partial<RotationConfig>]>([
    ["maxWait: 0s", { maxWaitMs: 0 }],
    ["maxWait: 0", { maxWaitMs: 0 }],
    ["maxWait: 1m30s", { maxWaitMs: 90_000 }],
    ["maxQueue: 0", { maxQueue: 0 }],
    ["probeAfter: 0", { probeAfterMs: 0 }],
    ["maxQueue: 2k", { maxQueue: 2_000 }],
  ])("%s changes that alone", (written, expected) => {
    const { rotation } = configOf(ONE_KEY);
    expect(configOf(`${ONE_KEY}rotation: { ${written} }`).rotation).toEqual({ ...rotation, ...expected });
  });
});

describe("state", () => {
  const problemsOf = (written: string) => briefly(diagnosticsOf(`${ONE_KEY}state: ${written}`));

  test.each<[string, StateConfig]>([
    ["memory", { kind: "memory" }],
    ["./here.db", { kind: "file", path: "./here.db" }],
    ["/var/lib/keycycle/state", { kind: "file", path: "/var/lib/keycycle/state" }],
    ["'C:\\keycycle\\state.db'", { kind: "file", path: "C:\\keycycle\\state.db" }],
    ["./none", { kind: "file", path: "./none" }],
  ])("%s", (written, expected) => {
    expect(configOf(`${ONE_KEY}state: ${written}`).state).toEqual(expected);
  });

  test.each(["redis://host:6379/0", "rediss://host", "Redis://:password@host"])(
    "%s is said not to be there yet",
    (written) => {
      const [diagnostic] = diagnosticsOf(`${ONE_KEY}state: "${written}"`);
      expect(diagnostic?.message).toBe(
        "state names a Redis server, which KeyCycle cannot keep its state in yet",
      );
      expect(diagnostic?.instead).toBe("a file such as ./keycycle.db, or memory");
      expect(renderDiagnostics([diagnostic!])).not.toContain("password");
    },
  );

  test.each([
    ["sqlite:./x.db", 'must be the path of a file, or memory, not the text "sqlite:./x.db"'],
    ["':memory:'", 'must be the path of a file, or memory, not the text ":memory:"'],
    ["'~/x.db'", "begins with ~, which only a shell knows"],
    ["none", 'must be the path of a file, or memory, not the text "none"'],
    ["Memory", 'must be the path of a file, or memory, not the text "Memory"'],
    ["''", "is empty"],
    ["5", "must be text, not the number 5"],
  ])("%s is refused", (written, problem) => {
    expect(problemsOf(written)).toEqual([`2:8 state ${problem}`]);
  });
});
