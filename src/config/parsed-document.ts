import type { Document, ParsedNode } from "yaml";

/** A YAML document as it was read, errors and all. */
export type ParsedDocument = Document.Parsed<ParsedNode>;
