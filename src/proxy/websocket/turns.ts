import { formatError, type OwnError } from "../../providers/error-format.ts";
import { boundsFitAt, takeFromBounds } from "../../rotation/limits/bounds.ts";
import { allowsModel } from "../../rotation/models.ts";
import type { Client } from "../authenticate.ts";
import { modelNotAllowed, overLimit } from "../client-errors.ts";
import type { Exchange } from "../exchange.ts";
import { readMember, scanTopLevel } from "../json-scan.ts";
import { rewriteModel } from "../rewrite-model.ts";
import type { UpstreamKey } from "../runtime.ts";
import { errorEvent } from "./error-event.ts";

/** What becomes of a client's message: it goes on, or is answered here. */
export type Turn = { readonly send: string | Buffer } | { readonly refuse: string };

const WANTED: ReadonlySet<string> = new Set(["type", "model"]);

/** The messages that ask for a response; each counts as a request. */
const ASKS = "response.create";

/**
 * Looks at what a client sends after its first message, on a WebSocket on which each message is a request:
 * its model may be another one, which the client may not use, or an alias. The key stays the same: what a
 * response goes on from may be known to its connection only.
 */
export class Turns {
  readonly #exchange: Exchange;
  readonly #client: Client;
  readonly #key: UpstreamKey;

  constructor(exchange: Exchange, client: Client, key: UpstreamKey) {
    this.#exchange = exchange;
    this.#client = client;
    this.#key = key;
  }

  check(message: string | Buffer): Turn {
    const body = Buffer.from(message);
    const scan = scanTopLevel(body, WANTED);
    if (scan.kind === "duplicate") return this.#refuse(TWICE);
    // What is wrong with anything else, the upstream says.
    if (scan.kind !== "found") return { send: message };
    const [type, model] = ["type", "model"].map((name) => {
      const span = scan.members.get(name);
      return span && readMember(body, span);
    });
    if (type !== ASKS) return { send: message };
    const refusal = this.#admit(model);
    if (refusal !== undefined) return this.#refuse(refusal);
    return { send: model === undefined ? message : this.#reword(message, body, model) };
  }

  /** Counts a request; or says why it may not be. Its tokens are counted when the session is over. */
  #admit(model: string | undefined): OwnError | undefined {
    const { name, models, allowance } = this.#client;
    if (!models.includes("*") && (model === undefined || !allowsModel(models, model)))
      return modelNotAllowed(name, model ?? "");
    const now = Date.now();
    // The session has its place among the client's requests under way already.
    if (boundsFitAt(allowance.bounds, 0, 0, now) > now) return overLimit(name);
    takeFromBounds(allowance.bounds, 0, now);
    takeFromBounds(this.#key.bounds, 0, now);
    return undefined;
  }

  #reword(message: string | Buffer, body: Buffer, asked: string): string | Buffer {
    const { api, path, query, alias, model, runtime } = this.#exchange;
    const meant = asked === alias ? model : runtime.aliases.get(asked)?.[0];
    if (meant === undefined || meant === asked) return message;
    const reworded =
      rewriteModel({ api, path, query, contentType: "application/json", body }, asked, meant).body ?? body;
    return typeof message === "string" ? reworded.toString() : reworded;
  }

  #refuse(error: OwnError): Turn {
    return { refuse: errorEvent(error.status, formatError(this.#exchange.api, error)) };
  }
}

const TWICE: OwnError = {
  status: 400,
  code: "duplicate_model",
  message:
    'The message has the field "type" or "model" twice: upstreams differ on which one counts, so send one.',
};
