import { visit, type Alias, type Node } from "yaml";
import type { ParsedDocument } from "./parsed-document.ts";

/**
 * What each of YAML's own aliases (`*name`) in a document stands for: the node that last had its anchor
 * before it. One pass for all, since the library's own look-up searches the document for each alias.
 */
export function resolveAliases(document: ParsedDocument): ReadonlyMap<Alias, Node> {
  const anchors = new Map<string, Node>();
  const targets = new Map<Alias, Node>();
  visit(document, {
    Value(_key, node) {
      if (node.anchor !== undefined) anchors.set(node.anchor, node);
    },
    Alias(_key, alias) {
      const target = anchors.get(alias.source);
      if (target !== undefined) targets.set(alias, target);
    },
  });
  return targets;
}
