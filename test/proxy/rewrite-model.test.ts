import { describe, expect, test } from "bun:test";
import { array, assert, constantFrom, json, property, string, tuple, uint8Array } from "fast-check";

import { findModel } from "../../src/proxy/find-model.ts";
import { type NamingRequest, rewriteModel } from "../../src/proxy/rewrite-model.ts";

const JSON_REQUEST: Omit<NamingRequest, "body"> = {
  api: "openai",
  path: "/v1/chat/completions",
  query: "",
  contentType: "application/json",
};

/** What becomes of a body that asks for `fast` when it is to ask for `gpt-4o-mini`. */
function bodyFor(body: string, fields: Partial<NamingRequest> = {}): string | undefined {
  const request = { ...JSON_REQUEST, body: Buffer.from(body), ...fields };
  return rewriteModel(request, "fast", "gpt-4o-mini").body?.toString();
}

const GEMINI = { api: "gemini", path: "/v1beta/models/fast:generateContent" } as const;

describe("a JSON body", () => {
  test.each([
    ["compact", '{"model":"fast","stream":true}', '{"model":"gpt-4o-mini","stream":true}'],
    [
      "last",
      '{"a":[{"model":"fast"}],\n  "model" : "fast" }\n',
      '{"a":[{"model":"fast"}],\n  "model" : "gpt-4o-mini" }\n',
    ],
    [
      "spelled with escapes",
      String.raw`{"model":"f\u0061st","x":"\u0061"}`,
      String.raw`{"model":"gpt-4o-mini","x":"\u0061"}`,
    ],
    ["behind a byte order mark", '\uFEFF{"model":"fast"}', '\uFEFF{"model":"gpt-4o-mini"}'],
    [
      "with numbers that no parser keeps",
      '{"seed":1.00e2,"big":12345678901234567890,"model":"fast"}',
      '{"seed":1.00e2,"big":12345678901234567890,"model":"gpt-4o-mini"}',
    ],
    ["under a name in another case", '{"Model":"fast"}', '{"Model":"gpt-4o-mini"}'],
  ])("has its model changed: %s", (_, body, expected) => {
    expect(bodyFor(body)).toBe(expected);
  });

  test.each([
    ["another model", '{"model":"gpt-4o"}'],
    ["a longer name", '{"model":"fast-1"}'],
    [
      "the name where no model stands",
      '{"user":"fast","messages":[{"content":"fast"}],"metadata":{"model":"fast"}}',
    ],
    ["a list", '[{"model":"fast"}]'],
    ["what is no JSON", "model=fast"],
    ["nothing", ""],
  ])("is left alone where it holds %s", (_, body) => {
    expect(bodyFor(body)).toBe(body);
  });

  test("changes in its model's bytes only, whatever it holds", () => {
    const member = tuple(string({ maxLength: 6, unit: "binary" }), json({ maxDepth: 3 }))
      .filter(([name]) => name.toLowerCase() !== "model")
      .map(([name, value]) => `${JSON.stringify(name)} :${value}`);
    const members = array(member, { maxLength: 5 });
    const space = constantFrom("", " ", "\n\t", "\r\n");
    const beginning = constantFrom("", "\uFEFF");
    const asked = string({ minLength: 1, maxLength: 12, unit: "binary" });
    const model = string({ minLength: 1, maxLength: 20, unit: "grapheme-ascii" });
    assert(
      property(beginning, members, members, space, asked, model, (bom, before, after, gap, from, to) => {
        const head = `${bom}{${gap}${before.map((each) => `${each}${gap},`).join("")}"model"${gap}:${gap}`;
        const tail = `${after.map((each) => `${gap},${each}`).join("")}${gap}}`;
        const body = Buffer.from(head + JSON.stringify(from) + tail);
        const sent = rewriteModel({ ...JSON_REQUEST, body }, from, to).body?.toString() ?? "";
        expect(sent).toBe(head + JSON.stringify(to) + tail);
        const wanted = { ...JSON.parse(body.toString().slice(bom.length)), model: to };
        expect(JSON.parse(sent.slice(bom.length))).toEqual(wanted);
      }),
    );
  });
});

