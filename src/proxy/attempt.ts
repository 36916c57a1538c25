import type { RotationConfig } from "../config/config.ts";
import { codeOf } from "../error.ts";
import { needsNoProbe, probeConnect, proveReachable } from "./connect-probe.ts";
import { type AttemptResult, judgeStream, judgeWhole, shapeOf } from "./judge.ts";
import type { UpstreamKey } from "./runtime.ts";
import { type Turns, Upload } from "./upload.ts";
import { Deadline, unwatch, watch } from "./watchdog.ts";

/** What is sent, ready for `fetch`. */
export interface UpstreamRequest {
  readonly url: string;
  readonly method: string;
  readonly headers: Headers;
  readonly body: Uint8Array | Upload | undefined;
  /** Of an upload, in place of what was read of it ahead. */
  readonly head?: Buffer | undefined;
}

/** How a key is tried. */
export type Attempt = typeof attempt;

/** Ends an attempt that takes too long. While an upload is sent, the time begins anew with each part of it. */
export class AttemptDeadline extends Deadline implements Turns {
  /** Why it was ended; undefined while it was not. */
  reason: string | undefined = undefined;
  readonly #abort: AbortController;
  readonly #firstByteMs: number;

  constructor(abort: AbortController, firstByteMs: number, now: number) {
    super(now + firstByteMs);
    this.#abort = abort;
    this.#firstByteMs = firstByteMs;
  }

  override expire(): void {
    this.giveUp(`no first byte within ${this.#firstByteMs / 1000} s`);
  }

  ofClient(): void {
    this.deadlineMs = Number.POSITIVE_INFINITY;
  }

  ofUpstream(): void {
    this.deadlineMs = Date.now() + this.#firstByteMs;
  }

  giveUp(reason: string): void {
    this.reason = reason;
    this.#abort.abort();
  }
}

/**
 * One attempt on one key: sends the request and reads as much of the answer as it takes to tell what
 * became of it. Never throws for anything that an upstream does.
 *
 * @param abort  ends the attempt, at any time up to the end of a stream
 */
export async function attempt(
  key: UpstreamKey,
  request: UpstreamRequest,
  timeouts: RotationConfig["timeouts"],
  abort: AbortController,
): Promise<AttemptResult> {
  const now = Date.now();
  const deadline = new AttemptDeadline(abort, timeouts.firstByteMs, now);
  watch(deadline);
  const { body } = request;
  const endProbe = needsNoProbe(key.dialed, now)
    ? undefined
    : probeConnect(key.dialed, timeouts.connectMs, now, () =>
        deadline.giveUp(`no connection within ${timeouts.connectMs / 1000} s`),
      );
  try {
    const response = await fetch(request.url, {
      method: request.method,
      headers: request.headers,
      body: body instanceof Upload ? body.send(request.head, deadline) : body,
      decompress: false,
      redirect: "manual",
      signal: abort.signal,
      proxy: key.config.proxy,
      // Bun's own idle timeout would end a stream that ours allows.
      timeout: false,
    });
    proveReachable(key.dialed, now);
    endProbe?.();
    if (response.status > 599) {
      void response.body?.cancel().catch(() => {});
      return failed(`status ${response.status}, which HTTP does not have`);
    }
    const shape = shapeOf(request.method, response);
    if (shape === "stream") return await judgeStream(key, response);
    const bytes = shape === "none" ? undefined : Buffer.from(await response.arrayBuffer());
    return judgeWhole(key, request.method, response, bytes);
  } catch (error) {
    if (deadline.reason !== undefined) return failed(deadline.reason);
    if (abort.signal.aborted || (body instanceof Upload && body.body.fault !== undefined))
      return { outcome: { kind: "abandoned" }, answer: undefined };
    return failed(codeOf(error));
  } finally {
    endProbe?.();
    unwatch(deadline);
  }
}

export function failed(reason: string): AttemptResult {
  return { outcome: { kind: "upstream-failure", reason }, answer: undefined };
}
