import { defineCommand } from "citty";
import { consola } from "consola";

import { askProxy } from "../admin/ask-proxy.ts";
import type { AdminPlace } from "../admin/socket-path.ts";
import { LogsView, type RequestView, StatusView } from "../admin/views.ts";
import { nearest } from "../config/nearest.ts";
import { showTyped } from "../config/secrecy.ts";
import { KeyCycleError } from "../error.ts";
import { Pause } from "../terminal/pause.ts";
import { windowWidth } from "../terminal/window.ts";
import { help } from "./help.ts";
import { RequestLines } from "./logs/request-lines.ts";
import { parseSince } from "./logs/since.ts";
import { PROXY_ARGS, placeOf } from "./running-proxy.ts";

const EVERY_MS = 300;
const USUAL_LIMIT = "50";

export const logs = defineCommand({
  meta: help({
    name: "logs",
    description:
      "Show the requests of late and their attempts: which key, what it answered, how long it took. The running proxy remembers them (history in the configuration), also after a restart.",
    example: "keycycle logs --failed --since 1h",
  }),
  args: {
    ...PROXY_ARGS,
    follow: { type: "boolean", description: "Go on with each request that ends, until Ctrl-C" },
    failed: { type: "boolean", description: "Only those that did not end well" },
    key: {
      type: "string",
      description: "Only those that this key answered or was tried for",
      valueHint: "key",
    },
    model: {
      type: "string",
      description: "Only those for this model or alias; a glob will do",
      valueHint: "model",
    },
    client: { type: "string", description: "Only those of this client", valueHint: "client" },
    since: {
      type: "string",
      description: "Only those that came later: 15m, 24h, or a time",
      valueHint: "when",
    },
    limit: {
      type: "string",
      description: "The last so many, up to 1000",
      valueHint: "count",
      default: USUAL_LIMIT,
    },
    json: { type: "boolean", description: "For programs: each as a line of JSON" },
  },
  async run({ args }) {
    const place = placeOf(args);
    const wanted = new URLSearchParams();
    if (args.failed === true) wanted.set("failed", "true");
    for (const name of ["key", "model", "client"] as const) {
      const value = args[name];
      if (value !== undefined) wanted.set(name, value);
    }
    if (args.since !== undefined) wanted.set("since", String(parseSince(args.since, Date.now())));
    const limit = limitOf(args.limit);
    const lines = new RequestLines(Date.now());
    const show = (request: RequestView) =>
      console.log(args.json === true ? JSON.stringify(request) : lines.of(request, windowWidth()).join("\n"));
    const { requests, next, skipped } = await ask(place, wanted, { limit });
    for (const request of requests) show(request);
    if (skipped > 0)
      consola.warn(`${skipped} requests are missing: there were more at once than the history takes.`);
    if (args.follow === true) await follow(place, wanted, next, show);
    else if (requests.length === 0 && args.json !== true)
      consola.info(`No request of this kind is remembered.${await whyNone(place, args.key)}`);
  },
});

/** A mistyped key has no requests either; one of an earlier configuration may have some. */
async function whyNone(place: AdminPlace, key: string | undefined): Promise<string> {
  if (key === undefined) return "";
  const { keys } = await askProxy(place, "GET", "/admin/status", StatusView);
  const names = keys.map(({ name }) => name);
  if (names.includes(key)) return "";
  const near = nearest(key, names);
  const hint = near === undefined ? "" : ` Did you mean "${near}"?`;
  return ` The running proxy has no key "${showTyped(key)}".${hint}`;
}

async function ask(
  place: AdminPlace,
  wanted: URLSearchParams,
  page: { readonly limit?: string; readonly after?: string },
): Promise<LogsView> {
  const query = new URLSearchParams([...wanted, ...Object.entries(page)]);
  return await askProxy(place, "GET", `/admin/logs?${query.toString()}`, LogsView);
}

/** A proxy that is restarted is waited for. */
async function follow(
  place: AdminPlace,
  wanted: URLSearchParams,
  from: number,
  show: (request: RequestView) => void,
): Promise<void> {
  const pause = new Pause();
  let after = from;
  let isAway = false;
  while (await pause.wait(EVERY_MS)) {
    try {
      let page = await ask(place, wanted, { after: String(after) });
      for (const request of page.requests) show(request);
      while (page.more) {
        page = await ask(place, wanted, { after: String(page.next) });
        for (const request of page.requests) show(request);
      }
      after = page.next;
      isAway = false;
    } catch (error) {
      if (!(error instanceof KeyCycleError)) throw error;
      if (!isAway) consola.warn(`${error.message} Waiting for it.`);
      isAway = true;
    }
  }
}

function limitOf(written: string): string {
  const count = Number(written);
  if (/^\d+$/.test(written) && count >= 1 && count <= 1_000) return written;
  throw new KeyCycleError("usage/limit", "--limit takes a whole number from 1 to 1000.");
}
