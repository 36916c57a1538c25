import { expect, test } from "bun:test";
import { interpolate, variablesIn, withoutVariables } from "../../src/config/interpolate.ts";

const ENV = { NAME: "value", EMPTY: "", NESTED: "${NAME}", DOLLAR: "$&$1" };

test.each([
  ["${NAME}", "value"],
  ["a-${NAME}-b", "a-value-b"],
  ["${NAME}${NAME}", "valuevalue"],
  ["${EMPTY}", ""],
  ["${EMPTY:-other}", "other"],
  ["${MISSING:-other}", "other"],
  ["${MISSING:-}", ""],
  ["${MISSING:-http://x:1/}", "http://x:1/"],
  ["$${NAME}", "${NAME}"],
  ["${NESTED}", "${NAME}"],
  ["${DOLLAR}", "$&$1"],
  ["$NAME", "$NAME"],
  ["plain", "plain"],
])("%p becomes %p", (text, expected) => {
  expect(interpolate(text, ENV)).toMatchObject({ ok: true, text: expected });
});

test.each(["${MISSING}", "x ${MISSING} ${NAME}"])("%p fails and names the variable", (text) => {
  expect(interpolate(text, ENV)).toMatchObject({ ok: false, variable: "MISSING" });
});

test.each(["${}", "${1A}", "${NAME", "${NAME-x}", "${a b}", "${MISSING:-${NAME}}"])(
  "%p is not a variable",
  (text) => {
    expect(interpolate(text, ENV)).toMatchObject({ ok: false, variable: "" });
  },
);

test("a text that is to hold no variable holds none, and is itself again when it is filled in", () => {
  for (const text of ["sk-${A}-1", "$${A}", "$$${A}", "${", "a$b{c}", "${A}${B}"]) {
    const written = withoutVariables(text);
    expect(variablesIn(written)).toEqual(new Set());
    expect(interpolate(written, { A: "wrong" })).toMatchObject({ ok: true, text });
  }
});

test("the variables of a text are those that are filled in", () => {
  expect(variablesIn("${A} $${B} ${C:-d} x${A}")).toEqual(new Set(["A", "C"]));
});
