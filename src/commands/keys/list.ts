import { defineCommand } from "citty";

import { askProxy } from "../../admin/ask-proxy.ts";
import { StatusView } from "../../admin/views.ts";
import { windowWidth } from "../../terminal/window.ts";
import { help } from "../help.ts";
import { PROXY_ARGS, placeOf } from "../running-proxy.ts";
import { keyTable } from "../status/key-table.ts";

export const list = defineCommand({
  meta: help({
    name: "list",
    description: "List the keys of the running proxy and how they are.",
    example: "keycycle keys list --json",
  }),
  args: { ...PROXY_ARGS, json: { type: "boolean", description: "For programs: as JSON" } },
  async run({ args }) {
    const { keys } = await askProxy(placeOf(args), "GET", "/admin/status", StatusView);
    console.log(
      args.json === true ? JSON.stringify(keys, null, 2) : keyTable(keys, windowWidth()).join("\n"),
    );
  },
});
