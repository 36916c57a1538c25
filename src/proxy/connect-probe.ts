import { connect } from "node:net";

import { Alarm, unwatch, watch } from "./watchdog.ts";

/** An upstream that answered this lately needs no proof that it can be reached. */
const PROVEN_MS = 30_000;

const provenUntil = new Map<string, number>();

/** Remembers that an upstream has answered, at epoch millisecond `now`. */
export function proveReachable(origin: string, now: number): void {
  provenUntil.set(origin, now + PROVEN_MS);
}

/**
 * Whether to go without a probe: the upstream has answered within half a minute, or a proxy of the
 * environment stands in between.
 */
export function needsNoProbe(origin: string, now: number): boolean {
  return (provenUntil.get(origin) ?? 0) > now || hasEnvironmentProxy();
}

/**
 * Holds an upstream to a connect timeout, which `fetch` has none of: beside the request, a connection is
 * opened and closed again; when it is not open in time, the request's will not be either. So a host that
 * swallows packets costs `timeouts.connect`, not `timeouts.firstByte`.
 *
 * @param origin     scheme, host and port that is connected to: the upstream's, or the key's proxy's
 * @param onTimeout  called at most once, and not after the returned function was
 * @returns ends the probe
 */
export function probeConnect(
  origin: string,
  timeoutMs: number,
  now: number,
  onTimeout: () => void,
): () => void {
  const { hostname, port, protocol } = new URL(origin);
  const socket = connect({
    host: hostname.replace(/^\[|\]$/g, ""),
    port: Number(port) || (protocol === "https:" ? 443 : 80),
  });
  const end = () => {
    unwatch(timeout);
    socket.destroy();
  };
  const timeout = new Alarm(now + timeoutMs, () => {
    socket.destroy();
    onTimeout();
  });
  watch(timeout);
  socket.on("connect", end);
  // A refusal or an unknown host is the request's to report.
  socket.on("error", end);
  return end;
}

function hasEnvironmentProxy(): boolean {
  const { env } = process;
  return ["HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY"].some((name) => env[name] || env[name.toLowerCase()]);
}
