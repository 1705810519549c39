import { createHmac, timingSafeEqual } from "node:crypto";
import { HOUR_MS, SECOND_MS } from "#server/lib/duration.ts";

export type SignatureVerdict =
  /** `keyIndex`: which of the keys matched, so that a rotation can be followed. */
  | { verdict: "valid" | "late"; keyIndex: number }
  | { verdict: "refused"; reason: "no_key" | "missing" | "malformed" | "wrong" | "stale" | "future" };

export type SignatureFacts = {
  header: string | null | undefined;
  /** The bytes as received: the same JSON written again has another signature. */
  rawBody: Buffer;
  keys: readonly string[];
  now: Date;
  /** How old it may be to be believed as the present. */
  toleranceMs: number;
};

/** Calendly tries again for a day. */
const LATE_MS = 25 * HOUR_MS;

/**
 * Is this delivery Calendly's, and is it fresh (R34)? `late` is genuine but old, as a retry may be: good
 * enough to go and look, not to be believed as the present.
 */
export function verifyCalendlySignature(facts: SignatureFacts): SignatureVerdict {
  const { header, rawBody, keys, now, toleranceMs } = facts;
  if (keys.length === 0) return refused("no_key");
  if (!header?.trim()) return refused("missing");
  const parsed = parseSignatureHeader(header);
  if (!parsed) return refused("malformed");

  const keyIndex = findMatchingKey(keys, parsed, rawBody);
  if (keyIndex === -1) return refused("wrong");

  const ageMs = now.getTime() - Number(parsed.timestamp) * SECOND_MS;
  if (ageMs < -toleranceMs) return refused("future");
  if (ageMs <= toleranceMs) return { verdict: "valid", keyIndex };
  return ageMs <= LATE_MS ? { verdict: "late", keyIndex } : refused("stale");
}

type ParsedHeader = { timestamp: string; signatures: Buffer[] };

/** `t=…,v1=…`: parts we do not know are skipped, a second `t` is a contradiction. */
export function parseSignatureHeader(header: string): ParsedHeader | null {
  const timestamps: string[] = [];
  const signatures: Buffer[] = [];
  for (const part of header.split(",")) {
    const at = part.indexOf("=");
    if (at === -1) continue;
    const name = part.slice(0, at).trim();
    const value = part.slice(at + 1).trim();
    if (name === "t") timestamps.push(value);
    if (name === "v1" && /^[0-9a-f]{64}$/.test(value)) signatures.push(Buffer.from(value, "hex"));
  }
  const [timestamp] = timestamps;
  if (timestamps.length !== 1 || timestamp === undefined || !/^\d{1,12}$/.test(timestamp)) return null;
  return signatures.length > 0 ? { timestamp, signatures } : null;
}

/** Tries every pair, so that the time it takes tells nothing about which one matched. */
function findMatchingKey(keys: readonly string[], parsed: ParsedHeader, rawBody: Buffer): number {
  let match = -1;
  for (const [index, key] of keys.entries()) {
    const expected = createHmac("sha256", key).update(`${parsed.timestamp}.`).update(rawBody).digest();
    for (const given of parsed.signatures) {
      const isSame = given.length === expected.length && timingSafeEqual(given, expected);
      if (isSame && match === -1) match = index;
    }
  }
  return match;
}

function refused(reason: Extract<SignatureVerdict, { verdict: "refused" }>["reason"]): SignatureVerdict {
  return { verdict: "refused", reason };
}
