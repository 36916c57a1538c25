import { expect } from "bun:test";
import { readFileSync } from "node:fs";
import type { Socket } from "node:net";

import type { Proxy } from "./harness.ts";

export const MB = 1024 * 1024;
/** What a flood offers. */
export const TOTAL = 200 * MB;
const PART = Buffer.alloc(64 * 1024, "x");

/** So many answers of the proxy in a row with no progress elsewhere mean that it waits. */
const TURNS = 50;

export function residentBytes({ process }: Proxy): number {
  const status = readFileSync(`/proc/${process.pid}/status`, "utf8");
  return Number(/VmRSS:\s+(\d+) kB/.exec(status)?.[1]) * 1024;
}

/** Writes all that the other side takes, and waits for `drain` whenever it takes no more. */
export class Flood {
  written = 0;
  readonly done: Promise<void>;

  /** @param frame  makes of a part what is written */
  constructor(
    readonly socket: Socket,
    readonly last: string,
    readonly frame: (part: Buffer) => readonly (Buffer | string)[],
  ) {
    this.done = new Promise((resolve) => {
      const go = (): void => {
        while (this.written < TOTAL && !socket.destroyed) {
          this.written += PART.length;
          const [full] = this.frame(PART)
            .map((piece) => !socket.write(piece))
            .toReversed();
          if (full === true) {
            socket.once("drain", go);
            return;
          }
        }
        socket.write(this.last, () => resolve());
      };
      go();
    });
  }

  /**
   * How much the proxy has grown by the time that no more of this goes out.
   *
   * @param before  what it had resident
   */
  async growthWhenStalled(proxy: Proxy, before: number): Promise<number> {
    await this.stalled(proxy);
    const grown = residentBytes(proxy) - before;
    console.log(
      `stalled after ${Math.round(this.written / MB)} MB; resident grew by ${Math.round(grown / MB)} MB`,
    );
    expect(this.written).toBeLessThan(TOTAL);
    return grown;
  }

  /** Until nothing more has gone out while the proxy answered `TURNS` other requests in a row. */
  private async stalled(proxy: Proxy): Promise<void> {
    let seen = -1;
    for (let still = 0; still < TURNS; still += 1) {
      await (await fetch(`${proxy.url}/health`)).text();
      if (this.written === seen) continue;
      seen = this.written;
      still = 0;
    }
  }
}
