import { type Static, type TSchema, Type } from "@sinclair/typebox";

/*
 * What the admin API says, for those who ask and those who answer. Never a secret. Instants are epoch
 * milliseconds.
 */

const maybe = <Part extends TSchema>(part: Part) => Type.Optional(part);

/** How a key is, as far as every model is concerned. */
const State = Type.Union([
  Type.Literal("ready"),
  /** All that it may have under way is under way. */
  Type.Literal("busy"),
  Type.Literal("limited"),
  Type.Literal("spent"),
  Type.Literal("dead"),
  /** The circuit of its upstream is open. */
  Type.Literal("unreachable"),
  Type.Literal("disabled"),
]);
export type State = Static<typeof State>;

const ModelView = Type.Object({
  /** "" for requests that name none. */
  model: Type.String(),
  state: Type.Union([Type.Literal("ready"), Type.Literal("limited"), Type.Literal("unserved")]),
  /** Milliseconds until it may be asked again. */
  leftMs: maybe(Type.Number()),
  /** Requests left of the tightest limit that is known. */
  headroom: maybe(Type.Number()),
});
export type ModelView = Static<typeof ModelView>;

export const KeyView = Type.Object({
  name: Type.String(),
  provider: Type.String(),
  upstream: Type.String(),
  priority: Type.Number(),
  weight: Type.Number(),
  state: State,
  reason: maybe(Type.String()),
  /** Milliseconds until it may be used again. */
  leftMs: maybe(Type.Number()),
  headroom: maybe(Type.Number()),
  inFlight: Type.Number(),
  models: Type.Array(ModelView),
  requests: Type.Number(),
  errors: Type.Number(),
  inputTokens: Type.Number(),
  outputTokens: Type.Number(),
  p50Ms: maybe(Type.Number()),
  p95Ms: maybe(Type.Number()),
  share: Type.Number(),
});
export type KeyView = Static<typeof KeyView>;

export const StatusView = Type.Object({
  version: Type.String(),
  commit: Type.String(),
  pid: Type.Number(),
  /** Where clients reach the proxy. */
  url: Type.String(),
  /** The file that it serves, absolute and without symbolic links; of a proxy without one, nothing. */
  config: maybe(Type.String()),
  startedMs: Type.Number(),
  draining: Type.Boolean(),
  /** Requests and WebSockets under way. */
  underWay: Type.Number(),
  /** Of them, those that wait for a key. */
  waiting: Type.Number(),
  keys: Type.Array(KeyView),
});
export type StatusView = Static<typeof StatusView>;

/** What an action on keys came to. */
export const ActionView = Type.Object({
  changed: Type.Boolean(),
  /** Whether it outlasts the process. */
  lasts: Type.Boolean(),
});
export type ActionView = Static<typeof ActionView>;

/** What reading the configuration again came to, where it is in force. */
export const ReloadView = Type.Object({
  /** How many serve now. */
  keys: Type.Number(),
});
export type ReloadView = Static<typeof ReloadView>;

const AttemptView = Type.Object({
  key: Type.String(),
  outcome: Type.String(),
  status: maybe(Type.Number()),
  durationMs: Type.Number(),
});

/** A request that is over: a `RequestRecord` as JSON. */
export const RequestView = Type.Object({
  at: Type.Number(),
  id: Type.String(),
  method: Type.String(),
  path: Type.String(),
  model: Type.String(),
  alias: maybe(Type.String()),
  client: Type.String(),
  key: Type.String(),
  affinity: maybe(Type.Union([Type.Literal("hit"), Type.Literal("spill")])),
  status: Type.Number(),
  attempts: Type.Array(AttemptView),
  ttfbMs: Type.Number(),
  durationMs: Type.Number(),
  usage: maybe(Type.Object({ inputTokens: Type.Number(), outputTokens: Type.Number() })),
  upstreamRequestId: maybe(Type.String()),
  error: maybe(Type.String()),
  session: maybe(
    Type.Object({
      messagesSent: Type.Number(),
      bytesSent: Type.Number(),
      messagesReceived: Type.Number(),
      bytesReceived: Type.Number(),
      closeCode: Type.Number(),
      endedBy: Type.Union([Type.Literal("client"), Type.Literal("upstream"), Type.Literal("keycycle")]),
    }),
  ),
});
export type RequestView = Static<typeof RequestView>;

export const LogsView = Type.Object({
  /** In the order in which they ended. */
  requests: Type.Array(RequestView),
  /** What to ask for next: `after` of the last one that was looked at. */
  next: Type.Number(),
  /** Whether there are more behind these. */
  more: Type.Boolean(),
  /** Requests since the start that were not kept, since there were too many at once. */
  skipped: Type.Number(),
});
export type LogsView = Static<typeof LogsView>;

export const ErrorView = Type.Object({ error: Type.String() });

/** Who answers instead of the proxy that was meant. */
export const WrongProxyView = Type.Object({
  error: Type.String(),
  /** As `config` of the status. */
  serves: maybe(Type.String()),
});
export type WrongProxyView = Static<typeof WrongProxyView>;
