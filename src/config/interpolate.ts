/** The environment, or whatever stands in for it. */
export type Env = Readonly<Record<string, string | undefined>>;

export type Interpolated =
  | { readonly ok: true; readonly text: string; readonly variables: readonly string[] }
  | { readonly ok: false; readonly variable: string; readonly problem: string };

/**
 * Fills in `${NAME}` and `${NAME:-default}` (the default also where the variable is empty, as in a
 * shell); `$${` stands for `${`. Values are not looked at again, so one that holds `${` stays as it is.
 */
export function interpolate(text: string, env: Env): Interpolated {
  const variables: string[] = [];
  let failure: Interpolated | undefined;
  const filled = text.replaceAll(/\$(\$\{)|\$\{([^}]*)(\}?)/g, (_, escaped, body, close) => {
    if (escaped !== undefined) return String(escaped);
    const match = /^([A-Za-z_][A-Za-z0-9_]*)(?::-([\s\S]*))?$/.exec(String(body));
    if (match === null || close === "") {
      failure ??= {
        ok: false,
        variable: "",
        problem: 'is not a variable: write "${NAME}" or "${NAME:-default}"',
      };
      return "";
    }
    const [, name = "", fallback] = match;
    if (fallback?.includes("${") === true) {
      failure ??= {
        ok: false,
        variable: "",
        problem: "has a variable in its default, which can only be plain text",
      };
      return "";
    }
    variables.push(name);
    const value = env[name];
    if (value !== undefined && (value !== "" || fallback === undefined)) return value;
    if (fallback !== undefined) return fallback;
    failure ??= { ok: false, variable: name, problem: "is not set in the environment" };
    return "";
  });
  return failure ?? { ok: true, text: filled, variables };
}

/** A text in which nothing is taken for a variable: what `interpolate` makes the text of again. */
export function withoutVariables(text: string): string {
  // As a function: in a replacement two dollar signs stand for one.
  return text.replaceAll("${", () => "$${");
}

/** The names of all variables that a text refers to; `$${` refers to none. */
export function variablesIn(text: string): Set<string> {
  return new Set([...text.matchAll(/\$\$\{|\$\{([A-Za-z_]\w*)/g)].flatMap(([, name]) => name ?? []));
}
