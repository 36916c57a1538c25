import type { OwnError } from "../providers/error-format.ts";

/** A client asks for what its own part of the configuration does not allow. */
export function modelNotAllowed(client: string, model: string): OwnError {
  return {
    status: 403,
    code: "model_not_allowed",
    message: `The client "${client}" may not use the model "${model}": its "models" do not name it.`,
    param: "model",
  };
}

export function overLimit(client: string): OwnError {
  const message = `The client "${client}" is at the limits that this proxy's configuration gives it.`;
  return { status: 429, code: "client_rate_limit_exceeded", message };
}
