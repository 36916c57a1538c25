import { describe, expect, test } from "bun:test";
import { array, assert, constantFrom, nat, property } from "fast-check";

import { FormScan } from "../../src/proxy/form-scan.ts";
import { cut } from "./body-of.ts";

const MODEL = '--b\r\nContent-Disposition: form-data; name="model"\r\n\r\nwhisper-1\r\n';
const FILE_HEAD = '--b\r\nContent-Disposition: form-data; name="file"; filename="a.mp3"\r\n\r\n';

function scanOf(chunks: readonly Uint8Array[]): FormScan {
  const scan = new FormScan("b", "model");
  for (const chunk of chunks) scan.feed(chunk);
  return scan;
}

const told = ({ state, field, hasBegun }: FormScan) => ({ state, field, hasBegun });

const offsets = array(nat(400), { maxLength: 12 });

describe("a form that arrives in parts", () => {
  test("is read as if it had come at once, wherever it is cut", () => {
    const pieces = constantFrom(
      "--b",
      "--b--",
      "\r\n",
      "\r\n\r\n",
      'Content-Disposition: form-data; name="model"',
      'Content-Disposition: form-data; name="file"',
      "\r\n--",
      "x",
      "-",
      MODEL,
      FILE_HEAD,
    );
    assert(
      property(array(pieces, { maxLength: 20 }), offsets, (parts, at) => {
        const form = parts.join("");
        expect(told(scanOf(cut(form, at)))).toEqual(told(scanOf([Buffer.from(form)])));
      }),
    );
  });

  test("tells its field as soon as that is whole, with its place in all of the form", () => {
    const form = `${FILE_HEAD}${"\r\n--a".repeat(1_000)}\r\n${MODEL}`;
    const scan = new FormScan("b", "model");
    for (const byte of Buffer.from(form)) scan.feed(Uint8Array.of(byte));
    expect(scan.field).toBeUndefined();
    scan.feed(Buffer.from("--b"));
    expect(scan).toMatchObject({ state: "open", field: { value: "whisper-1" } });
    expect(form.slice(scan.field?.start, scan.field?.end)).toBe("whisper-1");
  });

  test("is watched to its end: the field may not come again", () => {
    const scan = scanOf([Buffer.from(`${MODEL}${FILE_HEAD}`), Buffer.alloc(100_000)]);
    expect(scan.state).toBe("open");
    scan.feed(Buffer.from(`\r\n${MODEL}--b--`));
    expect(scan.state).toBe("malformed");
  });

  test("is over at its last boundary", () => {
    const scan = scanOf([Buffer.from(`${MODEL}--b--\r\n${MODEL}${MODEL}`)]);
    expect(told(scan)).toMatchObject({ state: "ended", field: { value: "whisper-1" } });
  });

  test.each([
    ["headers", `--b\r\nX-Endless: ${"x".repeat(9_000)}`],
    ["a model", `${MODEL.slice(0, -2)}${"x".repeat(9_000)}`],
  ])("is given up where %s have no end", (_, form) => {
    expect(scanOf(cut(form, [100, 4_000, 8_000])).state).toBe("malformed");
    expect(scanOf([Buffer.from(form)]).state).toBe("malformed");
  });
});
