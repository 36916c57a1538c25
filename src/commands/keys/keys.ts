import { defineCommand } from "citty";

import { help } from "../help.ts";

export const keys = defineCommand({
  meta: help({
    name: "keys",
    description:
      "See and steer the keys of the running proxy, and add and remove keys in its configuration; it takes every change over at once.",
    example: "keycycle keys list",
  }),
  subCommands: {
    list: () => import("./list.ts").then(({ list }) => list),
    enable: () => import("./by-hand.ts").then(({ enable }) => enable),
    disable: () => import("./by-hand.ts").then(({ disable }) => disable),
    reset: () => import("./by-hand.ts").then(({ reset }) => reset),
    add: () => import("./add.ts").then(({ add }) => add),
    remove: () => import("./remove.ts").then(({ remove }) => remove),
  },
});
