/** An answer other than 2xx, thrown by a route and sent as it is with a traceId. */
export class HighLevelRefusal extends Error {
  readonly status: number;
  readonly body: Record<string, unknown>;

  constructor(status: number, body: Record<string, unknown>) {
    super(String(body.message));
    this.status = status;
    this.body = { statusCode: status, ...body };
  }
}

export function refuseRequest(message: string): HighLevelRefusal {
  return new HighLevelRefusal(400, { message, error: "Bad Request" });
}

/** A token without the scope is answered 401, not 403. */
export function refuseScope(): HighLevelRefusal {
  return new HighLevelRefusal(401, {
    message: "The token is not authorized for this scope.",
    error: "Unauthorized",
  });
}

export function refuseToken(): HighLevelRefusal {
  return new HighLevelRefusal(401, { message: "Invalid Private Integration token", error: "Unauthorized" });
}

export function refuseExpiredToken(): HighLevelRefusal {
  return new HighLevelRefusal(401, { message: "Invalid JWT", error: "Unauthorized" });
}

export function refuseAuthClass(): HighLevelRefusal {
  return new HighLevelRefusal(401, {
    message: "This authClass type is not allowed to access this scope.",
    error: "Unauthorized",
  });
}

export function refuseLocation(): HighLevelRefusal {
  return new HighLevelRefusal(403, {
    message: "The token does not have access to this location.",
    error: "Forbidden",
  });
}

export function refuseUnknown(message: string): HighLevelRefusal {
  return new HighLevelRefusal(404, { message, error: "Not Found" });
}

/** Faults of a query or body come as a list of texts. */
export function refuseFields(messages: string[]): HighLevelRefusal {
  return new HighLevelRefusal(422, { message: messages, error: "Unprocessable Entity" });
}

export function highlevelErrorBody(status: number): Record<string, unknown> {
  if (status === 401) return refuseToken().body;
  if (status === 403) return refuseLocation().body;
  if (status === 400) return refuseRequest("Bad Request").body;
  if (status === 404) return refuseUnknown("Not Found").body;
  return { statusCode: status, message: "Internal server error" };
}
