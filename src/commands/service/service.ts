import { defineCommand } from "citty";

import { help } from "../help.ts";

export const service = defineCommand({
  meta: help({
    name: "service",
    description: "Let systemd or launchd run the proxy for this user, from login on.",
    example: "keycycle service install",
  }),
  subCommands: {
    install: () => import("./install.ts").then(({ install }) => install),
    uninstall: () => import("./uninstall.ts").then(({ uninstall }) => uninstall),
  },
});
