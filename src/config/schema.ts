import { Type, type Static } from "@sinclair/typebox";
import { AFFINITY_MODES, LOG_FORMATS, LOG_LEVELS, STRATEGY_NAMES } from "./config.ts";
import { DEFAULT_STATE } from "./state-place.ts";
import { choice, count, duration, list, size, text } from "./kinds.ts";
import { ApiKey, Client } from "./schema-entries.ts";

/*
 * What a person may write. `description` is for editors and `keycycle schema`; `default` is in the form
 * that a person would write, and is what the reader fills in. `needs` lists groups of fields of which at
 * least one must be there, and `advice`, by the first of a group, says what to write where none is. A
 * field that is not here is an error.
 */

const Server = Type.Object({
  host: text("HostName", { default: "127.0.0.1", description: "Address to listen on." }),
  port: Type.Integer({
    default: 3456,
    minimum: 0,
    maximum: 65_535,
    description: "Port to listen on; 0 lets the system choose.",
  }),
  maxBody: size({
    default: "64MB",
    least: 1,
    description:
      "The largest request body that is held for a retry, the largest JSON body that is accepted, and the largest message of a WebSocket.",
  }),
  maxHeld: size({
    default: "256MB",
    least: 1,
    description:
      "How much is held at once of the bodies of all requests. Past it uploads are sent without a second attempt, and what must be held is answered with 503.",
  }),
  readTimeout: duration({
    default: "30s",
    least: 1,
    description:
      "How long a client may fall silent, or behind 4 kB a second, while it sends a request, and an idle connection may stay.",
  }),
  maxRequests: count({
    default: "20k",
    least: 1,
    description: "Requests under way at once; one more is answered with 503.",
  }),
  drainTimeout: duration({
    default: "30s",
    description: "How long streams may go on after the signal to stop.",
  }),
  cors: list("Origin", "comma or space", {
    default: [],
    description: 'Origins whose pages may call from a browser, e.g. "https://app.example.com"; "*" for all.',
  }),
  hostnames: list("HostName", "comma or space", {
    default: [],
    description:
      "Names, beside loopback ones, under which the proxy may be addressed when it has no clients.",
  }),
  allowAnonymous: Type.Boolean({ default: false, description: "Serve beyond loopback without clients." }),
  responseHeaders: Type.Boolean({
    default: true,
    description:
      "Send x-keycycle-key, x-keycycle-model, x-keycycle-affinity, x-keycycle-attempts, x-keycycle-incomplete and x-request-id with answers.",
  }),
});

const Rotation = Type.Object({
  strategy: choice(STRATEGY_NAMES, {
    default: "headroom",
    description: "How a key is chosen among those that can serve.",
  }),
  affinity: choice(AFFINITY_MODES, {
    default: "prompt-cache",
    description:
      "Which requests stay on one key while it has room: those of one conversation (prompt-cache), all of one client, or none. It comes before the strategy.",
  }),
  maxAttempts: Type.Integer({
    default: 4,
    minimum: 1,
    maximum: 100,
    description:
      "Attempts for one request that may end in an upstream's failure or overload. Refusals do not count.",
  }),
  deadline: duration({
    default: "300s",
    least: 1,
    description: "From the arrival of a request; past it no further attempt is started.",
  }),
  maxWait: duration({
    default: "15s",
    description: "How long a request may wait for a key when all are limited; 0: not at all.",
  }),
  maxQueue: count({
    default: 1000,
    description:
      "Requests that may wait at once; one more is answered at once, or takes the last place of the client that has the most, where its own has fewer.",
  }),
  probeAfter: duration({
    default: "1m",
    description:
      "How long after a key was refused its provider is asked, for free, whether it takes it again; doubles to 1h. 0: never.",
  }),
  timeouts: Type.Object({
    connect: duration({ default: "5s", least: 1, description: "Until the upstream accepts the connection." }),
    firstByte: duration({
      default: "120s",
      least: 1,
      description:
        "From the start of an attempt until the first byte of the answer; anew with each part of an upload that is taken.",
    }),
    idle: duration({
      default: "120s",
      least: 1,
      description:
        "Between two chunks of an answer; on a WebSocket, without a word from the upstream, which is pinged after half of it.",
    }),
  }),
});

const History = Type.Object({
  keep: count({
    default: "10k",
    description: "How many requests are remembered for keycycle logs, where state is kept; 0: none.",
  }),
  maxAge: duration({ default: "168h", least: 1, description: "How long a request is remembered." }),
});

const Admin = Type.Object({
  token: Type.Optional(
    text("Secret", {
      secret: true,
      description:
        "Lets who sends it as a bearer token use the admin API under /admin on the proxy's port. Without it only the socket beside the state file answers.",
    }),
  ),
});

const Log = Type.Object({
  level: choice(LOG_LEVELS, { default: "info", description: "The least important that is logged." }),
  format: choice(LOG_FORMATS, {
    default: "auto",
    description: "auto: pretty on a terminal, JSON lines elsewhere.",
  }),
});

/** A config file. */
export const ConfigFile = Type.Object(
  {
    $schema: Type.Optional(
      Type.String({
        description: "For editors: where the schema of this file is (keycycle schema). Not read.",
      }),
    ),
    server: Server,
    clients: Type.Array(Client, { default: [], description: "Who may use the proxy; none: loopback only." }),
    apiKeys: Type.Array(ApiKey, {
      default: [],
      description: "The API keys, in the order in which they are used.",
    }),
    aliases: Type.Record(Type.String(), list("Name", "comma", {}), {
      default: {},
      entries: "aliases",
      description:
        "Names that clients may ask for, each with the model that it stands for, or with several: the first that can be served in time is used.",
    }),
    rotation: Rotation,
    state: text("State", {
      default: DEFAULT_STATE,
      description:
        "Where what is learned lasts: a file, its path relative to this one's folder; or memory, which a restart clears.",
    }),
    history: History,
    admin: Admin,
    log: Log,
  },
  {
    needs: [["apiKeys"]],
    advice: { apiKeys: "apiKeys: and below it an entry for each key, as keycycle init writes them" },
  },
);

/** A config file once read: defaults filled in, units resolved. */
export type ConfigFile = Static<typeof ConfigFile>;
export type ApiKeyEntry = ConfigFile["apiKeys"][number];
export type ClientEntry = ConfigFile["clients"][number];
