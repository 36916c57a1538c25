import { expect, test } from "bun:test";
import { createServer, type Socket } from "node:net";

import { needsNoProbe, probeConnect } from "../../src/proxy/connect-probe.ts";

const PATIENT_MS = 60_000;

test("requests that come at once share one probe, which proves the upstream for all that follow", async () => {
  const opened: Socket[] = [];
  const closed = Promise.withResolvers<void>();
  const server = createServer((socket) => {
    opened.push(socket);
    socket.on("close", () => closed.resolve());
  });
  const listening = Promise.withResolvers<void>();
  server.listen(0, "127.0.0.1", () => listening.resolve());
  await listening.promise;
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("The server has no port");
  const origin = `http://127.0.0.1:${address.port}`;
  const now = Date.now();

  const ends = Array.from({ length: 50 }, () => probeConnect(origin, PATIENT_MS, now, () => {}));
  await closed.promise;
  expect(opened).toHaveLength(1);
  expect(needsNoProbe(origin, now)).toBe(true);
  for (const end of ends) end();
  server.close();
});
