import {
  createCipheriv,
  createDecipheriv,
  createHash,
  hkdfSync,
  randomBytes,
  timingSafeEqual,
} from "node:crypto";
import { AppError } from "./errors.ts";

const VERSION = "v1";
const IV_BYTES = 12;
const TAG_BYTES = 16;

/** Seals provider tokens and keys before they reach the database; `open` throws when the text was altered or sealed under another secret. */
export type SecretBox = { seal(text: string): string; open(sealed: string): string };

export function createSecretBox(appSecret: string): SecretBox {
  const key = deriveKey(appSecret, "secret box");
  return {
    seal(text) {
      const iv = randomBytes(IV_BYTES);
      const cipher = createCipheriv("aes-256-gcm", key, iv);
      const body = Buffer.concat([cipher.update(text, "utf8"), cipher.final()]);
      return `${VERSION}.${Buffer.concat([iv, cipher.getAuthTag(), body]).toString("base64url")}`;
    },
    open(sealed) {
      try {
        const [version, payload] = sealed.split(".");
        if (version !== VERSION || !payload) throw new Error("unknown format");
        const bytes = Buffer.from(payload, "base64url");
        const decipher = createDecipheriv("aes-256-gcm", key, bytes.subarray(0, IV_BYTES), {
          authTagLength: TAG_BYTES,
        });
        decipher.setAuthTag(bytes.subarray(IV_BYTES, IV_BYTES + TAG_BYTES));
        const body = bytes.subarray(IV_BYTES + TAG_BYTES);
        return Buffer.concat([decipher.update(body), decipher.final()]).toString("utf8");
      } catch (cause) {
        throw new AppError(
          "secret_unreadable",
          "A stored secret cannot be read: APP_SECRET is not the one it was saved with.",
          { status: 500, cause },
        );
      }
    },
  };
}

/** A key for one purpose, so that no two uses of APP_SECRET share key material. */
export function deriveKey(appSecret: string, purpose: string): Buffer {
  return Buffer.from(hkdfSync("sha256", appSecret, "bookproof", purpose, 32));
}

/** Compares in constant time, whatever the lengths. */
export function isSameSecret(given: string, expected: string): boolean {
  return timingSafeEqual(digest(given), digest(expected));
}

/** URL-safe text with `bytes` bytes of randomness. */
export function createToken(bytes = 32): string {
  return randomBytes(bytes).toString("base64url");
}

/** What is stored of a token that we made ourselves: long and random, so a plain hash cannot be guessed back. */
export function hashToken(token: string): string {
  return digest(token).toString("hex");
}

function digest(text: string): Buffer {
  return createHash("sha256").update(text).digest();
}
