import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { Duplex } from "node:stream";
import { parseArrival } from "./call.ts";
import { deliver, pause } from "./deliver.ts";
import type { Fault } from "./faults.ts";
import { Keyring, type SimulatedKey } from "./keyring.ts";
import { headersOf, receive, type ReceivedBody } from "./receive.ts";
import type { Reply } from "./reply.ts";
import { RequestLog, type RequestCounts, type RequestRecord, type SimulatedRequest } from "./request-log.ts";
import { type Handshake, refuseHandshake, talk } from "./talk.ts";
import { newId } from "./text.ts";
import { whichDialect } from "./which-dialect.ts";

export type { Fault } from "./faults.ts";
export type { SimulatedKey } from "./keyring.ts";
export type { RequestCounts, SimulatedRequest } from "./request-log.ts";

export interface SimulatorOptions {
  readonly keys: readonly SimulatedKey[];
  /** On 127.0.0.1; default 0, which lets the system choose. */
  readonly port?: number;
  /** Before every answer. Default 0. */
  readonly latencyMs?: number;
  /** Between the parts of a stream. Default 0. */
  readonly chunkDelayMs?: number;
  /** How many deltas of text a stream has. Default: one for each word. */
  readonly chunks?: number;
  /** Epoch milliseconds; what limits, resets and dates go by. Default `Date.now`. */
  readonly now?: () => number;
  /** How many requests are kept for `requests`. Default 10,000. */
  readonly keep?: number;
  /** Bodies over this are answered with 413. Default 64 MiB. */
  readonly maxBodyBytes?: number;
  /** Called once for every request, when it is over. */
  readonly onRequest?: (request: SimulatedRequest) => void;
}

const DEFAULT_KEEP = 10_000;
const DEFAULT_MAX_BODY_BYTES = 64 * 1024 * 1024;
const MAX_KEPT_BODY_BYTES = 64 * 1024 * 1024;

/**
 * The providers in miniature: an HTTP server that speaks OpenAI's, Anthropic's, Gemini's and Azure
 * OpenAI's APIs well enough for their official SDKs, enforces its keys' limits, and fails as told.
 *
 * It stands on node:http rather than Bun.serve since faults need the socket: to reset it before an
 * answer, or to end it in the middle of one.
 */
export class Simulator {
  readonly url: string;
  readonly port: number;
  readonly #server: Server;
  readonly #options: SimulatorOptions;
  readonly #keyring: Keyring;
  readonly #log: RequestLog;
  readonly #now: () => number;
  /** Of WebSockets, which the server has let go of. */
  readonly #sockets = new Set<Duplex>();

