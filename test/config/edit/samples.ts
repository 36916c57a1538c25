/** Configurations as people write them, each with the names of its keys in their order. */
export interface Sample {
  readonly title: string;
  readonly text: string;
  readonly names: readonly string[];
  /** Default `keycycle.yaml`. */
  readonly path?: string;
}

export const SAMPLES: readonly Sample[] = [
  {
    title: "plain",
    names: ["a", "b"],
    text: `apiKeys:
  - name: a
    key: sk-a
    url: https://api.openai.com
  - name: b
    key: sk-b
    url: https://api.openai.com
`,
  },
  {
    title: "dashes under their parent, another section behind, comments wherever they can be",
    names: ["a", "b", "openai-3"],
    text: `# my keys
---
apiKeys:   # in order
# the first
-   name: a   # work
    key: "sk-a"
    # limits: { rpm: 5 }
    url: 'https://api.openai.com'

# the second
-   key: sk-b
    url: https://api.openai.com
    name: b
    # proxy: http://x:1

    # and this belongs to b as well

-
    url: https://api.openai.com   # no name
    key: sk-c

# who may
clients:
  - token: t   # me
`,
  },
  {
    title: "no line break at the end",
    names: ["a", "b"],
    text: "apiKeys:\n  - { name: a, key: k1, url: https://x.example }\n  - name: b\n    url: https://x.example\n    key: k2",
  },
  {
    title: "brackets on one line",
    names: ["a", "b", "c"],
    text: "log: { level: warn }\napiKeys: [{ name: a, key: k1, url: https://x.example }, {name: b, key: k2, url: https://x.example},{ name: c, key: k3, url: https://x.example } ] # all\nserver: { port: 1 }\n",
  },
  {
    title: "brackets on many lines, comments beside the entries",
    names: ["a", "b"],
    text: `apiKeys: [
  { name: a, key: k1,
    url: https://x.example }, # first
  # second
  { name: b, key: k2, url: https://x.example } # last
]
`,
  },
  {
    title: "tabs, and a comma behind the last",
    path: "keycycle.json",
    names: ["a", "b"],
    text: '{"apiKeys": [\n\t{ "name": "a", "key": "k1", "url": "https://x.example" },\n\t{ "name": "b", "key": "k2", "url": "https://x.example" },\n]}\n',
  },
  {
    title: "anchors, merges and a block of text",
    names: ["a", "b", "c"],
    text: `apiKeys:
  - &base
    name: a
    key: sk-a
    url: https://api.openai.com
    models: [gpt-4o, "gpt-*"]
  - <<: *base
    name: b
    key: sk-b
  - name: c
    url: https://api.openai.com
    key: >-
      sk-c

aliases: {}
`,
  },
  {
    title: "CRLF, Unicode",
    names: ["a", "b"],
    text: "# Schlüssel 🔑\r\napiKeys:\r\n  - name: a # größe\r\n    key: k1\r\n    url: https://x.example # ✓\r\n  - name: b # 密钥\r\n    key: k2\r\n    url: https://x.example\r\n\r\n# Ende\r\n",
  },
  {
    title: "JSON as the first version had it",
    path: "config.json",
    names: ["openai-1", "b"],
    text: '{\n  "apiKeys": [\n    {\n      "key": "k1",\n      "url": "https://api.openai.com"\n    },\n    {\n      "name": "b",\n      "key": "k2",\n      "url": "https://api.openai.com"\n    }\n  ],\n  "server": { "port": 1 }\n}\n',
  },
  {
    title: "JSON with comments and a comma too many",
    path: "keycycle.json",
    names: ["a", "b"],
    text: '{ // mine\n  "apiKeys": [ /* all */\n    {"name":"a","key":"k//1","url":"https://x.example"}, // first\n    {"name":"b","key":"k2","url":"https://x.example"} /* last */ // really\n  ] }',
  },
  {
    title: "JSON on one line",
    path: "config.json",
    names: ["a", "b"],
    text: '{"apiKeys":[{"name":"a","key":"k1","url":"https://x.example"},{"name":"b","key":"k2","url":"https://x.example"}]}',
  },
];
