import { expect, test } from "bun:test";

import { wantsColour } from "../../src/terminal/colour.ts";

test.each([
  { when: "a terminal", env: { TERM: "xterm" }, flag: false, terminal: true, colour: true },
  { when: "a pipe", env: { TERM: "xterm" }, flag: false, terminal: false, colour: false },
  { when: "a terminal that knows none", env: { TERM: "dumb" }, flag: false, terminal: true, colour: false },
  { when: "NO_COLOR", env: { NO_COLOR: "1" }, flag: false, terminal: true, colour: false },
  { when: "an empty NO_COLOR", env: { NO_COLOR: "" }, flag: false, terminal: true, colour: true },
  { when: "FORCE_COLOR on a pipe", env: { FORCE_COLOR: "1" }, flag: false, terminal: false, colour: true },
  {
    when: "FORCE_COLOR without a value",
    env: { FORCE_COLOR: "" },
    flag: false,
    terminal: false,
    colour: true,
  },
  { when: "FORCE_COLOR=0", env: { FORCE_COLOR: "0" }, flag: false, terminal: true, colour: false },
  {
    when: "NO_COLOR beside FORCE_COLOR",
    env: { NO_COLOR: "1", FORCE_COLOR: "1" },
    flag: false,
    terminal: true,
    colour: false,
  },
  { when: "--no-color", env: { FORCE_COLOR: "1" }, flag: true, terminal: true, colour: false },
])("$when: colours $colour", ({ env, flag, terminal, colour }) => {
  expect(wantsColour(env, flag, terminal)).toBe(colour);
});
