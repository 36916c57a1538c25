import type { Subprocess } from "bun";

/** The target has core 0 for itself; origin and load generator share core 1. */
export const TARGET_CORE = 0;
export const LOAD_CORE = 1;

const HEALTHY_WITHIN_MS = 10_000;

export interface PinnedProcess {
  readonly port: number;
  readonly pid: number;
  /** From spawn to the first accepted answer of `/health`, in milliseconds. */
  readonly startedInMs: number;
  stop(): Promise<void>;
}

export interface Launch {
  readonly core: number;
  readonly port: number;
  readonly command: readonly string[];
  readonly env?: Readonly<Record<string, string | undefined>>;
  /** Where its output goes; a pipe would have to be drained by the load generator. */
  readonly logPath: string;
}

/** A benchmark that is broken off leaves no server behind. */
const children = new Set<Subprocess>();
process.on("exit", () => {
  for (const child of children) child.kill("SIGKILL");
});

/** Starts a server on one core and waits until it answers. `taskset` replaces itself, so its pid is the server's. */
export async function startPinned({ core, port, command, env, logPath }: Launch): Promise<PinnedProcess> {
  const log = Bun.file(logPath);
  const spawnedAt = performance.now();
  const child = Bun.spawn(["taskset", "-c", String(core), ...command], {
    env: { ...process.env, BUN_CONFIG_MAX_HTTP_REQUESTS: "65535", ...env },
    stdin: "ignore",
    stdout: log,
    stderr: log,
  });
  children.add(child);
  while (!(await isHealthy(port))) {
    if (child.exitCode !== null || performance.now() - spawnedAt > HEALTHY_WITHIN_MS) {
      child.kill("SIGKILL");
      throw new Error(`Does not answer: ${command.join(" ")}\n${await log.text()}`);
    }
    await Bun.sleep(1);
  }
  return {
    port,
    pid: child.pid,
    startedInMs: performance.now() - spawnedAt,
    async stop() {
      child.kill("SIGKILL");
      await child.exited;
      children.delete(child);
    },
  };
}

async function isHealthy(port: number): Promise<boolean> {
  try {
    const response = await fetch(`http://127.0.0.1:${port}/health`, { keepalive: false });
    await response.arrayBuffer();
    return response.ok;
  } catch {
    return false;
  }
}

/** Keeps this process, all its threads and what it starts from here on to one core. */
export function pinSelf(core: number): void {
  const { success } = Bun.spawnSync(["taskset", "-a", "-c", "-p", String(core), String(process.pid)]);
  if (!success)
    throw new Error(
      `Cannot pin this process to core ${core}: taskset (util-linux) is needed, and two cores.`,
    );
}