describe("a realtime session", () => {
  const calls = { path: "/v1/realtime/calls" };

  test.each([
    [
      "of a client secret",
      { path: "/v1/realtime/client_secrets" },
      '{"session":{"model":"fast", "voice":"fast"}}',
      '{"session":{"model":"gpt-4o-mini", "voice":"fast"}}',
    ],
    [
      "in a form",
      { ...calls, contentType: "multipart/form-data; boundary=x" },
      '--x\r\nContent-Disposition: form-data; name="session"\r\n\r\n{"model":"fast"}\r\n--x--\r\n',
      '--x\r\nContent-Disposition: form-data; name="session"\r\n\r\n{"model":"gpt-4o-mini"}\r\n--x--\r\n',
    ],
    [
      "of the Live API",
      {
        api: "gemini",
        path: "/ws/google.ai.generativelanguage.v1beta.GenerativeService.BidiGenerateContent",
      },
      '{"setup":{"model":"models/fast"}}',
      '{"setup":{"model":"models/gpt-4o-mini"}}',
    ],
  ] as const)("has its model changed: %s", (_, fields, body, expected) => {
    expect(bodyFor(body, fields)).toBe(expected);
  });

  test("is nothing special on any other path", () => {
    expect(bodyFor('{"session":{"model":"fast"}}')).toBe('{"session":{"model":"fast"}}');
  });
});

describe("Google's bodies", () => {
  test.each([
    ["a cached content", '{"model":"models/fast","ttl":"60s"}', '{"model":"models/gpt-4o-mini","ttl":"60s"}'],
    [
      "a token count",
      '{"generateContentRequest":{"model":"models/fast"}}',
      '{"generateContentRequest":{"model":"models/gpt-4o-mini"}}',
    ],
    [
      "a token count in snake case",
      '{"generate_content_request":{"model":"fast"}}',
      '{"generate_content_request":{"model":"gpt-4o-mini"}}',
    ],
    [
      "a batch of embeddings",
      '{"requests":[ {"model":"models/fast","content":{"model":"models/fast"}} ,{"content":1,"model":"models/fast"},{}, 4 ]}',
      '{"requests":[ {"model":"models/gpt-4o-mini","content":{"model":"models/fast"}} ,{"content":1,"model":"models/gpt-4o-mini"},{}, 4 ]}',
    ],
    [
      "a batch of requests",
      '{"batch":{"inputConfig":{"requests":{"requests":[{"request":{"model":"models/fast"}}]}}}}',
      '{"batch":{"inputConfig":{"requests":{"requests":[{"request":{"model":"models/gpt-4o-mini"}}]}}}}',
    ],
    [
      "several places, whatever their order",
      '{"requests":[{"model":"fast"}],"model":"models/fast"}',
      '{"requests":[{"model":"gpt-4o-mini"}],"model":"models/gpt-4o-mini"}',
    ],
    ["a tuned model", '{"model":"tunedModels/fast"}', '{"model":"tunedModels/fast"}'],
    [
      "an argument of a function",
      '{"contents":[{"parts":[{"functionCall":{"args":{"model":"fast"}}}]}]}',
      '{"contents":[{"parts":[{"functionCall":{"args":{"model":"fast"}}}]}]}',
    ],
    ["requests that are no list", '{"requests":{"model":"fast"}}', '{"requests":{"model":"fast"}}'],
  ])("%s", (_, body, expected) => {
    expect(bodyFor(body, GEMINI)).toBe(expected);
  });

  test("keep the prefix under /v1beta/openai/ too", () => {
    const compatible = { api: "gemini-openai", path: "/v1beta/openai/chat/completions" } as const;
    expect(bodyFor('{"model":"models/fast"}', compatible)).toBe('{"model":"models/gpt-4o-mini"}');
    expect(bodyFor('{"model":"models/fast"}')).toBe('{"model":"models/fast"}');
  });
});

