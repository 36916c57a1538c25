import { isAlias, isCollection, isNode, isPair, type Alias, type Node } from "yaml";

/** YAML's own aliases (`*name`) of a document. */
export interface Aliases {
  /** What each stands for: the node that last had its anchor before it. */
  readonly targets: ReadonlyMap<Alias, Node>;
  /** Those that stand for nothing. */
  readonly unknown: readonly Alias[];
}

/**
 * One pass for all aliases, since the library's own look-up searches the document for each, and its own walk
 * makes a path of every node; none where the text can hold none.
 */
export function resolveAliases(text: string, contents: Node | undefined): Aliases {
  if (!MAY_HOLD_ALIAS.test(text)) return { targets: new Map(), unknown: [] };
  const anchors = new Map<string, Node>();
  const targets = new Map<Alias, Node>();
  const unknown: Alias[] = [];
  walk(contents);
  return { targets, unknown };

  function walk(node: unknown): void {
    if (isPair(node)) {
      walk(node.key);
      walk(node.value);
    } else if (isAlias(node)) {
      const target = anchors.get(node.source);
      if (target === undefined) unknown.push(node);
      else targets.set(node, target);
    } else if (isNode(node)) {
      if (node.anchor !== undefined) anchors.set(node.anchor, node);
      if (isCollection(node)) for (const item of node.items) walk(item);
    }
  }
}

/** A star that begins a word: that of a glob stands within one, or in quotes. */
const MAY_HOLD_ALIAS = /(?:^|[\s[\]{},:?-])\*/;
