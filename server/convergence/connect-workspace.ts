import { randomBytes } from "node:crypto";
import { buildConnection, buildWorkspace, TEST_NOW } from "#server/testing/factories.ts";
import type { Lane } from "./open-lane.ts";
import type { WorldPlan } from "./plan.ts";

/** What a workspace is connected to. Of event types and calendars, the last one is what nobody chose. */
export type Account = {
  organizationId: string;
  ownerId: string;
  calendlyToken: string;
  eventTypes: string[];
  locationId: string;
  highlevelToken: string;
  calendars: string[];
};

/** A workspace of its own, without leads. */
export async function openWorkspace({ db }: Lane, plan: WorldPlan): Promise<string> {
  const { id } = await buildWorkspace(db, {
    slug: `world-${randomBytes(6).toString("hex")}`,
    freshnessDays: plan.freshnessDays,
    strictEventTypes: plan.types === "strict",
    // Narrow, since days without meetings teach nothing and cost time.
    lookbackDays: 6,
    lookaheadDays: 10,
  });
  return id;
}

/** Connects it to both providers. Without a hook nobody calls it. */
export async function connectWorkspace(
  { db, secrets }: Lane,
  plan: WorldPlan,
  workspaceId: string,
  account: Account,
  hook: { signingKey: string; subscriptionId: string; workflowSecret: string } | null,
): Promise<{ calendlyId: string; highlevelId: string }> {
  const chosen = plan.types === "all" ? {} : { eventTypesChosenAt: TEST_NOW };
  const calendly = await buildConnection(db, {
    workspaceId,
    organizationId: account.organizationId,
    ownerId: account.ownerId,
    tokenSealed: secrets.seal(account.calendlyToken),
    ...chosen,
    ...(hook ? { signingKeySealed: secrets.seal(hook.signingKey), webhookId: hook.subscriptionId } : {}),
  });
  const highlevel = await buildConnection(db, {
    workspaceId,
    provider: "highlevel",
    locationId: account.locationId,
    tokenSealed: secrets.seal(account.highlevelToken),
    ...chosen,
    ...(hook ? { signingKeySealed: secrets.seal(hook.workflowSecret) } : {}),
  });
  const rowsOf = (connectionId: string, ids: string[]) =>
    ids.map((providerId, at) => ({
      connectionId,
      providerId,
      name: `Type ${at}`,
      selected: at < ids.length - 1,
      seenAt: TEST_NOW,
    }));
  if (plan.types !== "all") {
    await db.connectionEventType.createMany({
      data: [...rowsOf(calendly.id, account.eventTypes), ...rowsOf(highlevel.id, account.calendars)],
    });
  }
  return { calendlyId: calendly.id, highlevelId: highlevel.id };
}
