/**
 * Every error that may reach a person or an integration carries a stable `code` and a message that is
 * safe to show. Anything else is a surprise: it is logged with its cause and shown as `internal`.
 */
export type ErrorCode =
  | "bad_request"
  | "unauthorized"
  | "forbidden"
  | "not_found"
  | "conflict"
  | "payload_too_large"
  | "rate_limited"
  | "unavailable"
  | "internal"
  | (string & {});

const HTTP_STATUS: Record<string, number> = {
  bad_request: 400,
  unauthorized: 401,
  forbidden: 403,
  not_found: 404,
  conflict: 409,
  payload_too_large: 413,
  rate_limited: 429,
  internal: 500,
  unavailable: 503,
};

export class AppError extends Error {
  readonly code: ErrorCode;
  /** HTTP status that the REST door answers with; the tRPC door derives its own code from it. */
  readonly status: number;
  /** Facts for the caller's screen or program (who decided, which addresses did not resolve); never a secret. */
  readonly details: unknown;

  constructor(
    code: ErrorCode,
    message: string,
    options: { status?: number; details?: unknown; cause?: unknown } = {},
  ) {
    super(message, { cause: options.cause });
    this.name = "AppError";
    this.code = code;
    this.status = options.status ?? HTTP_STATUS[code] ?? 400;
    this.details = options.details;
  }
}

/** Also the answer to a foreign id: whether it exists elsewhere is nobody's business (R42). */
export function notFound(what: string): AppError {
  return new AppError("not_found", `${what} not found.`);
}

export function forbidden(message = "Your role does not allow this."): AppError {
  return new AppError("forbidden", message);
}

/** The row moved since the caller looked; `details` says who did what, and when, where that is known. */
export function conflict(code: string, message: string, details?: unknown): AppError {
  return new AppError(code, message, { status: 409, details });
}
