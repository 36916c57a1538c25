/**
 * What ten thousand keys cost: the time until their configuration is in force, and memory once each has
 * served and told its limits on one model. Run: bun test/bench/key-memory.ts
 */
import { heapStats } from "bun:jsc";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { loadConfig } from "../../src/config/load.ts";
import { createRuntime, type Runtime } from "../../src/proxy/runtime.ts";
import { learn } from "../../src/rotation/learn.ts";
import { pick } from "../../src/rotation/pick.ts";
import { release, reserve, settle } from "../../src/rotation/reserve.ts";

const KEYS = 10_000;
const MODEL = "gpt-4o-mini";
const URL = "https://api.openai.com/v1";

/** What a configuration of so many keys looks like: one entry for all, or one for each with all that is its own. */
const FORMS: Readonly<Record<string, (count: number) => object>> = {
  "one entry with a keysFile": () => ({ apiKeys: [{ keysFile: "keys.txt", url: URL, models: ["others"] }] }),
  "an entry for each key, with limits": (count) => ({
    apiKeys: Array.from({ length: count }, (_, index) => ({
      name: `openai-${index}`,
      key: secret(index),
      url: URL,
      models: [MODEL, "others"],
      limits: { rpm: 500, tpm: 200_000, rpd: 10_000, concurrency: 50 },
    })),
  }),
};

const child = process.argv[2];
if (child === undefined) {
  for (const form of Object.keys(FORMS)) {
    // In a process of its own: what an earlier form left behind would be counted.
    const run = Bun.spawnSync([process.execPath, import.meta.path, form], {
      stdio: ["ignore", "pipe", "inherit"],
    });
    console.log(`${form}: ${run.stdout.toString().trim()}`);
  }
} else {
  console.log(await measure(child));
}

async function measure(form: string): Promise<string> {
  const folder = mkdtempSync(join(tmpdir(), "keycycle-memory-"));
  try {
    // The code that is used is loaded, and what it keeps is there, before anything is counted.
    bringUp(folder, form, 10);
    const before = await taken();
    const startedMs = performance.now();
    const runtime = bringUp(folder, form, KEYS);
    const tookMs = performance.now() - startedMs;
    const configured = await taken();
    teach(runtime);
    const learned = await taken();
    const each = (bytes: number) => `${Math.round(bytes / runtime.keys.length)} bytes`;
    return [
      `in force after ${tookMs.toFixed(0)} ms`,
      `${each(learned.heap - before.heap)} of heap a key (${each(configured.heap - before.heap)} before it learned)`,
      `${each(learned.resident - before.resident)} of resident memory`,
    ].join("; ");
  } finally {
    rmSync(folder, { recursive: true });
  }
}

function bringUp(folder: string, form: string, count: number): Runtime {
  const path = join(folder, "keycycle.json");
  writeFileSync(path, JSON.stringify(FORMS[form]!(count), null, 2), { mode: 0o600 });
  const secrets = Array.from({ length: count }, (_, index) => secret(index));
  writeFileSync(join(folder, "keys.txt"), secrets.join("\n"), { mode: 0o600 });
  return createRuntime(loadConfig({ cwd: folder, env: {}, explicitPath: path }).config);
}

/** As if every key had served, told its limits, and then refused. */
function teach(runtime: Runtime): void {
  const now = Date.now();
  const told = {
    requests: { limit: 500, remaining: 499, fullInMs: 120 },
    tokens: { limit: 200_000, remaining: 199_000, fullInMs: 300 },
  };
  for (const key of runtime.keys) {
    const reservation = reserve(key, MODEL, 1_000, now);
    settle(reservation, { kind: "served" }, told, now);
    learn(key.state, MODEL, { kind: "limited", scope: "model", retryAfterMs: 60_000 }, now, Math.random);
    release(reservation, 900, now);
  }
  const ask = { tokens: 1, tried: { keys: new Set<never>(), failedUpstreams: new Set<never>() } };
  pick(runtime.poolFor("openai", MODEL), runtime.strategy, ask, now, Math.random);
}

function secret(index: number): string {
  return `sk-proj-${String(index).padStart(5, "0")}${"x".repeat(43)}`;
}

async function taken(): Promise<{ heap: number; resident: number }> {
  Bun.gc(true);
  // What is free goes back to the system only a moment later.
  await Bun.sleep(1_000);
  Bun.gc(true);
  return { heap: heapStats().heapSize, resident: process.memoryUsage.rss() };
}
