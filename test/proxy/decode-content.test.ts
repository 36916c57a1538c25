import { describe, expect, test } from "bun:test";
import { brotliCompressSync, deflateSync, gzipSync, zstdCompressSync } from "node:zlib";

import { decodeContent } from "../../src/proxy/decode-content.ts";

const BODY = Buffer.from('{"model":"gpt-4o"}');
const LIMIT = 1_000;

describe("a coded body", () => {
  test.each([
    ["gzip", gzipSync],
    ["x-gzip", gzipSync],
    ["GZip ", gzipSync],
    ["deflate", deflateSync],
    ["br", brotliCompressSync],
    ["zstd", zstdCompressSync],
  ])("of %p is read", (encoding, encode) => {
    expect(decodeContent(encode(BODY), encoding, LIMIT)).toEqual(BODY);
  });

  test.each([null, "", "identity", "Identity"])("of %p is what it is", (encoding) => {
    expect(decodeContent(BODY, encoding, LIMIT)).toEqual(BODY);
  });

  test.each(["compress", "gzip, br", "aes128gcm", "constructor", "__proto__"])(
    "of %p is not read",
    (encoding) => {
      expect(decodeContent(BODY, encoding, LIMIT)).toBeUndefined();
    },
  );

  test("that is broken is not read", () => {
    expect(decodeContent(gzipSync(BODY).subarray(0, 12), "gzip", LIMIT)).toBeUndefined();
    expect(decodeContent(BODY, "br", LIMIT)).toBeUndefined();
  });

  test.each([
    ["gzip", gzipSync],
    ["deflate", deflateSync],
    ["br", brotliCompressSync],
    ["zstd", zstdCompressSync],
  ])("of %s that explodes is not read", (encoding, encode) => {
    expect(decodeContent(encode(Buffer.alloc(10_000_000)), encoding, LIMIT)).toBeUndefined();
  });
});