  private constructor(options: SimulatorOptions) {
    this.#options = options;
    this.#now = options.now ?? Date.now;
    this.#keyring = new Keyring(options.chunks);
    this.#log = new RequestLog(options.keep ?? DEFAULT_KEEP, MAX_KEPT_BODY_BYTES);
    for (const key of options.keys) this.addKey(key);
    this.#server = createServer((request, response) => {
      receive(request, options.maxBodyBytes ?? DEFAULT_MAX_BODY_BYTES, (received) => {
        this.#handle(request, response, received).catch((error: unknown) => fail(response, error));
      });
    });
    this.#server.on("upgrade", (request, socket, head) => {
      this.#shake({ request, socket, head }).catch(() => socket.destroy());
    });
    // The proxy in front keeps connections for as long as it likes; closing them first is a race.
    this.#server.keepAliveTimeout = 0;
    this.#server.requestTimeout = 0;
    // Bun binds at once, so that the address tells here whether it could; its error event comes later.
    this.#server.once("error", () => {});
    this.#server.listen(options.port ?? 0, "127.0.0.1");
    const address = this.#server.address();
    if (address === null || typeof address === "string") {
      throw new Error(`The simulator could not listen on port ${options.port ?? 0}; is it in use?`);
    }
    this.port = address.port;
    this.url = `http://127.0.0.1:${address.port}`;
  }

  /** @throws where the port is taken */
  static start(options: SimulatorOptions): Simulator {
    return new Simulator(options);
  }

  /** The last requests, oldest first, those under way included. */
  get requests(): readonly SimulatedRequest[] {
    return this.#log.requests;
  }

  /** Adds a key, or replaces it: its limits and counts begin anew. */
  addKey(key: SimulatedKey): void {
    this.#keyring.add(key);
    this.#log.watch(key.secret);
  }

  /** @param times only the next so many requests of the key; after them its standing fault is back */
  setFault(secret: string, fault: Fault | undefined, times?: number): void {
    this.#keyring.faults.set(secret, fault, times);
  }

  /**
   * Meets every key before its own fault does; undefined lifts it.
   *
   * @param times only the next so many requests, whichever keys they use
   */
  setFaultForAll(fault: Fault | undefined, times?: number): void {
    this.#keyring.faults.setForAll(fault, times);
  }

  /** The next request that ends from now on: answered, broken off, or given up by the client. */
  nextRequest(wants: (request: SimulatedRequest) => boolean = () => true): Promise<SimulatedRequest> {
    return this.#log.next("end", wants);
  }

  /** The next request that arrives from now on; its answer is still to come. */
  nextArrival(wants: (request: SimulatedRequest) => boolean = () => true): Promise<SimulatedRequest> {
    return this.#log.next("arrival", wants);
  }

  /** @param secret default: all requests, those with unknown keys or none included */
  counts(secret?: string): RequestCounts {
    return this.#log.counts(secret);
  }

  /** Stops at once: what is under way is cut off. */
  async stop(): Promise<void> {
    await new Promise<void>((resolve) => {
      this.#server.close(() => resolve());
      this.#server.closeAllConnections();
      for (const socket of this.#sockets) socket.destroy();
    });
  }

  async #handle(request: IncomingMessage, response: ServerResponse, received: ReceivedBody): Promise<void> {
    const { answer, reply, record, end } = await this.#arrive(request, request.method ?? "GET", received);
    const breaks = answer.delivery.kind === "reset" || answer.delivery.kind === "truncate";
    response.once("close", () => end(breaks ? "broken" : "aborted"));
    if ((this.#options.latencyMs ?? 0) > 0) await pause(response, this.#options.latencyMs ?? 0);
    const onHead = (): void => {
      record.status = reply.status;
      record.completionTokens = reply.completionTokens;
    };
    if (await deliver(response, reply, answer.delivery, this.#options.chunkDelayMs ?? 0, onHead)) {
      end("answered");
    }
  }

  async #shake(handshake: Handshake): Promise<void> {
    const { request, socket } = handshake;
    socket.on("error", () => {});
    this.#sockets.add(socket);
    socket.once("close", () => this.#sockets.delete(socket));
    const { answer, reply, record, end } = await this.#arrive(request, "SOCKET", NO_BODY);
    const { conversation, delivery } = answer;
    socket.once("close", () => end("aborted"));
    if ((this.#options.latencyMs ?? 0) > 0) await Bun.sleep(this.#options.latencyMs ?? 0);
    if (delivery.kind === "hang") {
      // Unread, it would not tell that the client has gone.
      socket.resume();
      return;
    }
    if (delivery.kind === "slow") await Bun.sleep(delivery.firstByteMs);
    if (delivery.kind === "reset" && delivery.when === "before-first-byte") {
      socket.destroy();
      return;
    }
    record.status = reply.status;
    if (conversation === undefined) {
      end("answered");
      refuseHandshake(handshake, reply);
      return;
    }
    talk(handshake, reply.headers, conversation, delivery, this.#options.chunkDelayMs ?? 0, (code) => {
      record.closeCode = code;
      end(code === 1006 ? "aborted" : "answered");
    });
  }

  /** Reads a request, decides its answer and writes both down. */
  async #arrive(request: IncomingMessage, method: string, received: ReceivedBody) {
    const at = this.#now();
    const startedAt = performance.now();
    const headers = headersOf(request);
    const arrival = parseArrival(method, request.url ?? "/", headers, received.body, at);
    const dialect = whichDialect(arrival);
    const call = await dialect.read(arrival);
    const record: RequestRecord = {
      at,
      endedAt: undefined,
      method: request.method ?? method,
      path: arrival.path,
      headers,
      rawHeaders: request.rawHeaders,
      secret: dialect.secretOf(arrival),
      api: dialect.api,
      model: call.model,
      stream: call.stream,
      body: received.body,
      bodyBytes: received.bytes,
      status: 0,
      aborted: false,
      promptTokens: call.promptTokens,
      completionTokens: 0,
      closeCode: undefined,
    };
    const requestId = newId("req_");
    const tooLarge = received.bytes > received.body.length;
    const answer = this.#keyring.answer({ dialect, call, secret: record.secret, tooLarge, requestId });
    const end = (how: "answered" | "broken" | "aborted"): void => {
      if (record.endedAt !== undefined) return;
      answer.release();
      this.#log.ended(record, how, this.#now());
      this.#options.onRequest?.(record);
    };
    this.#log.arrived(record);
    const reply: Reply = {
      ...answer.reply,
      headers: {
        ...answer.reply.headers,
        ...answer.limitHeaders,
        ...dialect.headers(requestId, performance.now() - startedAt),
      },
    };
    return { answer, reply, record, end };
  }
}

const NO_BODY: ReceivedBody = { body: new Uint8Array(), bytes: 0 };

/** A bug of the simulator is told to its client and does not end the process that it is part of. */
function fail(response: ServerResponse, error: unknown): void {
  if (response.headersSent) {
    response.socket?.destroy();
    return;
  }
  response.writeHead(500, { "content-type": "text/plain; charset=utf-8" });
  response.end(`The simulator failed: ${String(error)}\n`);
}
