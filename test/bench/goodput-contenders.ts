import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

import type { Upstreams } from "./goodput-upstreams.ts";

export type ContenderName = "keycycle" | "blind";

/** Something in front of the upstreams that is measured. */
export interface Contender {
  readonly url: string;
  readonly log: readonly ContenderLine[];
  stop(): Promise<void>;
}

/** A line of KeyCycle's JSON log, as far as it is looked at. */
export interface ContenderLine {
  readonly time: string;
  readonly level: string;
  readonly event: "request" | "key" | "message";
  readonly attempts?: number;
  readonly status?: number;
  readonly state?: string;
  readonly message?: string;
}

const STARTS_WITHIN_MS = 10_000;
const STOPS_WITHIN_MS = 2_000;

/** A run that is broken off leaves no server behind. */
const children = new Set<Bun.Subprocess>();
process.on("exit", () => {
  for (const child of children) child.kill("SIGKILL");
});

/** The compiled binary in a process of its own, told nothing of limits. */
export async function startKeycycle(binary: string, upstreams: Upstreams): Promise<Contender> {
  // Of its own, as KeyCycle watches its configuration's directory and may keep its state there.
  const dir = await mkdtemp(join(tmpdir(), "keycycle-goodput-"));
  const configPath = join(dir, "keycycle.json");
  const apiKeys = upstreams.keys.map(({ name, secret, url }) => ({
    name,
    key: secret,
    url,
    provider: "openai",
    models: ["others"],
  }));
  const config = { apiKeys, log: { level: "info", format: "json" } };
  await writeFile(configPath, JSON.stringify(config), { mode: 0o600 });
  const child = Bun.spawn([binary, "serve", "--port", "0", "--config", configPath], {
    cwd: dir,
    env: { PATH: process.env["PATH"], HOME: dir, NO_COLOR: "1" },
    stdin: "ignore",
    stdout: "pipe",
    stderr: "pipe",
  });
  children.add(child);
  const log: ContenderLine[] = [];
  let other = "";
  const { promise: started, resolve: onUrl } = Promise.withResolvers<string>();
  const onLine = (line: string) => {
    if (line.startsWith("{") && line.endsWith("}")) {
      log.push(JSON.parse(line) as ContenderLine);
      return;
    }
    other += `${line}\n`;
    const url = /KeyCycle \S+\s+(http:\/\/\S+)/.exec(line)?.[1];
    if (url !== undefined) onUrl(url);
  };
  const drained = Promise.all([eachLine(child.stdout, onLine), eachLine(child.stderr, onLine)]);
  const failed = Promise.race([child.exited, Bun.sleep(STARTS_WITHIN_MS)]).then(() => undefined);
  const url = await Promise.race([started, failed]);
  if (url === undefined) {
    child.kill("SIGKILL");
    throw new Error(
      `keycycle does not start:\n${other}${log.map((line) => JSON.stringify(line)).join("\n")}`,
    );
  }
  return {
    url,
    log,
    async stop() {
      // Not killed at once: its last log lines are still to be written.
      child.kill("SIGTERM");
      await Promise.race([child.exited, Bun.sleep(STOPS_WITHIN_MS)]);
      child.kill("SIGKILL");
      await child.exited;
      await drained;
      children.delete(child);
      await rm(dir, { recursive: true, force: true });
    },
  };
}

const BLIND_ATTEMPTS = 4;

/** What most rotators do: the next key in turn, and where it is refused the next one at once. */
export function startBlind({ keys }: Upstreams): Contender {
  let turn = 0;
  const server = Bun.serve({
    hostname: "127.0.0.1",
    port: 0,
    idleTimeout: 0,
    async fetch(request) {
      const { pathname } = new URL(request.url);
      const body = await request.arrayBuffer();
      let refused: Response | undefined;
      for (let attempt = 0; attempt < BLIND_ATTEMPTS; attempt += 1) {
        const { url, secret } = keys[turn++ % keys.length]!;
        const headers = { "content-type": "application/json", authorization: `Bearer ${secret}` };
        const answer = await fetch(url + pathname, { method: "POST", headers, body }).catch(() => undefined);
        if (answer === undefined) continue;
        const whole = await answer.arrayBuffer();
        refused = new Response(whole, { status: answer.status, headers: hintsOf(answer.headers) });
        if (answer.ok) return refused;
      }
      return refused ?? new Response("No upstream answered\n", { status: 502 });
    },
  });
  return { url: `http://127.0.0.1:${server.port}`, log: [], stop: () => server.stop(true) };
}

function hintsOf(headers: Headers): Headers {
  const hints = new Headers();
  for (const name of ["retry-after", "retry-after-ms"]) {
    const value = headers.get(name);
    if (value !== null) hints.set(name, value);
  }
  return hints;
}

async function eachLine(stream: ReadableStream<Uint8Array>, onLine: (line: string) => void): Promise<void> {
  const decoder = new TextDecoder();
  let partial = "";
  for await (const chunk of stream) {
    const lines = (partial + decoder.decode(chunk, { stream: true })).split("\n");
    partial = lines.pop() ?? "";
    for (const line of lines) onLine(line);
  }
}
