import type { Asked } from "../../proxy/ask-provider.ts";
import type { ListResult } from "../../proxy/models/ask-for-list.ts";

/** What a free call says of a key, for whoever has to act on it. */
export type Standing =
  | "accepted"
  /** Known, but its money or its day's quota is used up. */
  | "spent"
  /** Known or not, it may ask no more for now. */
  | "limited"
  | "refused"
  /** The provider answers everyone alike, or has no free call. */
  | "untold"
  /** What answers there is no provider: a web page, a portal that wants a login. */
  | "no-provider"
  /** The provider answers with an error of its own. */
  | "failing"
  | "unreached";

/** Whether the key serves now, as far as can be known for free. */
export function worksNow(standing: Standing): boolean {
  return standing === "accepted" || standing === "untold";
}

/** How a key stands, and why where it is not accepted and that was told. */
export interface Told {
  readonly standing: Standing;
  readonly reason: string | undefined;
}

/** @param list  undefined where the key's list of models was not asked for */
export function standingOf({ verdict, outcome, status }: Asked, list: ListResult | undefined): Told {
  if (verdict === "refused") return { standing: "refused", reason: reasonIn(outcome) };
  switch (outcome.kind) {
    case "spent":
      return { standing: "spent", reason: outcome.reason };
    case "limited":
      return { standing: "limited", reason: undefined };
    case "overloaded":
      return { standing: "limited", reason: "overloaded" };
    case "upstream-failure":
      return { standing: status === undefined ? "unreached" : "failing", reason: outcome.reason };
    case "abandoned":
      return { standing: "unreached", reason: undefined };
    default:
      if (list?.kind === "failed" && list.isNoList)
        return { standing: "no-provider", reason: "answered with no list of models" };
      return { standing: verdict === "taken" ? "accepted" : "untold", reason: undefined };
  }
}

function reasonIn(outcome: Asked["outcome"]): string | undefined {
  return "reason" in outcome ? outcome.reason : undefined;
}
