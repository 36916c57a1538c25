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

/** Those who wait for a probe of an origin, told when it has taken too long. */
interface Probe {
  readonly waiting: Set<() => void>;
  readonly close: () => void;
}

const underWay = new Map<string, Probe>();

/**
 * Holds an upstream to a connect timeout, which `fetch` has none of: beside the request, a connection is
 * opened and closed again; when it is not open in time, the request's will not be either. So a host that
 * swallows packets costs `timeouts.connect`, not `timeouts.firstByte`. Requests that come at once share
 * one probe.
 *
 * @param origin     scheme, host and port that is connected to: the upstream's, or the key's proxy's
 * @param onTimeout  called at most once, and not after the returned function was
 * @returns ends the waiting
 */
export function probeConnect(
  origin: string,
  timeoutMs: number,
  now: number,
  onTimeout: () => void,
): () => void {
  let probe = underWay.get(origin);
  if (probe === undefined) {
    probe = openProbe(origin, now + timeoutMs);
    underWay.set(origin, probe);
  }
  const { waiting, close } = probe;
  waiting.add(onTimeout);
  return () => {
    waiting.delete(onTimeout);
    if (waiting.size === 0) close();
  };
}

function openProbe(origin: string, deadlineMs: number): Probe {
  const { hostname, port, protocol } = new URL(origin);
  const waiting = new Set<() => void>();
  const socket = connect({
    host: hostname.replace(/^\[|\]$/g, ""),
    port: Number(port) || (protocol === "https:" ? 443 : 80),
  });
  const close = () => {
    unwatch(timeout);
    socket.destroy();
    if (underWay.get(origin)?.waiting === waiting) underWay.delete(origin);
  };
  const timeout = new Alarm(deadlineMs, () => {
    close();
    for (const giveUp of waiting) giveUp();
  });
  watch(timeout);
  socket.on("connect", () => {
    proveReachable(origin, Date.now());
    close();
  });
  // A refusal or an unknown host is the request's to report.
  socket.on("error", close);
  return { waiting, close };
}

function hasEnvironmentProxy(): boolean {
  const { env } = process;
  return ["HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY"].some((name) => env[name] || env[name.toLowerCase()]);
}
