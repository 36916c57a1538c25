import { visit, type Alias, type Node } from "yaml";
import type { ParsedDocument } from "./parsed-document.ts";

/** YAML's own aliases (`*name`) of a document. */
export interface Aliases {
  /** What each stands for: the node that last had its anchor before it. */
  readonly targets: ReadonlyMap<Alias, Node>;
  /** Those that stand for nothing. */
  readonly unknown: readonly Alias[];
}

/**
 * One pass for all aliases, since the library's own look-up searches the document for each; none where the
 * text can hold none.
 */
export function resolveAliases(text: string, document: ParsedDocument): Aliases {
  if (!MAY_HOLD_ALIAS.test(text)) return { targets: new Map(), unknown: [] };
  const anchors = new Map<string, Node>();
  const targets = new Map<Alias, Node>();
  const unknown: Alias[] = [];
  visit(document, {
    Value(_key, node) {
      if (node.anchor !== undefined) anchors.set(node.anchor, node);
    },
    Alias(_key, alias) {
      const target = anchors.get(alias.source);
      if (target === undefined) unknown.push(alias);
      else targets.set(alias, target);
    },
  });
  return { targets, unknown };
}

/** A star that begins a word: that of a glob stands within one, or in quotes. */
const MAY_HOLD_ALIAS = /(?:^|[\s[\]{},:?-])\*/;
