import type { OwnError } from "../providers/error-format.ts";

/**
 * A client asks for what its own part of the configuration does not allow.
 *
 * @param model  "" where it names none, and another would be chosen for it
 */
export function modelNotAllowed(client: string, model: string): OwnError {
  return {
    status: 403,
    code: "model_not_allowed",
    message:
      model === ""
        ? `The client "${client}" may not use every model, so this request of its has to name one.`
        : `The client "${client}" may not use the model "${model}": its "models" do not name it.`,
    param: "model",
  };
}

export function overLimit(client: string): OwnError {
  const message = `The client "${client}" is at the limits that this proxy's configuration gives it.`;
  return { status: 429, code: "client_rate_limit_exceeded", message };
}

/** Neither sent on, as a key is for its own provider only, nor remembered as a model. */
export const SECRET_AS_MODEL: OwnError = {
  status: 400,
  code: "invalid_model",
  message:
    "Where the name of a model belongs, the request has a key or token of this proxy. It was not sent on.",
  param: "model",
};
