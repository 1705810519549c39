import { createPublicKey, type KeyObject, verify } from "node:crypto";

export type HighLevelSignatureVerdict =
  /** `keyIndex`: which of the configured keys matched, so that a rotation can be followed. */
  | { verdict: "valid"; keyIndex: number }
  | { verdict: "refused"; reason: "no_key" | "missing" | "malformed" | "wrong" };

const SIGNATURE_BYTES = 64;
/** What HighLevel sends in place of a signature it does not have. */
const NOT_SIGNED = "n/a";

/**
 * The keys that marketplace deliveries may be signed with: SPKI in base64 or PEM, several with commas in between while
 * HighLevel changes its key. What is no Ed25519 key is left out: then nothing is believed by it.
 */
export function readPublicKeys(text: string | null): KeyObject[] {
  return (text ?? "").split(",").flatMap((each) => {
    const der = Buffer.from(each.replace(/-----[^-]+-----|\s/g, ""), "base64");
    try {
      const key = createPublicKey({ key: der, format: "der", type: "spki" });
      return key.asymmetricKeyType === "ed25519" ? [key] : [];
    } catch {
      return [];
    }
  });
}

/**
 * Is this delivery HighLevel's (R35)? Over the bytes as received. When it was sent is inside the signed body, so this
 * says nothing about its age. The RSA header of former years counts as unsigned.
 */
export function verifyHighLevelSignature({
  header,
  rawBody,
  keys,
}: {
  header: string | null | undefined;
  rawBody: Buffer;
  keys: readonly KeyObject[];
}): HighLevelSignatureVerdict {
  if (keys.length === 0) return refused("no_key");
  const text = header?.trim() ?? "";
  if (text === "" || text.toLowerCase() === NOT_SIGNED) return refused("missing");
  const signature = Buffer.from(text, "base64");
  if (signature.length !== SIGNATURE_BYTES) return refused("malformed");
  const keyIndex = keys.findIndex((key) => verify(null, rawBody, key, signature));
  return keyIndex === -1 ? refused("wrong") : { verdict: "valid", keyIndex };
}

function refused(
  reason: Extract<HighLevelSignatureVerdict, { verdict: "refused" }>["reason"],
): HighLevelSignatureVerdict {
  return { verdict: "refused", reason };
}
