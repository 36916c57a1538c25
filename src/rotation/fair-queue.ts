import { type Arrived, ByClient } from "./by-client.ts";

/**
 * First come first served within a client, and one of each client in turn: a flood of one does not keep
 * another's single request waiting behind all of it.
 */
export class FairQueue<Request extends Arrived> extends ByClient<Request> {
  /** Whose turn it is: the first of the first client. */
  peek(): Request | undefined {
    for (const client of this.clients()) return this.of(client)[0];
    return undefined;
  }

  /** Takes the one whose turn it is; its client goes to the end of the line. */
  shift(): Request | undefined {
    for (const client of this.clients()) {
      const [request] = this.of(client);
      if (request === undefined) return undefined;
      this.remove(client, request);
      this.moveToEnd(client);
      return request;
    }
    return undefined;
  }
}
