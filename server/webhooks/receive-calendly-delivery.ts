import type { IncomingHttpHeaders } from "node:http";
import { loadSigningKeys, type SigningKeys } from "#server/connections/signing-keys.ts";
import { SELF_TEST_EVENT } from "#server/connections/test-webhook.ts";
import type { Deps } from "#server/deps.ts";
import { verifyCalendlySignature } from "#server/providers/calendly/signature.ts";
import { lastSegment } from "#server/providers/calendly/uri.ts";
import { parseDelivery } from "#server/providers/calendly/webhook-payload.ts";
import { decideDelivery } from "./decide-delivery.ts";
import { describeBody, isUuid, orUnavailable, parseJson } from "./received-body.ts";
import { storeDelivery, storeRefusal } from "./store-delivery.ts";

export type ReceiveDeps = Pick<Deps, "db" | "clock" | "log" | "secrets" | "config">;

type ReceivedRequest = {
  workspaceId: string;
  signature: string | undefined;
  headers: IncomingHttpHeaders;
  rawBody: Buffer;
};

/** Calendly tries again for a day after any answer but 2xx. */
const TRY_AGAIN = 503;

/** Costs a stranger's workspace the time that a real one takes. */
const NOBODY: SigningKeys = { connection: null, keys: ["a key that nobody signs with"] };

/**
 * Verifies, stores and answers; the work happens later (R36). `refused` says nothing about why: an unknown workspace,
 * one without a connection and a wrong signature look the same from outside. Throws 503 when it cannot be stored,
 * which Calendly answers by trying again.
 */
export async function receiveCalendlyDelivery(
  deps: ReceiveDeps,
  { workspaceId, signature, headers, rawBody }: ReceivedRequest,
): Promise<"stored" | "refused"> {
  const now = deps.clock.now();
  const { connection, keys } = await orUnavailable(TRY_AGAIN, async () =>
    isUuid(workspaceId) ? ((await loadSigningKeys(deps, "calendly", workspaceId, now)) ?? NOBODY) : NOBODY,
  );
  const toleranceMs = deps.config.calendlyWebhookToleranceMs;
  const verdict = verifyCalendlySignature({ header: signature, rawBody, keys, now, toleranceMs });
  if (connection === null) return "refused";

  const body = describeBody(rawBody, headers);
  const parsed = verdict.verdict === "refused" ? null : parseJson(rawBody);
  if (parsed && readText(parsed, "event") === SELF_TEST_EVENT) return "stored";
  const decision = decideDelivery({
    signature: verdict,
    delivery: parsed === null ? null : parseDelivery(parsed),
    bodyHash: body.hash,
    organization: { connected: connection.organizationId, named: readOrganization(parsed) },
  });
  if (decision.outcome === "refuse") {
    await orUnavailable(TRY_AGAIN, () => storeRefusal(deps, connection, decision.reason, body, now));
    return "refused";
  }
  // A mark that is taken back names no mark, and its time is told in whole seconds: the same words may be news.
  const repeatAfter =
    decision.outcome === "accept" && decision.eventType === "invitee_no_show.deleted" ? now : null;
  const keyIndex = verdict.verdict === "refused" ? null : verdict.keyIndex;
  await orUnavailable(TRY_AGAIN, () =>
    storeDelivery(
      deps,
      connection,
      decision,
      { ...body, rawBody, keyIndex, signedAt: readSignedAt(signature), repeatAfter },
      now,
    ),
  );
  return "stored";
}

/** Calendly names no organization in these payloads today; where one is named it must be ours. */
function readOrganization(body: unknown): string | null {
  const payload = typeof body === "object" && body !== null && "payload" in body ? body.payload : null;
  const uri = readText(payload, "organization") ?? readText(body, "organization");
  return uri ? lastSegment(uri) : null;
}

function readText(value: unknown, key: string): string | null {
  if (typeof value !== "object" || value === null || !(key in value)) return null;
  const text = (value as Record<string, unknown>)[key]; // any non-null object can be read by key
  return typeof text === "string" ? text : null;
}

/** Only called for headers whose signature was right, so `t` is there. */
function readSignedAt(header: string | undefined): Date | null {
  const seconds = /(?:^|,)\s*t=(\d{1,12})/.exec(header ?? "")?.[1];
  return seconds ? new Date(Number(seconds) * 1_000) : null;
}
