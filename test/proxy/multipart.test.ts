import { describe, expect, test } from "bun:test";
import { array, assert, constantFrom, integer, property, string, uint8Array } from "fast-check";

import { findFormField, multipartBoundary } from "../../src/proxy/multipart.ts";

const BOUNDARY = "----WebKitFormBoundary7MA4YWxkTrZu0gW";

interface Part {
  readonly disposition: string;
  readonly content: Uint8Array | string;
}

function formOf(parts: readonly Part[], boundary = BOUNDARY): Buffer {
  const lines = parts.flatMap(({ disposition, content }) => [
    Buffer.from(`--${boundary}\r\nContent-Disposition: form-data; ${disposition}\r\n\r\n`),
    Buffer.from(content as string),
    Buffer.from("\r\n"),
  ]);
  return Buffer.concat([...lines, Buffer.from(`--${boundary}--\r\n`)]);
}

const model = (content = "whisper-1"): Part => ({ disposition: 'name="model"', content });
const file = (content: Uint8Array | string): Part => ({
  disposition: 'name="file"; filename="a.mp3"',
  content,
});

const modelIn = (...parts: Part[]) => findFormField(formOf(parts), BOUNDARY, "model");

describe("the boundary", () => {
  test.each([
    ["multipart/form-data; boundary=abc", "abc"],
    ['multipart/form-data; boundary="a b;c"', "a b;c"],
    ["multipart/form-data; charset=utf-8; boundary=abc", "abc"],
    ["Multipart/Form-Data;Boundary=abc; charset=utf-8", "abc"],
    ["multipart/form-data", undefined],
    ["multipart/related; boundary=abc", undefined],
    ["application/json", undefined],
    ["", undefined],
  ])("of %p is %p", (contentType, boundary) => {
    expect(multipartBoundary(contentType)).toBe(boundary);
  });
});

describe("a field of a form", () => {
  test("is found wherever it stands", () => {
    const others = array(uint8Array({ maxLength: 60 }).map(file), { maxLength: 4 });
    assert(
      property(others, others, string({ unit: "binary", maxLength: 30 }), (before, after, name) => {
        const text = Buffer.from(name).toString("utf8");
        expect(modelIn(...before, model(text), ...after)).toMatchObject({ value: text });
      }),
    );
  });

  test("is found whatever the boundary", () => {
    for (const boundary of ["x", "'()+_,-./:=? ", "a".repeat(70)]) {
      expect(findFormField(formOf([file("a"), model()], boundary), boundary, "model")).toMatchObject({
        value: "whisper-1",
      });
    }
  });

  test("is found by its name without quotes", () => {
    expect(modelIn({ disposition: "name=model", content: "whisper-1" })).toMatchObject({
      value: "whisper-1",
    });
  });

  test("is found among further headers, and after a preamble", () => {
    const body = Buffer.from(
      `To be ignored\r\n--b\r\nContent-Type: text/plain\r\ncontent-disposition: form-data; name="model"\r\n\r\nwhisper-1\r\n--b--\r\n`,
    );
    expect(findFormField(body, "b", "model")).toMatchObject({ value: "whisper-1" });
  });

  test("is not what a file only talks of", () => {
    const speech = 'Content-Disposition: form-data; name="model"\r\n\r\ngpt-4o';
    expect(modelIn(file(speech), model())).toMatchObject({ value: "whisper-1" });
    expect(modelIn(file(speech))).toBeUndefined();
  });

  test("is not what stands behind the boundary's text in the middle of a line", () => {
    const speech = `x--${BOUNDARY}\r\nContent-Disposition: form-data; name="model"\r\n\r\ngpt-4o`;
    expect(modelIn(file(speech), model())).toMatchObject({ value: "whisper-1" });
  });

  test("is not what a file is called", () => {
    expect(
      modelIn({ disposition: 'name="file"; filename="name=\\"model\\""', content: "x" }),
    ).toBeUndefined();
    expect(
      modelIn({ disposition: 'filename="a; name=model; b"; name="file"', content: "x" }, model()),
    ).toMatchObject({
      value: "whisper-1",
    });
  });

  test("is not the beginning of another's name", () => {
    expect(modelIn({ disposition: 'name="model_id"', content: "x" })).toBeUndefined();
    expect(modelIn({ disposition: 'name="my model"', content: "x" })).toBeUndefined();
  });

  test("may be empty", () => {
    expect(modelIn(model(""))).toMatchObject({ value: "" });
  });

  test("that stands twice is refused, since servers differ on which counts", () => {
    expect(modelIn(model("cheap"), model("dear"))).toBe("malformed");
  });
});

describe("a form that breaks off", () => {
  test("before the field is malformed", () => {
    const form = formOf([file("abc"), model()]);
    const end = form.indexOf("whisper-1");
    assert(
      property(integer({ min: 0, max: end - 1 }), (length) => {
        expect(findFormField(form.subarray(0, length), BOUNDARY, "model")).toBe("malformed");
      }),
    );
  });

  test("or is none at all neither throws nor hangs", () => {
    const pieces = constantFrom(
      "--b",
      "--b--",
      "\r\n",
      "\r\n\r\n",
      'Content-Disposition: form-data; name="model"',
      "x",
      "-",
    );
    assert(
      property(
        array(pieces, { maxLength: 20 }),
        (parts) => void findFormField(Buffer.from(parts.join("")), "b", "model"),
      ),
    );
    assert(property(uint8Array(), (bytes) => void findFormField(Buffer.from(bytes), "b", "model")));
  });
});
