import { Elysia } from "elysia";

import { nearest } from "../config/nearest.ts";
import { showTyped } from "../config/secrecy.ts";
import type { RunningProxy } from "../proxy/start.ts";
import { actByHand, HAND_ACTIONS } from "../rotation/by-hand.ts";
import { COMMIT, VERSION } from "../version.ts";
import { tellLogs } from "./tell-logs.ts";
import { viewKey } from "./key-view.ts";
import { servedFile } from "./over-socket.ts";
import type { ActionView, ReloadView, StatusView } from "./views.ts";

/** Answers requests to `/admin/...`; whoever it is handed to has seen to it that the asker may ask. */
export type AdminHandler = (request: Request) => Response | Promise<Response>;

/**
 * The admin API of a running proxy. It never shows a secret.
 *
 * @param reload  puts in force at once what the configuration's files have come to hold; returns why not
 */
export function adminHandler(proxy: RunningProxy, reload: () => string | undefined): AdminHandler {
  const startedMs = Date.now();
  const app = new Elysia({ prefix: "/admin", strictPath: true })
    .get("/status", () => Response.json(statusOf(proxy, startedMs, Date.now())))
    .get("/logs", ({ request }) => tellLogs(proxy, new URL(request.url).searchParams))
    .post("/reload", () => reloaded(proxy, reload()))
    .post("/keys/:name/:action", ({ params }) => act(proxy, params.name, params.action))
    .all("/*", () => refuse(404, "There is no such path in the admin API."));
  return (request) => app.handle(request);
}

function statusOf(proxy: RunningProxy, startedMs: number, now: number): StatusView {
  const { serving, log, traffic, url } = proxy;
  const { keys, waiting, config } = serving.runtime;
  log.tellReaders();
  const names = keys.map(({ name }) => name);
  const trafficOf = traffic.of(names, now);
  return {
    version: VERSION,
    commit: COMMIT,
    pid: process.pid,
    url,
    config: servedFile(config.source),
    startedMs,
    draining: serving.draining,
    underWay: proxy.pending(),
    waiting: waiting.size,
    keys: keys.flatMap((key) => {
      const counted = trafficOf.get(key.name);
      return counted === undefined ? [] : [viewKey(key, counted, now)];
    }),
  };
}

function reloaded({ serving }: RunningProxy, problem: string | undefined): Response {
  if (problem !== undefined) return refuse(409, problem);
  const done: ReloadView = { keys: serving.runtime.keys.length };
  return Response.json(done);
}

function act({ serving, log }: RunningProxy, name: string, written: string): Response {
  const action = HAND_ACTIONS.find((each) => each === written);
  const { keys, waiting, config } = serving.runtime;
  const key = keys.find((each) => each.name === name);
  if (action === undefined) return refuse(404, `What can be done to a key is ${HAND_ACTIONS.join(", ")}.`);
  if (key === undefined)
    return refuse(
      404,
      noSuchKey(
        name,
        keys.map((each) => each.name),
      ),
    );
  const changed = actByHand(key, action);
  if (changed) {
    waiting.poke();
    log.message("info", `key ${name}: ${TOLD[action]}`);
  }
  const done: ActionView = { changed, lasts: config.state.kind === "file" };
  return Response.json(done);
}

/** More than these are counted, not listed. */
const MAX_NAMES = 10;

function noSuchKey(name: string, names: readonly string[]): string {
  const near = nearest(name, names);
  if (near !== undefined)
    return `The running proxy has no key "${showTyped(name)}". Did you mean "${near}"? keycycle keys list shows all.`;
  const more = names.length > MAX_NAMES ? ` and ${names.length - MAX_NAMES} more` : "";
  return `The running proxy has no key "${showTyped(name)}", but ${names.slice(0, MAX_NAMES).join(", ")}${more}. keycycle keys list shows how they are.`;
}

const TOLD = {
  enable: "enabled by hand",
  disable: "disabled by hand",
  reset: "what was learned is forgotten",
};

function refuse(status: number, error: string): Response {
  return Response.json({ error }, { status });
}
