import { defineCommand } from "citty";

import { configJsonSchema } from "../config/json-schema.ts";
import { help } from "./help.ts";

export const schema = defineCommand({
  meta: help({
    name: "schema",
    description: "Print the JSON Schema of the configuration, for editors that complete and check it.",
    example: "keycycle schema > keycycle.schema.json",
  }),
  run() {
    console.log(JSON.stringify(configJsonSchema(), null, 2));
  },
});
