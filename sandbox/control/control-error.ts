/** A control call that cannot be carried out: the caller's mistake, said in a stable shape. */
export class ControlError extends Error {
  readonly status: number;
  readonly code: string;
  readonly details: unknown;

  constructor(status: number, code: string, message: string, details?: unknown) {
    super(message);
    this.status = status;
    this.code = code;
    this.details = details;
  }
}

export function unknownReference(what: string, reference: string): ControlError {
  return new ControlError(404, "unknown_reference", `No ${what} is called ${reference}.`);
}
