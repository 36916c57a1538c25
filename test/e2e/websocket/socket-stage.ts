import { createServer, type IncomingMessage } from "node:http";
import type { AddressInfo } from "node:net";
import type { Duplex } from "node:stream";
import { WebSocketServer } from "ws";

import { Proxy } from "../harness.ts";
import { Peer } from "./peer.ts";

/** An upstream's side of a session. */
export interface UpstreamPeer extends Peer {
  readonly request: IncomingMessage;
  /** What is below the WebSocket. */
  readonly connection: Duplex;
}

/** The binary in front of an upstream whose WebSockets the test plays. */
export interface SocketStage extends AsyncDisposable {
  readonly proxy: Proxy;
  /** The sessions that the upstream has accepted so far, in order. */
  readonly sessions: readonly UpstreamPeer[];
  /** The next session that it accepts. */
  nextSession(): Promise<UpstreamPeer>;
}

/** A path about which KeyCycle knows nothing, so that nobody has to speak first. */
export const PLAIN_PATH = "/v1/sockets?model=any";

/**
 * @param config  merged over a configuration of one key, or made from the upstream's address
 * @param accept  picks of the subprotocols that are offered; default: none
 */
export async function socketStage(
  config: object | ((url: string) => object) = {},
  accept: (offered: ReadonlySet<string>) => string | false = () => false,
): Promise<SocketStage> {
  const sessions: UpstreamPeer[] = [];
  const waiting: ((session: UpstreamPeer) => void)[] = [];
  const sockets = new WebSocketServer({
    noServer: true,
    autoPong: false,
    maxPayload: 0,
    handleProtocols: accept,
  });
  const server = createServer((_request, response) => response.end("ok"));
  server.on("upgrade", (request, connection, head) => {
    connection.on("error", () => {});
    sockets.handleUpgrade(request, connection, head, (socket) => {
      const accepted = Object.assign(new Peer(socket), { request, connection });
      sessions.push(accepted);
      waiting.shift()?.(accepted);
    });
  });
  await new Promise<void>((resolve) => {
    server.listen(0, "127.0.0.1", resolve);
  });
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const proxy = await Proxy.start({
    apiKeys: [{ name: "only", key: "sk-only-0000", url, provider: "openai" }],
    ...(typeof config === "function" ? config(url) : config),
  });
  return {
    proxy,
    sessions,
    nextSession: () => new Promise((resolve) => waiting.push(resolve)),
    async [Symbol.asyncDispose]() {
      proxy.process.kill("SIGKILL");
      await proxy.process.exited;
      for (const { socket } of sessions) socket.terminate();
      server.closeAllConnections();
      server.close();
    },
  };
}

/** A session with both its sides. */
export async function session(
  it: SocketStage,
  open: () => Promise<Peer>,
): Promise<{ readonly client: Peer; readonly upstream: UpstreamPeer }> {
  const accepted = it.nextSession();
  const client = await open();
  return { client, upstream: await accepted };
}
