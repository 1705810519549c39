export type ErrorDetail = { parameter?: string; message: string; code?: string };

/** An answer other than 2xx, thrown by a route and sent as it is. */
export class CalendlyRefusal extends Error {
  readonly status: number;
  readonly body: Record<string, unknown>;

  constructor(status: number, body: Record<string, unknown>) {
    super(String(body.title));
    this.status = status;
    this.body = body;
  }
}

export function refuseArgument(details: ErrorDetail[]): CalendlyRefusal {
  return new CalendlyRefusal(400, {
    title: "Invalid Argument",
    message: "The supplied parameters are invalid.",
    details,
  });
}

export function refuseToken(message = "The access token is invalid"): CalendlyRefusal {
  return new CalendlyRefusal(401, { title: "Unauthenticated", message });
}

export function refusePermission(message = "You do not have permission"): CalendlyRefusal {
  return new CalendlyRefusal(403, { title: "Permission Denied", message });
}

export function refuseScope(scopes: string[]): CalendlyRefusal {
  return new CalendlyRefusal(403, {
    title: "Insufficient scope",
    message: "This operation requires the scopes listed in the 'required_scopes' array.",
    required_scopes: scopes,
  });
}

export function refuseUnknown(): CalendlyRefusal {
  return new CalendlyRefusal(404, {
    title: "Resource Not Found",
    message: "The server could not find the requested resource.",
  });
}

export function calendlyErrorBody(status: number): Record<string, unknown> {
  if (status === 400) return refuseArgument([]).body;
  if (status === 401) return refuseToken().body;
  if (status === 403) return refusePermission().body;
  if (status === 404) return refuseUnknown().body;
  return {
    title: "Internal Server Error",
    message: "The server encountered an unexpected condition that prevented it from fulfilling the request.",
  };
}
