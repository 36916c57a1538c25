import { connect } from "node:net";

/** An answer as it came over the socket. */
export interface RawAnswer {
  /** 0 where the connection was closed without an answer. */
  readonly status: number;
  /** In lower case. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

const NONE: RawAnswer = { status: 0, headers: {}, body: "" };

/**
 * Writes bytes to a port as they are, for what `fetch` would not send, and reads the first answer.
 * Ends when that is whole or the connection closes.
 *
 * @param url  of the proxy
 */
export async function sendRaw(url: string, ...chunks: readonly (string | Uint8Array)[]): Promise<RawAnswer> {
  const { hostname, port } = new URL(url);
  const socket = connect(Number(port), hostname);
  return await new Promise((resolve) => {
    let received = "";
    const finish = (answer: RawAnswer) => {
      socket.destroy();
      resolve(answer);
    };
    socket.on("data", (chunk) => {
      received += chunk.toString("latin1");
      const answer = parse(received);
      if (answer !== undefined) finish(answer);
    });
    // A reset after an answer that is refused early is no failure; what was read counts.
    socket.on("error", () => {});
    socket.on("close", () => finish(parse(received, true) ?? NONE));
    for (const chunk of chunks) socket.write(chunk);
  });
}

/** One that is undefined is left out. */
type Headers = Readonly<Record<string, string | undefined>>;

/** A request's text: CRLF everywhere, `Host` and `content-length` only where given. */
export function request(line: string, headers: Headers = {}, body = ""): string {
  const fields = Object.entries(headers).map(([name, value]) =>
    value === undefined ? "" : `${name}: ${value}\r\n`,
  );
  return `${line}\r\n${fields.join("")}\r\n${body}`;
}

function parse(text: string, closed = false): RawAnswer | undefined {
  const end = text.indexOf("\r\n\r\n");
  if (end < 0) return undefined;
  // An interim answer (100 Continue) comes before the one that counts.
  if (text.startsWith("HTTP/1.1 1")) return parse(text.slice(end + 4), closed);
  const [line = "", ...fields] = text.slice(0, end).split("\r\n");
  const headers = Object.fromEntries(
    fields.map((field) => {
      const colon = field.indexOf(":");
      return [field.slice(0, colon).toLowerCase(), field.slice(colon + 1).trim()];
    }),
  );
  const status = Number(line.split(" ")[1]);
  const body = text.slice(end + 4);
  const length = Number(headers["content-length"] ?? Number.NaN);
  const complete =
    status === 204 ||
    (Number.isNaN(length)
      ? headers["transfer-encoding"] === "chunked" && body.endsWith("0\r\n\r\n")
      : body.length >= length);
  return complete || closed ? { status, headers, body } : undefined;
}
