import { expect, test } from "bun:test";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { connect, createServer, type AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { Simulator } from "../../../src/demo/simulator.ts";
import { Proxy, stageOf } from "../harness.ts";
import { open, refused } from "./peer.ts";
import { LOCALHOST, tlsFront } from "./tls-front.ts";

const SECRET = "sk-only-0000-only";
const PATH = "/v1/realtime?model=gpt-realtime";

/** An HTTP proxy that tunnels, and writes down what it was asked. */
async function tunnels() {
  const asked: string[] = [];
  const server = createServer((socket) => {
    socket.on("error", () => {});
    socket.once("data", (chunk) => {
      const head = String(chunk);
      asked.push(head);
      const [, host = "", port = ""] = /^CONNECT ([^:]+):(\d+)/.exec(head) ?? [];
      const inner = connect(Number(port), host, () => {
        socket.write("HTTP/1.1 200 OK\r\n\r\n");
        socket.pipe(inner).pipe(socket);
      });
      inner.on("error", () => socket.destroy());
    });
  });
  await new Promise<void>((resolve) => {
    server.listen(0, "127.0.0.1", resolve);
  });
  return { asked, port: (server.address() as AddressInfo).port, stop: () => server.close() };
}

test.each(["ws", "wss"])("a key's outbound proxy stands before its WebSockets: %s", async (scheme) => {
  const simulator = Simulator.start({ keys: [{ secret: SECRET }] });
  await using front = await tlsFront(simulator.url);
  const outbound = await tunnels();
  const directory = mkdtempSync(join(tmpdir(), "keycycle-ca-"));
  writeFileSync(join(directory, "ca.pem"), LOCALHOST.cert);
  const url = scheme === "ws" ? simulator.url : front.url;
  const proxy = await Proxy.start(
    {
      apiKeys: [
        { key: SECRET, url, provider: "openai", proxy: `http://user:pass@127.0.0.1:${outbound.port}` },
      ],
    },
    { env: { NODE_EXTRA_CA_CERTS: join(directory, "ca.pem") } },
  );
  await using it = stageOf(simulator, proxy);
  try {
    const client = await open(it.proxy, PATH);
    expect(await client.json()).toMatchObject({ type: "session.created" });
    expect(outbound.asked.at(-1)).toStartWith(`CONNECT ${new URL(url).host} HTTP/1.1`);
    expect(outbound.asked.at(-1)).toContain(`Basic ${btoa("user:pass")}`);
    expect(outbound.asked.join()).not.toContain(SECRET);
  } finally {
    outbound.stop();
    rmSync(directory, { recursive: true });
  }
});

test("an upstream with a certificate that nobody vouches for is not spoken to", async () => {
  const simulator = Simulator.start({ keys: [{ secret: SECRET }] });
  await using front = await tlsFront(simulator.url);
  const proxy = await Proxy.start({
    apiKeys: [{ name: "only", key: SECRET, url: front.url, provider: "openai" }],
  });
  await using it = stageOf(simulator, proxy);
  const { status, body } = await refused(it.proxy, PATH);
  expect([status, JSON.parse(body).error.message]).toEqual([
    502,
    expect.stringContaining("only failed (DEPTH_ZERO_SELF_SIGNED_CERT)"),
  ]);
  expect(simulator.requests).toHaveLength(0);
});
