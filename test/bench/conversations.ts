import { stage } from "../e2e/harness.ts";

/** People who talk to a model, each sending all that was said before with every question. */
export interface Talk {
  /** Under way at once. */
  readonly conversations: number;
  /** Questions until a new conversation takes the place of one. */
  readonly turns: number;
  /** Of the prompt that an application puts in front of each conversation; there are four such prompts. */
  readonly systemBytes: number;
  /** Of the first question, and of each after it. */
  readonly firstBytes: number;
  readonly nextBytes: number;
}

/** What the conversations go through. */
export interface Rotator {
  readonly keys: number;
  readonly rotation: { readonly strategy: string; readonly affinity: string };
}

export interface Heard {
  readonly requests: number;
  /** Other than 200. */
  readonly failed: number;
  /** Attempts that an upstream refused. */
  readonly refused: number;
  readonly promptTokens: number;
  /** Of these, read from a cache, as the providers tell. */
  readonly cachedTokens: number;
}

/** What all keys together may serve a second, whoever is measured. */
const JOINT_RATE = 240;

/**
 * Sends questions through the compiled binary when they are due, whatever becomes of those before, to keys
 * that together have the same strict limit however many they are, in token buckets of a second.
 *
 * @param load  part of what the keys may serve together
 */
export async function converse(
  talk: Talk,
  { keys, rotation }: Rotator,
  load: number,
  requests: number,
): Promise<Heard> {
  const limits = { rpm: JOINT_RATE / keys, windowMs: 1_000 };
  const simulated = Array.from({ length: keys }, (_, index) => ({ secret: `sk-affinity-${index}`, limits }));
  await using it = await stage(simulated, {
    config: { rotation: { maxWait: "5s", ...rotation } },
    simulator: { keep: 0, latencyMs: 20 },
  });
  const circle = new Circle(talk);
  const heard = { requests, failed: 0, refused: 0, promptTokens: 0, cachedTokens: 0 };
  const beganMs = performance.now();
  const ask = async () => {
    const conversation = circle.next();
    const answer = await it.proxy.post("/v1/chat/completions", conversation.ask());
    const text = await answer.text();
    if (answer.status !== 200) heard.failed += 1;
    heard.promptTokens += numberAfter("prompt_tokens", text);
    heard.cachedTokens += numberAfter("cached_tokens", text);
    circle.answered(conversation);
  };
  const asked: Promise<void>[] = [];
  for (let sent = 0; sent < requests; sent += 1) {
    const dueMs = beganMs + (sent * 1_000) / (load * JOINT_RATE);
    if (dueMs > performance.now()) await Bun.sleep(dueMs - performance.now());
    asked.push(ask());
  }
  await Promise.all(asked);
  heard.refused = it.simulator.counts().refused;
  return heard;
}

function numberAfter(name: string, text: string): number {
  return Number(new RegExp(`"${name}":(\\d+)`).exec(text)?.[1] ?? 0);
}

const SYSTEM_PROMPTS = 4;

class Circle {
  readonly #idle: Conversation[] = [];
  #begun = 0;

  constructor(readonly talk: Talk) {
    while (this.#idle.length < talk.conversations) this.#idle.push(this.#begin());
  }

  /** Any that waits for no answer; a new one where all do. */
  next(): Conversation {
    const at = Math.floor(Math.random() * this.#idle.length);
    return this.#idle.splice(at, 1)[0] ?? this.#begin();
  }

  answered(conversation: Conversation): void {
    this.#idle.push(conversation.questions < this.talk.turns ? conversation : this.#begin());
  }

  #begin(): Conversation {
    this.#begun += 1;
    return new Conversation(this.talk, this.#begun);
  }
}

class Conversation {
  questions = 0;
  readonly #messages: { role: string; content: string }[] = [];

  constructor(
    readonly talk: Talk,
    readonly serial: number,
  ) {
    const application = `application ${serial % SYSTEM_PROMPTS}`;
    if (talk.systemBytes > 0)
      this.#messages.push({ role: "system", content: words(application, talk.systemBytes) });
  }

  ask(): object {
    const { firstBytes, nextBytes } = this.talk;
    const bytes = this.questions === 0 ? firstBytes : nextBytes;
    if (this.questions > 0) this.#messages.push({ role: "assistant", content: "Here is what I found." });
    this.questions += 1;
    this.#messages.push({
      role: "user",
      content: words(`${this.serial}, question ${this.questions}`, bytes),
    });
    return { model: "gpt-4o", messages: this.#messages };
  }
}

function words(about: string, bytes: number): string {
  return `${about}: `.padEnd(bytes, `what of it in ${about}? `);
}
