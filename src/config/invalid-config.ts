import { KeyCycleError } from "../error.ts";
import { renderDiagnostic, type Diagnostic } from "./diagnostic.ts";

/** A configuration with errors, all of them; its message is how a person reads them. */
export class InvalidConfigError extends KeyCycleError {
  readonly diagnostics: readonly Diagnostic[];

  constructor(diagnostics: readonly Diagnostic[]) {
    super("config/invalid", renderDiagnostics(diagnostics));
    this.diagnostics = diagnostics;
  }
}

/** All errors as a person reads them, with their number at the end where there are several. */
export function renderDiagnostics(diagnostics: readonly Diagnostic[]): string {
  const rendered = diagnostics.map(renderDiagnostic);
  if (diagnostics.length > 1) rendered.push(`${diagnostics.length} errors in ${diagnostics[0]?.file}`);
  return rendered.join("\n\n");
}
