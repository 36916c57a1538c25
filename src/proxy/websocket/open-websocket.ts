import type { Server } from "bun";

import type { Client } from "../authenticate.ts";
import type { Exchange } from "../exchange.ts";
import { answerError, setOwnHeaders } from "../own-answer.ts";
import type { ReadBody } from "../read-body.ts";
import { AskingClient } from "./asking-client.ts";
import { attemptSocket, type SocketPlan } from "./attempt-socket.ts";
import { beginningOf, takesTurns } from "./beginning.ts";
import type { ClientSide } from "./client-side.ts";
import { checkHandshake } from "./handshake.ts";
import { Session } from "./session.ts";
import { offeredSubprotocols, withoutCredentials } from "./subprotocols.ts";
import { Turns } from "./turns.ts";

const NO_BODY: ReadBody = { kind: "whole", bytes: Buffer.alloc(0) };

/** Belong to the upstream's connection, or are set by Bun. */
const NOT_RELAYED = ["sec-websocket-accept", "sec-websocket-extensions", "date", "content-length"];

/**
 * Relays a WebSocket. The client is accepted once an upstream has accepted it, so that until then it gets
 * the same answers as over HTTP; one whose first message names the model is accepted at once.
 *
 * @param serve  finds the model in a body, a key for it, and makes the upstream's answer the client's
 */
export function openWebSocket(
  exchange: Exchange,
  server: Server<ClientSide>,
  client: Client,
  serve: (body: ReadBody) => Promise<Response>,
): Response | Promise<Response> {
  const fault = checkHandshake(exchange.request);
  if (fault !== undefined) return answerError(exchange, fault);
  const beginning = beginningOf(exchange.path);
  const subprotocols = withoutCredentials(offeredSubprotocols(exchange.request.headers));
  const upgrade = (data: ClientSide, headers: Headers) => {
    // Bun looks for it, and it was taken out for the upstream.
    exchange.request.headers.set("upgrade", "websocket");
    return server.upgrade(exchange.request, { headers, data });
  };
  const asking =
    beginning === "client-asks"
      ? new AskingClient(exchange, (bytes) => serve({ kind: "whole", bytes }))
      : undefined;
  const plan: SocketPlan = {
    beginning,
    subprotocols,
    maxMessageBytes: exchange.runtime.config.server.maxBodyBytes,
    hasOwnToken: exchange.bound?.token !== undefined,
    isText: () => asking?.isText ?? true,
    begin(socket, key, headers, start) {
      const turns = takesTurns(exchange.path) ? new Turns(exchange, client, key) : undefined;
      const session = new Session(exchange, key, socket, start, turns);
      // Empty, it keeps Bun from choosing one itself.
      headers.set("sec-websocket-protocol", socket.subprotocol);
      for (const name of NOT_RELAYED) headers.delete(name);
      if (asking !== undefined) asking.begin(session);
      else if (!upgrade(session, headers)) session.abandon();
      return upgraded();
    },
  };
  exchange.attempt = (...attempt) => attemptSocket(plan, ...attempt);
  if (asking === undefined) return serve(NO_BODY);
  // Its first message is looked into as the body of a request is: no other type, and nothing decoded.
  exchange.request.headers.set("content-type", "application/json");
  exchange.request.headers.delete("content-encoding");
  // No upstream is there yet to choose, and a browser that offers any goes away where none is chosen.
  const headers = new Headers({ "sec-websocket-protocol": subprotocols[0] ?? "" });
  setOwnHeaders(exchange, headers, undefined, null);
  if (!upgrade(asking, headers)) asking.clientEnded();
  return upgraded();
}

/** Bun has answered with 101 already; this is thrown away. */
function upgraded(): Response {
  return new Response(null);
}
