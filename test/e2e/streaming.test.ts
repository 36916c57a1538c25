import { describe, expect, test } from "bun:test";

import { CHAT, stage } from "./harness.ts";
import { DIALECTS } from "./providers.ts";
import { RawClient } from "./raw-client.ts";
import { chunkOf, eventOf, LAST_CHUNK, type RawRequest, rawStage, STREAM_HEAD } from "./raw-upstream.ts";

const STREAM = { ...CHAT, stream: true };

/** Larger than what is taken whole before it is relayed. */
const LARGE = 1_000_000;

describe("a stream", () => {
  test.each([
    { is: "events", type: "text/event-stream", parts: [eventOf("one"), eventOf("two")] },
    { is: "lines of JSON", type: "application/x-ndjson", parts: ['{"n":1}\n', '{"n":2}\n'] },
    { is: "plain bytes", type: "audio/mpeg", parts: ["first", "second"] },
  ])("of $is arrives chunk by chunk, as it is sent", async ({ type, parts: [first = "", second = ""] }) => {
    const clientHasFirst = Promise.withResolvers<void>();
    await using it = await rawStage(async ({ socket }) => {
      const head = `HTTP/1.1 200 OK\r\ncontent-type: ${type}\r\ntransfer-encoding: chunked\r\n\r\n`;
      socket.write(head + chunkOf(first));
      await clientHasFirst.promise;
      socket.write(chunkOf(second) + LAST_CHUNK);
    });

    const response = await it.proxy.post("/v1/chat/completions", STREAM);
    const reader = response.body!.getReader();
    const decoder = new TextDecoder();
    expect(decoder.decode((await reader.read()).value)).toBe(first);
    clientHasFirst.resolve();
    expect(decoder.decode((await reader.read()).value)).toBe(second);
    expect((await reader.read()).done).toBe(true);
  });

  test("that opens with a comment reaches the client whole, the comment included", async () => {
    const body = `: PROCESSING\n\n${eventOf("one")}data: [DONE]\n\n`;
    await using it = await rawStage(({ socket }) => {
      socket.write(STREAM_HEAD + chunkOf(": PROCESSING\n\n"));
      socket.write(chunkOf(body.slice(14)) + LAST_CHUNK);
    });
    expect(await (await it.proxy.post("/v1/chat/completions", STREAM)).text()).toBe(body);
  });

  test("that ends with the connection and has no length is relayed whole", async () => {
    const body = eventOf("one") + eventOf("two");
    await using it = await rawStage(({ socket }) => {
      socket.end(`HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\nconnection: close\r\n\r\n${body}`);
    });
    expect(await (await it.proxy.post("/v1/chat/completions", STREAM)).text()).toBe(body);
  });

  test.each(DIALECTS)(
    "of $provider passes a late error through as it was sent",
    async ({ provider, send }) => {
      await using it = await stage([
        { secret: "sk-late-a", provider, fault: { kind: "stream-error-late" }, priority: 0 },
        { secret: "sk-late-b", provider, priority: 1 },
      ]);
      const response = await send(it.proxy, { stream: true });
      const body = await response.text();
      expect(response.status).toBe(200);
      expect(response.headers.get("x-keycycle-key")).toBe("key-1");
      expect(body).toMatch(/error/);
      expect(it.simulator.counts().received).toBe(1);
    },
  );
});

interface Break {
  readonly is: string;
  /** Head and what comes before the break. */
  readonly sent: string;
  readonly part: string;
}

const BREAKS: readonly Break[] = [
  { is: "a chunked stream", sent: STREAM_HEAD + chunkOf(eventOf("one")), part: "one" },
  {
    is: "a stream in the middle of a chunk",
    sent: `${STREAM_HEAD}${chunkOf(eventOf("one"))}ffff\r\ndata: {"cut`,
    part: "one",
  },
  {
    is: "a large answer of known length",
    sent: `HTTP/1.1 200 OK\r\ncontent-type: audio/mpeg\r\ncontent-length: ${LARGE}\r\n\r\n${"x".repeat(5_000)}`,
    part: "xxxx",
  },
];

describe.each(BREAKS)("$is", ({ sent, part }) => {
  test.each([
    { how: "ends (FIN)", end: ({ socket }: RawRequest) => socket.destroy() },
    { how: "is reset (RST)", end: ({ socket }: RawRequest) => socket.resetAndDestroy() },
  ])("that $how too early is never ended cleanly", async ({ end }) => {
    const clientHasPart = Promise.withResolvers<void>();
    await using it = await rawStage(async (request) => {
      request.socket.write(sent);
      await clientHasPart.promise;
      end(request);
    });

    const client = await RawClient.chat(it.proxy.url);
    await client.untilReceived(part);
    clientHasPart.resolve();
    await client.closed;

    expect(client.text).not.toEndWith(LAST_CHUNK);
    expect(client.text).not.toContain("\r\n0\r\n");
    expect(client.bytes).toBeLessThan(LARGE);
    expect(await it.proxy.logged(({ event }) => event === "request")).toMatchObject({
      status: 200,
      error: "upstream broke off",
    });
    expect(it.upstream.requests).toHaveLength(1);
    // Nothing but log lines and the banner is written: no URL, no stack.
    expect(it.proxy.output).not.toContain("error:");
  });
});

describe("a client that goes away", () => {
  test.each(DIALECTS)("mid-stream ends the request to $provider", async ({ provider, send }) => {
    await using it = await stage([{ secret: "sk-a", provider }], {
      simulator: { chunkDelayMs: 20, chunks: 10_000 },
    });
    const ended = it.simulator.nextRequest();
    const client = new AbortController();
    const response = await send(it.proxy, { stream: true, signal: client.signal });
    await response.body!.getReader().read();
    client.abort();

    expect((await ended).aborted).toBe(true);
    const line = await it.proxy.logged(({ event }) => event === "request");
    expect(line).toMatchObject({ status: 200, error: "client went away" });
  });

  test("while it waits for the answer ends the upstream's request, and no other key is tried", async () => {
    await using it = await stage([
      { secret: "sk-a", fault: { kind: "hang" }, priority: 0 },
      { secret: "sk-b", priority: 1 },
    ]);
    const arrived = it.simulator.nextArrival();
    const ended = it.simulator.nextRequest();
    const client = new AbortController();
    const answer = it.proxy.post("/v1/chat/completions", CHAT, {}, client.signal).catch(() => "gone");
    await arrived;
    client.abort();

    expect(await answer).toBe("gone");
    expect((await ended).aborted).toBe(true);
    const line = await it.proxy.logged(({ event }) => event === "request");
    expect(line).toMatchObject({ status: 499 });
    expect(it.simulator.counts().received).toBe(1);
  });

  test("while an event stream's head is held ends the upstream's request", async () => {
    const opened = Promise.withResolvers<RawRequest>();
    await using it = await rawStage((request) => {
      request.socket.write(STREAM_HEAD + chunkOf(": waiting\n\n"), () => opened.resolve(request));
    });
    const client = await RawClient.chat(it.proxy.url);
    const { closed } = await opened.promise;
    client.socket.destroy();
    await closed;
    expect(await it.proxy.logged(({ event }) => event === "request")).toMatchObject({ status: 499 });
  });
});
