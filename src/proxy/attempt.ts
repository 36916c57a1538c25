import type { RotationConfig } from "../config/config.ts";
import { codeOf } from "../error.ts";
import { probeConnect, proveReachable } from "./connect-probe.ts";
import { type AttemptResult, hasNoBody, isShort, judgeStream, judgeWhole } from "./judge.ts";
import type { UpstreamKey } from "./runtime.ts";
import { unwatch, watch } from "./watchdog.ts";

/** What is sent, ready for `fetch`. */
export interface UpstreamRequest {
  readonly url: string;
  readonly method: string;
  readonly headers: Headers;
  readonly body: Uint8Array | ReadableStream<Uint8Array> | undefined;
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
  let timedOut: string | undefined;
  const giveUp = (reason: string) => {
    timedOut = reason;
    abort.abort();
  };
  const firstByte = watch(now + timeouts.firstByteMs, () =>
    giveUp(`no first byte within ${timeouts.firstByteMs / 1000} s`),
  );
  const endProbe = probeConnect(key.dialed, timeouts.connectMs, now, () =>
    giveUp(`no connection within ${timeouts.connectMs / 1000} s`),
  );
  try {
    const response = await fetch(request.url, {
      method: request.method,
      headers: request.headers,
      body: request.body,
      decompress: false,
      redirect: "manual",
      signal: abort.signal,
      proxy: key.config.proxy,
      // Bun's own idle timeout would end a stream that ours allows.
      timeout: false,
    });
    proveReachable(key.dialed, now);
    endProbe();
    if (hasNoBody(request.method, response)) return judgeWhole(key, request.method, response, undefined);
    if (isShort(response)) {
      return judgeWhole(key, request.method, response, Buffer.from(await response.arrayBuffer()));
    }
    return await judgeStream(key, response);
  } catch (error) {
    if (timedOut !== undefined) return failed(timedOut);
    if (abort.signal.aborted) return { outcome: { kind: "abandoned" }, answer: undefined };
    return failed(codeOf(error));
  } finally {
    endProbe();
    unwatch(firstByte);
  }
}

function failed(reason: string): AttemptResult {
  return { outcome: { kind: "upstream-failure", reason }, answer: undefined };
}
