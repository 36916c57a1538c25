import { describe, expect, test } from "bun:test";
import { gzipSync } from "node:zlib";

import { type Chain, frameAnew, startChain, wordingFor } from "../../src/proxy/chain.ts";

const ASKED = '{"model":"best","messages":[]}';

/** A request for `best`, which stands for itself and `gpt-5`. */
function chainOf(bytes: Buffer, headers: Record<string, string> = {}): Chain {
  return startChain("best", ["best", "gpt-5"], {
    api: "openai",
    path: "/v1/chat/completions",
    query: "",
    headers: new Headers({ "content-type": "application/json", ...headers }),
    body: { kind: "whole", bytes },
    maxDecodedBytes: 1_000,
  });
}

describe("the request for a model of the chain", () => {
  test("is what came, byte for byte and compressed, where the model is what was asked for", () => {
    const bytes = Buffer.from(gzipSync(ASKED));
    const wording = wordingFor(chainOf(bytes, { "content-encoding": "gzip" }), "best");
    expect(wording).toMatchObject({ body: bytes, isDecoded: false, addedBytes: 0 });
  });

  test("is decoded where another model has to be named in it", () => {
    const chain = chainOf(Buffer.from(gzipSync(ASKED)), { "content-encoding": "gzip" });
    const wording = wordingFor(chain, "gpt-5");
    expect(wording).toMatchObject({ body: Buffer.from(ASKED.replace("best", "gpt-5")), isDecoded: true });
    const headers = new Headers(chain.received.headers);
    frameAnew(headers, wording);
    expect([...headers]).toEqual([["content-type", "application/json"]]);
  });

  test("is made once for all attempts with the model, and anew for the next", () => {
    const chain = chainOf(Buffer.from(ASKED));
    const first = wordingFor(chain, "best");
    expect(wordingFor(chain, "best")).toBe(first);
    expect(wordingFor(chain, "gpt-5")).not.toBe(first);
  });

  test("has no body where none came", () => {
    expect(wordingFor(chainOf(Buffer.alloc(0)), "best").body).toBeUndefined();
    expect(wordingFor(chainOf(Buffer.alloc(0)), "gpt-5").body).toBeUndefined();
  });
});
