import type { IncomingHttpHeaders } from "node:http";
import { AppError } from "#server/lib/errors.ts";
import { isSameSecret } from "#server/lib/secrets.ts";

/** The secret of `Authorization: Bearer …`; null when the header is missing or says something else. */
export function readBearer({ authorization }: IncomingHttpHeaders): string | null {
  return /^Bearer +(\S+) *$/i.exec(authorization ?? "")?.[1] ?? null;
}

/** Throws 401 unless the header, and nothing but the header, carries this secret. Compares in constant time. */
export function requireSecret(headers: IncomingHttpHeaders, secret: string): void {
  const given = readBearer(headers);
  if (given === null || !isSameSecret(given, secret)) throw unauthorized();
}

export function unauthorized(): AppError {
  return new AppError("unauthorized", "This needs a valid key in the Authorization header.");
}
