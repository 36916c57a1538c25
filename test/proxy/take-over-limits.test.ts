import { describe, expect, test } from "bun:test";

import { type LimitsConfig, NO_LIMITS } from "../../src/config/config.ts";
import { createRuntime, type Runtime } from "../../src/proxy/runtime.ts";
import { type Bounds, boundsFitAt, takeFromBounds } from "../../src/rotation/limits/bounds.ts";
import { MINUTE, NOW } from "../rotation/rotation-key.ts";
import { configWith } from "./config-with.ts";

const use = (bounds: Bounds | undefined, requests: number) => {
  for (let request = 0; request < requests; request += 1) takeFromBounds(bounds!, 1, NOW);
};
const left = (bounds: Bounds | undefined) => [bounds?.rpm?.left(NOW), bounds?.rpd?.left(NOW)];

test("a place of a key comes back 61 s after it was taken, one of a client as soon as 60 s are over", () => {
  const limits = { ...NO_LIMITS, rpm: 1 };
  const { keys, clients } = createRuntime(
    configWith({ keys: [{ name: "a", limits }], clients: [{ name: "me", token: "kc-me", limits }] }),
  );
  const backMs = [keys[0]?.bounds, clients[0]?.allowance.bounds].map((bounds) => {
    use(bounds, 1);
    return boundsFitAt(bounds!, 0, 1, NOW) - NOW;
  });
  expect(backMs).toEqual([MINUTE + 1_000, MINUTE + 1]);
});

describe("what a key has used of its limits when the configuration is another", () => {
  type Entry = Partial<LimitsConfig> & { readonly name?: string };
  const reload = (entries: readonly Entry[], previous?: Runtime) => {
    const keys = entries.map(({ name = "a", ...limits }) => ({
      name,
      secret: "sk-the-same",
      limits: { ...NO_LIMITS, ...limits },
    }));
    return createRuntime(configWith({ keys }), previous);
  };

  test("counts on, whatever each limit is then and whatever the key is called", () => {
    let runtime = reload([{ rpm: 4, rpd: 5 }]);
    use(runtime.keys[0]?.bounds, 4);
    runtime = reload([{ rpm: 8, rpd: 5 }], runtime);
    expect(left(runtime.keys[0]?.bounds)).toEqual([4, 1]);
    use(runtime.keys[0]?.bounds, 1);
    runtime = reload([{ name: "b", rpm: 3, rpd: 50 }], runtime);
    expect(left(runtime.keys[0]?.bounds)).toEqual([-2, 45]);
  });

  test("counts on for one limit while others come and go", () => {
    let runtime = reload([{ rpm: 10, rpd: 10 }]);
    use(runtime.keys[0]?.bounds, 2);
    runtime = reload([{ rpm: 10 }], runtime);
    use(runtime.keys[0]?.bounds, 1);
    runtime = reload([{ rpm: 10, rpd: 10, concurrency: 2 }], runtime);
    expect(left(runtime.keys[0]?.bounds)).toEqual([7, 10]);
    expect(runtime.keys[0]?.bounds.concurrency).toBe(2);
  });

  test("is that of the request under way as well, which has the configuration before", () => {
    const before = reload([{ rpm: 4 }]);
    const after = reload([{ rpm: 6 }], before);
    use(before.keys[0]?.bounds, 3);
    expect(left(after.keys[0]?.bounds)).toEqual([3, undefined]);
  });

  test("is of each entry by itself where the key stands in several", () => {
    const both = [
      { name: "a", rpm: 3 },
      { name: "b", rpm: 50 },
    ];
    let runtime = reload(both);
    use(runtime.keys[0]?.bounds, 1);
    use(runtime.keys[1]?.bounds, 40);
    runtime = reload(both, reload(both, runtime));
    expect(runtime.keys.map(({ bounds }) => left(bounds)[0])).toEqual([2, 10]);
  });
});

describe("what a client has used of its limits when the configuration is another", () => {
  type Entry = Partial<LimitsConfig> & { readonly name: string; readonly token: string };
  const reload = (entries: readonly Entry[], previous?: Runtime) => {
    const clients = entries.map(({ name, token, ...limits }) => ({
      name,
      token,
      limits: { ...NO_LIMITS, ...limits },
    }));
    return createRuntime(configWith({ clients }), previous);
  };
  const lefts = ({ clients }: Runtime) => clients.map(({ allowance }) => left(allowance.bounds)[0]);
  const ALICE = { name: "alice", token: "kc-alice", rpm: 10 };
  const BOB = { name: "bob", token: "kc-bob", rpm: 10 };
  const used = () => {
    const runtime = reload([ALICE, BOB]);
    use(runtime.clients[0]?.allowance.bounds, 3);
    use(runtime.clients[1]?.allowance.bounds, 5);
    return runtime;
  };

  test("counts on under another limit, another name or another token", () => {
    expect(lefts(reload([{ ...ALICE, rpm: 20 }, BOB], used()))).toEqual([17, 5]);
    expect(lefts(reload([BOB, { ...ALICE, name: "alicia" }], used()))).toEqual([5, 7]);
    expect(lefts(reload([{ ...ALICE, token: "kc-rotated" }, BOB], used()))).toEqual([7, 5]);
  });

  test("stays with the token where another client has the name", () => {
    const swapped = [
      { ...ALICE, token: "kc-new" },
      { ...BOB, token: "kc-alice" },
    ];
    expect(lefts(reload(swapped, used()))).toEqual([10, 7]);
  });
});
