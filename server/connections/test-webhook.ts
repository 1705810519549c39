import { createHmac } from "node:crypto";
import type { Deps } from "#server/deps.ts";
import { SECOND_MS } from "#server/lib/duration.ts";
import { loadSigningKeys } from "./signing-keys.ts";
import { webhookUrl } from "./webhook-url.ts";

/** The receiver knows it, answers, and stores nothing. */
export const SELF_TEST_EVENT = "bookproof.self_test";

const TIMEOUT_MS = 5 * SECOND_MS;

/** `refused`: our own address answers, but not to our own signature. `unreachable`: nobody answers there. */
export type WebhookTest = "passed" | "refused" | "unreachable" | "no_key";

/** Sends a signed delivery to our own public address: proves that it leads here and that the stored key is the one checked. */
export async function testWebhook(
  deps: Pick<Deps, "db" | "clock" | "secrets" | "publicUrl">,
  workspaceId: string,
): Promise<WebhookTest> {
  const now = deps.clock.now();
  const [key] = (await loadSigningKeys(deps, "calendly", workspaceId, now))?.keys ?? [];
  if (!key) return "no_key";
  const body = JSON.stringify({ event: SELF_TEST_EVENT, created_at: now.toISOString(), payload: {} });
  try {
    const response = await fetch(webhookUrl(deps.publicUrl, workspaceId), {
      method: "POST",
      body,
      headers: {
        "content-type": "application/json",
        "calendly-webhook-signature": signDelivery(key, now, body),
      },
      redirect: "manual",
      signal: AbortSignal.timeout(TIMEOUT_MS),
    });
    await response.arrayBuffer();
    return response.ok ? "passed" : "refused";
  } catch {
    return "unreachable";
  }
}

/** The header that Calendly sends with this body. */
export function signDelivery(key: string, at: Date, body: string): string {
  const timestamp = Math.floor(at.getTime() / SECOND_MS);
  const hex = createHmac("sha256", key).update(`${timestamp}.${body}`).digest("hex");
  return `t=${timestamp},v1=${hex}`;
}
