import { consola } from "consola";

import type { RunningProxy } from "../proxy/start.ts";

/**
 * Serves until SIGINT or SIGTERM, then drains: what is under way may finish for `drainTimeout`, a second
 * signal ends it at once.
 */
export async function untilStopped(proxy: RunningProxy): Promise<void> {
  const signals = new Signals();
  await signals.next();
  const pending = proxy.pending();
  const drained = proxy.drain().then(() => "drained" as const);
  if (pending > 0) {
    const seconds = proxy.drainTimeoutMs / 1000;
    consola.info(
      `Stopping: ${pending} under way may finish within ${seconds} s. Press Ctrl-C again to stop at once.`,
    );
  }
  const timeout = Promise.withResolvers<"timeout">();
  const timer = setTimeout(() => timeout.resolve("timeout"), proxy.drainTimeoutMs);
  const signal = signals.next().then(() => "signal" as const);
  const end = await Promise.race([drained, timeout.promise, signal]);
  clearTimeout(timer);
  if (end === "drained") return;
  if (end === "timeout")
    consola.warn(`${proxy.pending()} still under way after server.drainTimeout: broken off.`);
  await proxy.kill();
}

/** Stays in place between one signal and the next, so that none finds the process without a handler. */
class Signals {
  #waiting = Promise.withResolvers<void>();

  constructor() {
    const onSignal = () => {
      this.#waiting.resolve();
      this.#waiting = Promise.withResolvers<void>();
    };
    process.on("SIGINT", onSignal);
    process.on("SIGTERM", onSignal);
  }

  async next(): Promise<void> {
    await this.#waiting.promise;
  }
}
