import { timingSafeEqual } from "node:crypto";

/** What is looked at of a client. */
interface Holder {
  readonly tokenHash: Uint8Array;
}

const PREFIX = "upload-pass-";

/**
 * What lets a client go on with one upload to Google and nothing else. Its URL carries it, since Google's
 * sessions need no key and its Python SDK sends none. It is good for as long as the client's token is.
 *
 * @param session  Google's id of the upload
 */
export function uploadPass({ tokenHash }: Holder, session: string): string {
  return PREFIX + new Bun.CryptoHasher("sha256", tokenHash).update(session).digest("base64url");
}

/** Whose pass a request shows; undefined where it shows none, or none of these clients'. */
export function holderOfPass<Client extends Holder>(
  clients: readonly Client[],
  shown: string | null,
  query: string,
): Client | undefined {
  if (shown === null || !shown.startsWith(PREFIX)) return undefined;
  const session = new URLSearchParams(query).get("upload_id");
  if (session === null) return undefined;
  const given = Buffer.from(shown);
  return clients.find((client) => {
    const pass = Buffer.from(uploadPass(client, session));
    return pass.length === given.length && timingSafeEqual(pass, given);
  });
}
