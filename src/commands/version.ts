import { defineCommand } from "citty";

import { VERSION_LINE } from "../version.ts";
import { help } from "./help.ts";

export const version = defineCommand({
  meta: help({
    name: "version",
    description: "Show the version, the commit that it was built from, and Bun's version.",
    example: "keycycle version",
  }),
  run() {
    console.log(VERSION_LINE);
  },
});
