import { defineCommand } from "citty";

import { askProxy } from "../admin/ask-proxy.ts";
import type { AdminPlace } from "../admin/socket-path.ts";
import { StatusView } from "../admin/views.ts";
import { KeyCycleError } from "../error.ts";
import { Redrawn } from "../terminal/redrawn.ts";
import { windowWidth } from "../terminal/window.ts";
import { help } from "./help.ts";
import { PROXY_ARGS, placeOf } from "./running-proxy.ts";
import { statusReport } from "./status/report.ts";

const EVERY_MS = 1_000;

export const status = defineCommand({
  meta: help({
    name: "status",
    description:
      "Show the running proxy and its keys: state and time until the next try, requests left, requests and tokens since its start; share and times to the first byte of the last minutes.",
    example: "keycycle status --watch",
  }),
  args: {
    ...PROXY_ARGS,
    watch: { type: "boolean", description: "Show it anew each second, until Ctrl-C" },
    json: { type: "boolean", description: "For programs: as JSON, a line each time with --watch" },
  },
  async run({ args }) {
    const place = placeOf(args);
    const asJson = args.json === true;
    if (args.watch === true) await watch(place, asJson);
    else console.log(told(await ask(place), asJson ? 2 : undefined).join("\n"));
  },
});

async function ask(place: AdminPlace): Promise<StatusView> {
  return await askProxy(place, "GET", "/admin/status", StatusView);
}

/** @param jsonIndent  undefined for a person */
function told(view: StatusView, jsonIndent: number | undefined): string[] {
  return jsonIndent === undefined
    ? statusReport(view, windowWidth(), Date.now())
    : [JSON.stringify(view, null, jsonIndent)];
}

/** A proxy that is restarted is waited for; one that was never there is an error. */
async function watch(place: AdminPlace, asJson: boolean): Promise<void> {
  let lines = told(await ask(place), asJson ? 0 : undefined);
  const shown = new Redrawn(asJson);
  for (;;) {
    shown.draw(lines);
    if (!(await shown.wait(EVERY_MS))) break;
    try {
      lines = told(await ask(place), asJson ? 0 : undefined);
    } catch (error) {
      if (!(error instanceof KeyCycleError)) throw error;
      lines = asJson
        ? [JSON.stringify({ error: error.message })]
        : Bun.wrapAnsi(error.message, windowWidth()).split("\n");
    }
  }
  shown.end();
}
