import { defineCommand } from "citty";

import { help } from "../help.ts";

export const keys = defineCommand({
  meta: help({
    name: "keys",
    description: "Add and remove keys in the configuration; a running proxy takes the change over at once.",
    example: "keycycle keys add --provider openai",
  }),
  subCommands: {
    add: () => import("./add.ts").then(({ add }) => add),
    remove: () => import("./remove.ts").then(({ remove }) => remove),
  },
});