describe("a path", () => {
  const pathFor = (api: "gemini" | "azure" | "openai", path: string, model = "gpt-4o-mini") =>
    rewriteModel({ ...JSON_REQUEST, api, path, body: undefined }, "fast", model).path;

  test.each([
    ["gemini", "/v1beta/models/fast:generateContent", "/v1beta/models/gpt-4o-mini:generateContent"],
    [
      "gemini",
      "/v1beta/models/fast:streamGenerateContent/",
      "/v1beta/models/gpt-4o-mini:streamGenerateContent/",
    ],
    ["gemini", "/v1beta/models/f%61st%3AgenerateContent", "/v1beta/models/gpt-4o-mini%3AgenerateContent"],
    ["gemini", "/%C3%A9%F0%9F%98%80/models%2Ffast:embed", "/%C3%A9%F0%9F%98%80/models%2Fgpt-4o-mini:embed"],
    ["gemini", "/v1beta/models/fast", "/v1beta/models/fast"],
    ["gemini", "/v1beta/models/other:generateContent", "/v1beta/models/other:generateContent"],
    [
      "azure",
      "/openai/deployments/fast/chat/completions",
      "/openai/deployments/gpt-4o-mini/chat/completions",
    ],
    ["azure", "/openai/deployments/fast/fast/fast", "/openai/deployments/gpt-4o-mini/fast/fast"],
    ["azure", "/openai/v1/deployments/fast/x", "/openai/v1/deployments/fast/x"],
    ["openai", "/v1/models/fast", "/v1/models/fast"],
  ] as const)("of %s: %s", (api, path, expected) => {
    expect(pathFor(api, path)).toBe(expected);
  });

  test("holds a name that a path cannot hold as it is in escapes", () => {
    expect(pathFor("azure", "/openai/deployments/fast/chat/completions", "org/big model:free")).toBe(
      "/openai/deployments/org%2Fbig%20model%3Afree/chat/completions",
    );
  });
});

describe("a query", () => {
  test.each([
    ["?model=fast", "?model=gpt-4o-mini"],
    ["?a=%20&model=f%61st&b=model=fast", "?a=%20&model=gpt-4o-mini&b=model=fast"],
    ["?mymodel=fast&model=other", "?mymodel=fast&model=other"],
    ["?api-version=2024-10-21", "?api-version=2024-10-21"],
    ["", ""],
  ])("%s", (query, expected) => {
    expect(rewriteModel({ ...JSON_REQUEST, query, body: undefined }, "fast", "gpt-4o-mini").query).toBe(
      expected,
    );
  });
});

describe("a form", () => {
  const contentType = "multipart/form-data; boundary=x";
  const part = (disposition: string, content: string) =>
    `--x\r\nContent-Disposition: form-data; ${disposition}\r\n\r\n${content}\r\n`;

  test("has its field changed and its file left alone, whatever that holds", () => {
    assert(
      property(uint8Array({ maxLength: 200 }), (bytes) => {
        const head =
          part('name="language"', "fast") + '--x\r\nContent-Disposition: form-data; name="model"\r\n\r\n';
        const file = Buffer.concat([
          Buffer.from('\r\n--x\r\nContent-Disposition: form-data; name="file"; filename="fast"\r\n\r\n'),
          bytes,
          Buffer.from("\r\n--x--\r\n"),
        ]);
        const body = Buffer.concat([Buffer.from(`${head}fast`), file]);
        const sent = rewriteModel({ ...JSON_REQUEST, contentType, body }, "fast", "whisper-1").body;
        expect(sent).toEqual(Buffer.concat([Buffer.from(`${head}whisper-1`), file]));
      }),
    );
  });

  test("of which only the head is there has its field changed", () => {
    const head = `${part('name="model"', "fast")}--x\r\nContent-Disposition: form-data; name="file"\r\n\r\nID3`;
    expect(bodyFor(head, { contentType, isHead: true })).toBe(head.replace("fast", "gpt-4o-mini"));
  });

  test("that asks for another model is left alone", () => {
    const body = `${part('name="model"', "fast-1")}--x--\r\n`;
    expect(bodyFor(body, { contentType })).toBe(body);
  });
});

test("what is rewritten asks for the new model, wherever that stands", () => {
  const requests: NamingRequest[] = [
    { ...JSON_REQUEST, body: Buffer.from('{"model":"fast"}') },
    { ...JSON_REQUEST, path: "/v1/realtime", query: "?model=fast", body: undefined },
    { ...JSON_REQUEST, ...GEMINI, body: Buffer.from("{}") },
    { ...JSON_REQUEST, api: "azure", path: "/openai/deployments/fast/images", body: undefined },
  ];
  for (const request of requests) {
    const sent = { ...request, ...rewriteModel(request, "fast", "o3"), method: "POST" };
    expect(findModel(sent)).toMatchObject({ kind: "found", model: "o3" });
  }
});
