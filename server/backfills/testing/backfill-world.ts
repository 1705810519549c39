import type { Db } from "#server/db/client.ts";
import type { Deps } from "#server/deps.ts";
import type { Clock } from "#server/lib/clock.ts";
import { systemClock } from "#server/lib/clock.ts";
import { addDays, addMs, HOUR_MS, startOfUtcDay } from "#server/lib/duration.ts";
import { createLog } from "#server/lib/log.ts";
import { createSecretBox } from "#server/lib/secrets.ts";
import { createPostgresRateLimiter } from "#server/providers/postgres-rate-limiter.ts";
import { createProviderClients } from "#server/providers/provider-clients.ts";
import { systemSleep } from "#server/providers/sleep.ts";
import { buildConnection, buildLead, buildWorkspace } from "#server/testing/factories.ts";

export const TEST_SECRET = "a secret for tests, long enough for the box";

// biome-ignore lint/suspicious/noExplicitAny: a few fields of many different answers, as in the sandbox's own helper
type Control = (path: string, body?: unknown) => Promise<any>;

/** What a backfill's worker is given, against the sandbox; jobs it would call are remembered in `called`. */
export function createBackfillDeps(db: Db, sandboxUrl: string, clock: Clock = systemClock) {
  const called: string[] = [];
  const queue: Pick<Deps["queue"], "send"> = {
    send: async (_name, data) => {
      if ("backfillId" in data) called.push(data.backfillId);
    },
  };
  const limiter = createPostgresRateLimiter(db, { clock: systemClock, sleep: systemSleep });
  return {
    db,
    clock,
    called,
    // Only `send` is used by backfills.
    queue: queue as Deps["queue"],
    log: createLog("silent"),
    secrets: createSecretBox(TEST_SECRET),
    providers: createProviderClients({
      config: { calendlyApiUrl: `${sandboxUrl}/calendly`, highlevelApiUrl: `${sandboxUrl}/highlevel` },
      clock: systemClock,
      limiter,
    }),
  };
}

/** Midnight UTC, `days` from today. */
export function dayFromNow(days: number): Date {
  return addDays(startOfUtcDay(systemClock.now()), days);
}

/**
 * A workspace connected to a Calendly organization of its own, with one meeting of one known lead in each of the
 * hours from 9:00 UTC on each of the days named (days from today → number of meetings).
 */
export async function buildCalendlyWorld(
  db: Db,
  control: Control,
  meetings: Record<number, number>,
  names: Record<string, string> = {},
) {
  const { organization, users, eventTypes } = await control("/calendly/organizations", {
    name: "Northwind Growth",
    users: [{ name: "Dana Ruiz", email: `dana@${Math.random().toString(36).slice(2)}.example` }],
    eventTypes: [{ name: "Intro call" }],
  });
  const owner: { id: string; token: string } = users[0];
  const id: string = organization.id;

  const workspace = await buildWorkspace(db);
  const connection = await buildConnection(db, {
    workspaceId: workspace.id,
    organizationId: id,
    ownerId: owner.id,
    tokenSealed: createSecretBox(TEST_SECRET).seal(owner.token),
  });
  const invitees: { inviteeId: string; eventId: string; email: string }[] = [];
  for (const [day, count] of Object.entries(meetings)) {
    for (let index = 0; index < count; index++) {
      const lead = await buildLead(db, { workspaceId: workspace.id });
      const booked = await control("/calendly/book", {
        organization: id,
        eventType: eventTypes[0].id,
        start: addMs(dayFromNow(Number(day)), (9 + index / 2) * HOUR_MS).toISOString(),
        invitee: {
          email: lead.email,
          name: names[`${day}.${index}`] ?? `${lead.firstName} ${lead.lastName}`,
        },
        webhooks: false,
      });
      invitees.push({ inviteeId: booked.inviteeId, eventId: booked.eventId, email: lead.email });
    }
  }
  return { workspace, connection, organizationId: id, token: owner.token, invitees };
}
