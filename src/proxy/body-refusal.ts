import type { ServerConfig } from "../config/config.ts";
import type { OwnError } from "../providers/error-format.ts";
import type { BodyFault } from "./client-body.ts";
import { MALFORMED_FORM } from "./multipart.ts";

/** Why a request's body goes no further. */
export function refusalOf(kind: BodyFault | "too-large" | "no-room", server: ServerConfig): OwnError {
  switch (kind) {
    case "too-slow": {
      const message = `The body did not arrive in time (server.readTimeout: ${server.readTimeoutMs / 1000} s).`;
      return { status: 408, code: "request_timeout", message };
    }
    case "broken":
      return { status: 400, code: "incomplete_body", message: "The body broke off before its end." };
    case "malformed":
      return { status: 400, code: "invalid_form", message: MALFORMED_FORM };
    case "too-large": {
      const { maxBodyBytes, maxHeldBytes } = server;
      const setting = maxBodyBytes <= maxHeldBytes ? "maxBody" : "maxHeld";
      const message = `The body is larger than ${server[`${setting}Bytes`]} bytes (server.${setting}).`;
      return { status: 413, code: "request_too_large", message };
    }
    case "no-room": {
      const message = `Bodies of ${server.maxHeldBytes} bytes are held for other requests (server.maxHeld). Try again in a moment.`;
      return { status: 503, code: "too_much_held", message };
    }
  }
}
