import { describe, expect, test } from "bun:test";
import { array, assert, constantFrom, oneof, property, record, constant } from "fast-check";

import { FairQueue } from "../../src/rotation/fair-queue.ts";

interface Item {
  readonly name: string;
  readonly sinceMs: number;
  readonly tokens: number;
}

/** "a1" is an item of client "a". */
const itemOf = (name: string, sinceMs = 0): Item => ({ name, sinceMs, tokens: 10 });

function queueOf(...names: readonly string[]): FairQueue<Item> {
  const queue = new FairQueue<Item>();
  for (const name of names) queue.push(name.slice(0, 1), itemOf(name));
  return queue;
}

function drain(queue: FairQueue<Item>): string[] {
  const order: string[] = [];
  for (let item = queue.shift(); item !== undefined; item = queue.shift()) order.push(item.name);
  return order;
}

describe("the queue serves", () => {
  test("one client in the order of arrival", () => {
    expect(drain(queueOf("a1", "a2", "a3"))).toEqual(["a1", "a2", "a3"]);
  });

  test("one of each client in turn", () => {
    expect(drain(queueOf("a1", "a2", "a3", "a4", "b1", "c1", "c2"))).toEqual([
      "a1",
      "b1",
      "c1",
      "a2",
      "c2",
      "a3",
      "a4",
    ]);
  });

  test("a client that comes to a flood after one of it", () => {
    const queue = queueOf("a1", "a2", "a3");
    expect(queue.shift()?.name).toBe("a1");
    queue.push("b", itemOf("b1"));
    expect(drain(queue)).toEqual(["a2", "b1", "a3"]);
  });

  test("one that first came earlier before those of its client who came later, and before no other client", () => {
    const queue = new FairQueue<Item>();
    queue.push("b", itemOf("b1", 5));
    for (const [name, sinceMs] of [
      ["a1", 10],
      ["a2", 20],
      ["a3", 15],
      ["a4", 15],
    ] as const) {
      queue.push("a", itemOf(name, sinceMs));
    }
    expect(drain(queue)).toEqual(["b1", "a1", "a3", "a4", "a2"]);
  });
});

test("giving up a place keeps the others' order, and takes its tokens off", () => {
  const queue = queueOf("a1", "a2", "b1", "a3");
  queue.remove("a", queue.of("a")[1]!);
  expect(queue.tokens).toBe(30);
  expect(drain(queue)).toEqual(["a1", "b1", "a3"]);
});

test("giving up the last place of a client ends its turn", () => {
  const queue = queueOf("a1", "b1");
  queue.remove("a", queue.peek()!);
  expect(queue.peek()?.name).toBe("b1");
  expect(queue.size).toBe(1);
});

test("giving up a place that is not held changes nothing", () => {
  const queue = queueOf("a1");
  queue.remove("a", itemOf("a1"));
  queue.remove("b", queue.peek()!);
  expect(queue.size).toBe(1);
});

test("an empty queue has nobody's turn and stays at size 0", () => {
  const queue = queueOf();
  expect(queue.peek()).toBeUndefined();
  expect(queue.shift()).toBeUndefined();
  expect(queue.size).toBe(0);
});

test("whatever is pushed, taken and removed, nothing is lost, doubled or overtaken within its client", () => {
  const clients = constantFrom("a", "b", "c");
  const steps = array(
    oneof(
      { weight: 3, arbitrary: record({ step: constant("push" as const), client: clients }) },
      { weight: 1, arbitrary: record({ step: constant("shift" as const), client: clients }) },
      { weight: 1, arbitrary: record({ step: constant("remove" as const), client: clients }) },
    ),
    { maxLength: 60 },
  );
  assert(
    property(steps, (sequence) => {
      const queue = new FairQueue<Item>();
      const waiting = new Map<string, Item[]>([
        ["a", []],
        ["b", []],
        ["c", []],
      ]);
      for (const [index, { step, client }] of sequence.entries()) {
        const items = waiting.get(client)!;
        if (step === "push") {
          const item = itemOf(`${client}${index}`, index);
          items.push(item);
          queue.push(client, item);
        } else if (step === "remove") {
          const item = items.splice(Math.floor(items.length / 2), 1)[0];
          if (item !== undefined) queue.remove(client, item);
        } else {
          const next = queue.peek();
          expect(queue.shift()).toBe(next!);
          if (next !== undefined) expect(waiting.get(next.name.slice(0, 1))!.shift()).toBe(next);
        }
        expect(queue.size).toBe([...waiting.values()].flat().length);
        expect(queue.tokens).toBe(queue.size * 10);
      }
    }),
  );
});
