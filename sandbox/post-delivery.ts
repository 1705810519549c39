import { createHmac } from "node:crypto";

const ANSWER_WITHIN_MS = 10_000;

/** The value of Calendly-Webhook-Signature: HMAC-SHA256 over the timestamp, a dot and the raw body. */
export function signBody(key: string, timestampSeconds: number, body: string): string {
  const hex = createHmac("sha256", key).update(`${timestampSeconds}.${body}`).digest("hex");
  return `t=${timestampSeconds},v1=${hex}`;
}

/** One attempt; no answer in time is a failure like any other. */
export async function postDelivery(
  url: string,
  body: string,
  headers: Record<string, string>,
): Promise<{ status: number | null; error: string | null }> {
  try {
    const response = await fetch(url, {
      method: "POST",
      body,
      headers,
      // A redirect counts as a failure, so it is not followed.
      redirect: "manual",
      signal: AbortSignal.timeout(ANSWER_WITHIN_MS),
    });
    await response.arrayBuffer();
    return { status: response.status, error: null };
  } catch (error) {
    return { status: null, error: error instanceof Error ? error.name : "unknown" };
  }
}
