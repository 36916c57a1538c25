import { describe, expect, test } from "bun:test";
import { array, assert, constantFrom, oneof, property, record, constant } from "fast-check";

import { FairQueue } from "../../src/rotation/fair-queue.ts";

function queueOf(...items: readonly string[]): FairQueue<string> {
  const queue = new FairQueue<string>();
  // "a1" is the first item of client "a".
  for (const item of items) queue.push(item.slice(0, 1), item);
  return queue;
}

function drain(queue: FairQueue<string>): string[] {
  const order: string[] = [];
  for (let item = queue.shift(); item !== undefined; item = queue.shift()) order.push(item);
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
    expect(queue.shift()).toBe("a1");
    queue.push("b", "b1");
    expect(drain(queue)).toEqual(["a2", "b1", "a3"]);
  });
});

test("giving up a place keeps the others' order", () => {
  const queue = queueOf("a1", "a2", "b1", "a3");
  queue.remove("a", "a2");
  expect(drain(queue)).toEqual(["a1", "b1", "a3"]);
});

test("giving up the last place of a client ends its turn", () => {
  const queue = queueOf("a1", "b1");
  queue.remove("a", "a1");
  expect(queue.peek()).toBe("b1");
  expect(queue.size).toBe(1);
});

test("giving up a place that is not held changes nothing", () => {
  const queue = queueOf("a1");
  queue.remove("a", "a2");
  queue.remove("b", "a1");
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
      const queue = new FairQueue<string>();
      const waiting = new Map<string, string[]>([
        ["a", []],
        ["b", []],
        ["c", []],
      ]);
      for (const [index, { step, client }] of sequence.entries()) {
        const items = waiting.get(client)!;
        if (step === "push") {
          items.push(`${client}${index}`);
          queue.push(client, `${client}${index}`);
        } else if (step === "remove") {
          const item = items.splice(Math.floor(items.length / 2), 1)[0];
          if (item !== undefined) queue.remove(client, item);
        } else {
          const next = queue.peek();
          expect(queue.shift()).toBe(next!);
          if (next !== undefined) expect(waiting.get(next.slice(0, 1))!.shift()).toBe(next);
        }
        expect(queue.size).toBe([...waiting.values()].flat().length);
      }
    }),
  );
});
