import type { UpstreamKey } from "../proxy/runtime.ts";
import type { KeyTraffic } from "../observe/traffic.ts";
import { breakerOpensAt } from "../rotation/breaker.ts";
import type { ModelState, RotationKey } from "../rotation/key-state.ts";
import { meterFitsAt, meterHeadroom } from "../rotation/limits/meter.ts";
import type { KeyView, ModelView, State } from "./views.ts";

/** Models come from clients: more of them than this are not listed. */
const MAX_MODELS = 50;

/** Why and for how long a key is not ready; all that is read of rotation is read here. */
interface Standing {
  readonly state: State;
  readonly reason?: string;
  readonly untilMs?: number;
}

/** A key as `keycycle status` shows it. */
export function viewKey(key: UpstreamKey, traffic: KeyTraffic, now: number): KeyView {
  const { name, config, upstream, priority, weight, state } = key;
  const { untilMs, ...standing } = standingOf(key, now);
  const models = [...state.byModel].slice(-MAX_MODELS).map(([model, known]) => viewModel(model, known, now));
  const { p50Ms, p95Ms, ...counts } = traffic;
  return {
    name,
    provider: config.provider,
    upstream,
    priority,
    weight,
    ...standing,
    ...(untilMs === undefined ? {} : { leftMs: untilMs - now }),
    ...optional("headroom", headroomOf(key, now)),
    inFlight: state.inFlight,
    models,
    ...counts,
    ...optional("p50Ms", p50Ms),
    ...optional("p95Ms", p95Ms),
  };
}

function standingOf(key: RotationKey, now: number): Standing {
  const { setAside, disabled, coolUntilMs, inFlight, byModel } = key.state;
  if (disabled) return { state: "disabled" };
  if (setAside?.kind === "dead") {
    const nextMs = setAside.comeback?.atMs;
    const known = nextMs !== undefined && nextMs > now ? { untilMs: nextMs } : {};
    return { state: "dead", reason: setAside.reason, ...known };
  }
  if (setAside?.kind === "spent" && setAside.untilMs > now)
    return { state: "spent", reason: setAside.reason, untilMs: setAside.untilMs };
  const opensMs = breakerOpensAt(key.breaker, now);
  if (opensMs > now)
    return { state: "unreachable", ...(Number.isFinite(opensMs) ? { untilMs: opensMs } : {}) };
  if (coolUntilMs > now) return { state: "limited", untilMs: coolUntilMs };
  if (inFlight >= key.bounds.concurrency) return { state: "busy" };
  const instants = [...byModel.values()].map((model) =>
    Math.max(model.unservedUntilMs, restsUntil(model, now)),
  );
  const soonestMs = Math.min(...instants);
  return instants.length > 0 && soonestMs > now && Number.isFinite(soonestMs)
    ? { state: "limited", untilMs: soonestMs }
    : { state: "ready" };
}

function viewModel(model: string, known: ModelState, now: number): ModelView {
  const headroom = optional("headroom", whole(meterHeadroom(known.meter, now)));
  if (known.unservedUntilMs > now) return { model, state: "unserved", leftMs: known.unservedUntilMs - now };
  const untilMs = restsUntil(known, now);
  if (untilMs <= now) return { model, state: "ready", ...headroom };
  const left = Number.isFinite(untilMs) ? { leftMs: untilMs - now } : {};
  return { model, state: "limited", ...left, ...headroom };
}

function restsUntil({ coolUntilMs, meter }: ModelState, now: number): number {
  return Math.max(coolUntilMs, meterFitsAt(meter, 1, now));
}

/** Requests left of the tightest limit, over all models; undefined where none is known. */
function headroomOf({ state, bounds }: RotationKey, now: number): number | undefined {
  const known = [...state.byModel.values()].map(({ meter }) => meterHeadroom(meter, now));
  if (bounds.rpm !== undefined) known.push(bounds.rpm.left(now));
  if (bounds.rpd !== undefined) known.push(bounds.rpd.left(now));
  const least = Math.min(...known.filter((left) => left !== undefined), bounds.concurrency - state.inFlight);
  return whole(Number.isFinite(least) ? least : undefined);
}

function whole(amount: number | undefined): number | undefined {
  return amount === undefined || !Number.isFinite(amount) ? undefined : Math.max(0, Math.floor(amount));
}

function optional<Name extends string>(name: Name, value: number | undefined): { [name in Name]?: number } {
  const field: { [name in Name]?: number } = {};
  if (value !== undefined) field[name] = value;
  return field;
}
