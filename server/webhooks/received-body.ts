import { createHash } from "node:crypto";
import type { IncomingHttpHeaders } from "node:http";
import { AppError } from "#server/lib/errors.ts";
import { describeHeaders, type HeaderNote } from "./describe-headers.ts";

export type ReceivedBody = { hash: string; bytes: number; headers: HeaderNote };

export function describeBody(rawBody: Buffer, headers: IncomingHttpHeaders): ReceivedBody {
  return {
    hash: createHash("sha256").update(rawBody).digest("hex"),
    bytes: rawBody.length,
    headers: describeHeaders(headers),
  };
}

/** Null for what is no JSON: nobody but its sender could read it better a second time. */
export function parseJson(rawBody: Buffer): unknown {
  try {
    return JSON.parse(rawBody.toString("utf8"));
  } catch {
    return null;
  }
}

/**
 * What could not be stored is answered with the status that its provider tries again after. What must not happen is an
 * answer 2xx to what was not stored.
 */
export async function orUnavailable<T>(status: 429 | 503, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (cause) {
    const message = "The delivery could not be stored. Send it again.";
    throw new AppError("unavailable", message, { status, cause });
  }
}

export function isUuid(text: string): boolean {
  return /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i.test(text);
}
