import { expect, test } from "bun:test";

import { stage } from "../harness.ts";
import { residentBytes } from "../flood.ts";
import { open } from "./peer.ts";

const SESSIONS = 200;
/** Ten minutes of a telephone call: 10 s of sound in each turn, a second in each message. */
const TURNS = 60;
const SECONDS = 10;
/** A second of µ-law at 8 kHz. */
const SOUND = JSON.stringify({
  type: "input_audio_buffer.append",
  audio: Buffer.alloc(8_000, 7).toString("base64"),
});

test(`${SESSIONS} sessions of ten minutes at once, over four keys of which one is dead`, async () => {
  const secrets = ["sk-a-0000", "sk-b-0000", "sk-c-0000", "sk-d-0000"];
  await using it = await stage(secrets.map((secret) => ({ secret })));
  it.simulator.setFault("sk-c-0000", { kind: "dead" });
  const talk = async (): Promise<number> => {
    const client = await open(it.proxy, "/v1/realtime?model=gpt-realtime");
    await client.next();
    let words = 0;
    for (let turn = 0; turn < TURNS; turn += 1) {
      for (let count = 0; count < SECONDS; count += 1) client.socket.send(SOUND);
      client.socket.send('{"type":"response.create"}');
      for (;;) {
        const { type } = await client.json();
        if (type === "response.output_text.delta") words += 1;
        if (type === "response.done") break;
      }
    }
    client.socket.close(1000);
    expect((await client.ended).code).toBe(1000);
    return words;
  };
  const words = await Promise.all(Array.from({ length: SESSIONS }, talk));
  expect(new Set(words)).toEqual(new Set([TURNS * 8]));
  const served = () => it.proxy.log.filter(({ status }) => status === 101);
  await it.proxy.until(() => served()[SESSIONS - 1]);
  expect(
    served().every(
      ({ messagesSent, closeCode }) => messagesSent === TURNS * (SECONDS + 1) && closeCode === 1000,
    ),
  ).toBe(true);
  expect(residentBytes(it.proxy)).toBeLessThan(250_000_000);
}, 60_000);
