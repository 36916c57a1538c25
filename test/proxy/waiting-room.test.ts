import { describe, expect, test } from "bun:test";

import { type Waiter, WaitingRoom } from "../../src/proxy/waiting-room.ts";

/** A pool with so many free keys: each one that is served takes one. */
interface Pool {
  free: number;
}

const NEVER = new AbortController().signal;
const LONG_MS = 10_000;

function waiterFor(pool: Pool, client: string, fields: Partial<Waiter<string>> = {}): Waiter<string> {
  return {
    client,
    sinceMs: Date.now(),
    tokens: 1,
    deadlineMs: Date.now() + LONG_MS,
    tryPick: () => {
      if (pool.free === 0) return undefined;
      pool.free -= 1;
      return client;
    },
    readyAt: () => Number.POSITIVE_INFINITY,
    ...fields,
  };
}

function free(room: WaitingRoom, pool: Pool, places: number): void {
  pool.free += places;
  room.poke();
}

describe("who waits", () => {
  test("is served at once where a key is free", async () => {
    const pool = { free: 1 };
    const room = new WaitingRoom();
    expect(await room.wait(pool, waiterFor(pool, "a"), NEVER)).toBe("a");
    expect(room.size).toBe(0);
    expect(room.hasLine(pool)).toBe(false);
  });

  test("is served when something becomes free", async () => {
    const pool = { free: 0 };
    const room = new WaitingRoom();
    const place = room.wait(pool, waiterFor(pool, "a"), NEVER);
    expect(room.size).toBe(1);
    expect(room.hasLine(pool)).toBe(true);
    free(room, pool, 1);
    expect(await place).toBe("a");
    expect(room.size).toBe(0);
  });

  test("is served when a key recovers, without being told", async () => {
    const pool = { free: 0 };
    const room = new WaitingRoom();
    const readyMs = Date.now() + 30;
    const waiter = waiterFor(pool, "a", {
      tryPick: (now) => (now >= readyMs ? "recovered" : undefined),
      readyAt: () => readyMs,
    });
    expect(await room.wait(pool, waiter, NEVER)).toBe("recovered");
    expect(Date.now() - readyMs).toBeLessThan(100);
  });

  test("is sent away when its deadline passes", async () => {
    const pool = { free: 0 };
    const room = new WaitingRoom();
    const deadlineMs = Date.now() + 50;
    expect(await room.wait(pool, waiterFor(pool, "a", { deadlineMs }), NEVER)).toBeUndefined();
    expect(Date.now()).toBeGreaterThanOrEqual(deadlineMs);
    expect(room.size).toBe(0);
    expect(room.hasLine(pool)).toBe(false);
  });

  test("leaves with its signal, and its place goes to the next", async () => {
    const pool = { free: 0 };
    const room = new WaitingRoom();
    const gone = new AbortController();
    const first = room.wait(pool, waiterFor(pool, "a"), gone.signal);
    const second = room.wait(pool, waiterFor(pool, "b"), NEVER);
    gone.abort();
    expect(await first).toBeUndefined();
    expect(room.size).toBe(1);
    free(room, pool, 1);
    expect(await second).toBe("b");
    expect(pool.free).toBe(0);
  });
});

describe("the line", () => {
  async function orderOf(clients: readonly string[]): Promise<string[]> {
    const pool = { free: 0 };
    const room = new WaitingRoom();
    const order: string[] = [];
    const places = clients.map(async (client, index) => {
      await room.wait(pool, waiterFor(pool, client), NEVER);
      order.push(`${client}${index}`);
    });
    for (let place = 0; place < clients.length; place += 1) free(room, pool, 1);
    await Promise.all(places);
    return order;
  }

  test("of one client is served in the order of arrival", async () => {
    expect(await orderOf(["a", "a", "a"])).toEqual(["a0", "a1", "a2"]);
  });

  test("gives a client's single request its turn among another's flood", async () => {
    expect(await orderOf(["a", "a", "a", "a", "b"])).toEqual(["a0", "b4", "a1", "a2", "a3"]);
  });

  test("serves as many as there is room for, and no more", async () => {
    const pool = { free: 0 };
    const room = new WaitingRoom();
    const places = ["a", "b", "c"].map((client) => room.wait(pool, waiterFor(pool, client), NEVER));
    free(room, pool, 2);
    expect(await Promise.all(places.slice(0, 2))).toEqual(["a", "b"]);
    expect(room.size).toBe(1);
    free(room, pool, 1);
    expect(await places[2]).toBe("c");
  });

  test("that is full has a place for another client: the last of whoever has the most gives up its own", async () => {
    const pool = { free: 0 };
    const room = new WaitingRoom();
    const wait = (client: string) => room.wait(pool, waiterFor(pool, client), NEVER);
    const [first, second, third, other] = ["a", "a", "a", "b"].map(wait);
    expect(room.makeRoom("c")).toBe(true);
    expect(await third).toBeUndefined();
    expect(room.makeRoom("b")).toBe(false);
    expect(room.makeRoom("a")).toBe(false);
    free(room, pool, 3);
    expect(await Promise.all([first, second, other])).toEqual(["a", "a", "b"]);
  });

  test.each([
    ["one model", (_index: number) => 0],
    ["many models", (index: number) => index],
  ])("gives a client its turn among another's flood for %s of the same keys", async (_, modelOf) => {
    const shared = { free: 0 };
    const pools = Array.from({ length: 10 }, () => ({}));
    const room = new WaitingRoom();
    const order: string[] = [];
    const wait = async (client: string, model: number) => {
      order.push((await room.wait(pools[model]!, waiterFor(shared, client), NEVER))!);
    };
    const flood = Array.from({ length: 8 }, (_unused, index) => wait("flood", modelOf(index)));
    const others = [wait("one", 9), wait("two", 0)];
    for (let place = 0; place < 10; place += 1) free(room, shared, 1);
    await Promise.all([...flood, ...others]);
    expect(order.slice(0, 4).toSorted()).toEqual(["flood", "flood", "one", "two"]);
  });

  test("of one pool does not wait for another's", async () => {
    const [full, open] = [{ free: 0 }, { free: 0 }];
    const room = new WaitingRoom();
    const stuck = room.wait(full, waiterFor(full, "a"), NEVER);
    const place = room.wait(open, waiterFor(open, "b"), NEVER);
    free(room, open, 1);
    expect(await place).toBe("b");
    free(room, full, 1);
    expect(await stuck).toBe("a");
  });
});
