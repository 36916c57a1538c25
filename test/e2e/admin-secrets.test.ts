import { expect, test } from "bun:test";

import { CHAT, stage } from "./harness.ts";
import { leakIn, marked } from "./marked.ts";
import { beside } from "./running.ts";

const PATH = "/v1/chat/completions";

test("no secret shows on any surface of the admin API and its commands", async () => {
  const secrets = [marked("good"), marked("dead"), marked("spent")];
  const token = marked("admin");
  const client = marked("client");
  await using it = await stage(
    [
      { secret: marked("good") },
      { secret: marked("dead"), fault: { kind: "dead" } },
      { secret: marked("spent"), fault: { kind: "spent" } },
    ],
    { config: { admin: { token }, clients: [{ name: "me", token: client }], log: { level: "debug" } } },
  );
  const auth = { authorization: `Bearer ${client}` };
  for (let sent = 0; sent < 4; sent += 1) await (await it.proxy.post(PATH, CHAT, auth)).text();
  await (await fetch(`${it.proxy.url}/v1/models?key=${client}`)).text();
  const misplaced = [
    it.proxy.post(PATH, { ...CHAT, model: marked("good") }, auth),
    it.proxy.post(PATH, { ...CHAT, model: `openai/${client}` }, auth),
    it.proxy.post(`/v1beta/models/${marked("dead")}:generateContent`, {}, auth),
    it.proxy.post(`/v1/${marked("good")}`, {}, auth),
    it.proxy.post(`/v1/${marked("spent").replaceAll("-", "%2D")}/x`, {}, auth),
    it.proxy.post(PATH, CHAT, { ...auth, "x-request-id": marked("good") }),
  ];
  const statuses = (await Promise.all(misplaced)).map(({ status }) => status);
  expect(statuses.slice(0, 3)).toEqual([400, 400, 400]);
  const ran = [
    await beside(it.proxy, ["status"]),
    await beside(it.proxy, ["status", "--json"]),
    await beside(it.proxy, ["keys", "list"]),
    await beside(it.proxy, ["keys", "list", "--json"]),
    await beside(it.proxy, ["keys", "disable", "key-1"]),
    await beside(it.proxy, ["logs"]),
    await beside(it.proxy, ["logs", "--json", "--failed"]),
    // Pasted where a name belongs.
    await beside(it.proxy, ["keys", "enable", secrets[0] ?? ""]),
  ];
  expect(ran.map(({ code }) => code)).toEqual([0, 0, 0, 0, 0, 0, 0, 1]);
  const bearer = { headers: { authorization: `Bearer ${token}` } };
  const answers = await Promise.all(
    ["/admin/status", "/admin/logs", "/admin/nothing"].map(async (path) => {
      const answer = await fetch(it.proxy.url + path, bearer);
      return JSON.stringify([...answer.headers]) + (await answer.text());
    }),
  );
  const wrong = await fetch(`${it.proxy.url}/admin/status`, {
    headers: { authorization: `Bearer ${client}` },
  });
  const told = [...ran.map(({ output }) => output), ...answers, await wrong.text(), it.proxy.output].join(
    "\n",
  );
  expect(leakIn(told)).toBeUndefined();
});
