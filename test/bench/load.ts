import { Connection, type Timing } from "./connection.ts";
import { LONG_STREAM, type Pace, PLAIN_BODY, requestBytes, STREAM, streamBody } from "./payloads.ts";

/** More at once would overflow the listening queue of a server, and a refused SYN costs a second. */
const OPEN_AT_ONCE = 100;

export interface StreamsResult {
  readonly timings: readonly Timing[];
  /** Why streams were cut or wrong, one entry each. */
  readonly cut: readonly string[];
}

/** As many requests as there is time for, one at a time on each connection. @returns how many */
export async function closedLoop(port: number, connections: number, seconds: number): Promise<number> {
  const request = requestBytes(port, "plain");
  const open = await openAll(port, connections);
  const until = performance.now() + seconds * 1000;
  const counts = await Promise.all(
    open.map(async (connection) => {
      let count = 0;
      while (performance.now() < until) {
        await connection.exchange(request, PLAIN_BODY);
        count += 1;
      }
      return count;
    }),
  );
  closeAll(open);
  return counts.reduce((sum, count) => sum + count, 0);
}

/** Requests one after the other on one connection. @returns how long each took, in milliseconds */
export async function sequential(port: number, count: number): Promise<number[]> {
  const request = requestBytes(port, "plain");
  const connection = await Connection.open(port);
  // The first opens the proxy's own connection too.
  await connection.exchange(request, PLAIN_BODY);
  const took: number[] = [];
  for (let i = 0; i < count; i += 1) {
    const { sentAt, endedAt } = await connection.exchange(request, PLAIN_BODY);
    took.push(endedAt - sentAt);
  }
  connection.close();
  return took;
}

/** Requests that take the origin a second, all at once. @returns milliseconds until all were answered */
export async function slowAtOnce(port: number, count: number): Promise<number> {
  const request = requestBytes(port, "slow");
  const open = await openAll(port, count);
  const startedAt = performance.now();
  await Promise.all(open.map((connection) => connection.exchange(request, PLAIN_BODY)));
  const took = performance.now() - startedAt;
  closeAll(open);
  return took;
}

/** Streams side by side, `rounds` of them one after the other on each connection. */
export async function streams(port: number, connections: number, rounds: number): Promise<StreamsResult> {
  return await runStreams(requestBytes(port, "stream"), STREAM, await openAll(port, connections), rounds);
}

/** Long streams that all overlap. */
export async function longStreams(port: number, connections: number): Promise<StreamsResult> {
  return await runStreams(
    requestBytes(port, "long-stream"),
    LONG_STREAM,
    await openAll(port, connections),
    1,
  );
}

async function runStreams(
  request: Buffer,
  pace: Pace,
  open: readonly Connection[],
  rounds: number,
): Promise<StreamsResult> {
  const body = streamBody(pace);
  const timings: Timing[] = [];
  const cut: string[] = [];
  await Promise.all(
    open.map(async (connection, index) => {
      // Real streams are not in step: the starts are spread evenly over one gap between chunks.
      await Bun.sleep((index / open.length) * pace.everyMs);
      for (let round = 0; round < rounds; round += 1) {
        try {
          timings.push(await connection.exchange(request, body));
        } catch (error) {
          cut.push(error instanceof Error ? error.message : String(error));
        }
      }
    }),
  );
  closeAll(open);
  return { timings, cut };
}

async function openAll(port: number, count: number): Promise<Connection[]> {
  const open: Connection[] = [];
  while (open.length < count) {
    const next = Math.min(OPEN_AT_ONCE, count - open.length);
    open.push(...(await Promise.all(Array.from({ length: next }, () => Connection.open(port)))));
  }
  return open;
}

function closeAll(connections: readonly Connection[]): void {
  for (const connection of connections) connection.close();
}
