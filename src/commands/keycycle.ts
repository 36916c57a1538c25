import { defineCommand } from "citty";

import { help } from "./help.ts";

/** The command tree. Each command is loaded when it is named, so that none waits for what others need. */
export const keycycle = defineCommand({
  meta: help({
    name: "keycycle",
    description: "A reverse proxy for LLM APIs that makes many API keys behave as one.",
    example: "keycycle serve --demo",
  }),
  subCommands: {
    init: () => import("./init/init.ts").then(({ init }) => init),
    check: () => import("./check.ts").then(({ check }) => check),
    serve: () => import("./serve.ts").then(({ serve }) => serve),
    status: () => import("./status.ts").then(({ status }) => status),
    logs: () => import("./logs.ts").then(({ logs }) => logs),
    keys: () => import("./keys/keys.ts").then(({ keys }) => keys),
    service: () => import("./service/service.ts").then(({ service }) => service),
    schema: () => import("./schema.ts").then(({ schema }) => schema),
    completions: () => import("./completions/completions.ts").then(({ completions }) => completions),
    version: () => import("./version.ts").then(({ version }) => version),
  },
});
