import type { IncomingHttpHeaders } from "node:http";
import { loadSigningKeys, type SigningKeys } from "#server/connections/signing-keys.ts";
import type { Deps } from "#server/deps.ts";
import { addMs, MINUTE_MS } from "#server/lib/duration.ts";
import { isSameSecret } from "#server/lib/secrets.ts";
import { parseWorkflowDelivery } from "#server/providers/highlevel/webhook-payload.ts";
import { decideWorkflowDelivery } from "./decide-workflow-delivery.ts";
import { describeBody, isUuid, orUnavailable, parseJson } from "./received-body.ts";
import { storeDelivery, storeRefusal } from "./store-delivery.ts";

type WorkflowDeps = Pick<Deps, "db" | "clock" | "secrets">;

type ReceivedRequest = {
  workspaceId: string;
  secret: string | undefined;
  headers: IncomingHttpHeaders;
  rawBody: Buffer;
};

const TRY_AGAIN = 429;

/** A workflow that says the same again later may mean it: an appointment can be moved away and back. */
const SAME_NEWS_MS = MINUTE_MS;

/** Costs a stranger's workspace the time that a real one takes. */
const NOBODY: SigningKeys = { connection: null, keys: ["a secret that nobody sends"] };

/**
 * Workflow webhooks of one workspace (R35): nobody signs them, so a secret in a header opens the door and what they say
 * is never believed, only looked up. An unknown workspace, one without a secret and a wrong secret look the same.
 */
export async function receiveWorkflowDelivery(
  deps: WorkflowDeps,
  { workspaceId, secret, headers, rawBody }: ReceivedRequest,
): Promise<"stored" | "refused"> {
  const now = deps.clock.now();
  const { connection, keys } = await orUnavailable(TRY_AGAIN, async () =>
    isUuid(workspaceId) ? ((await loadSigningKeys(deps, "highlevel", workspaceId, now)) ?? NOBODY) : NOBODY,
  );
  const keyIndex = findSecret(keys, secret ?? "");
  if (connection === null) return "refused";

  const body = describeBody(rawBody, headers);
  const decision =
    keyIndex === -1
      ? ({ outcome: "refuse", reason: secret ? "wrong_secret" : "no_secret" } as const)
      : decideWorkflowDelivery(parseWorkflowDelivery(parseJson(rawBody)), body.hash, connection.locationId);
  if (decision.outcome === "refuse") {
    await orUnavailable(TRY_AGAIN, () => storeRefusal(deps, connection, decision.reason, body, now));
    return "refused";
  }
  const repeatAfter = addMs(now, -SAME_NEWS_MS);
  await orUnavailable(TRY_AGAIN, () =>
    storeDelivery(
      deps,
      connection,
      decision,
      { ...body, rawBody, keyIndex, signedAt: null, repeatAfter },
      now,
    ),
  );
  return "stored";
}

/** Tries every one, so that the time it takes tells nothing about which one matched. */
function findSecret(keys: readonly string[], given: string): number {
  let match = -1;
  for (const [index, key] of keys.entries()) {
    if (isSameSecret(given, key) && match === -1) match = index;
  }
  return match;
}
