import { schedule } from "node-cron";
import type { Gap } from "#server/connections/compute-gap.ts";
import { sendGap } from "#server/connections/fill-gap.ts";
import type { Tx } from "#server/db/client.ts";
import { publish } from "#server/db/outbox.ts";
import { runTransaction } from "#server/db/run-transaction.ts";
import type { Deps } from "#server/deps.ts";
import { addMs, MINUTE_MS } from "#server/lib/duration.ts";
import { openIncident } from "#server/reconcile/incidents.ts";

type BeatDeps = Pick<Deps, "db" | "clock" | "queue" | "log">;

/** Shorter silences are made up by the sweeps: by then every tier that looks ahead has come round. */
const DOWN_MS = 15 * MINUTE_MS;

/**
 * Remembers that somebody receives webhooks, and finds the time in which nobody did. Calendly sends again for a day,
 * a workflow of HighLevel sends once: so after every long silence each account that delivers here is read over the gap.
 * Of several processes that beat, one finds it.
 */
export async function beatReceiver({ db, clock, queue }: Omit<BeatDeps, "log">): Promise<Gap | null> {
  const now = clock.now();
  return runTransaction(db, "beat receiver", async (tx) => {
    const gap = await beat(tx, now);
    if (gap) await recordSilence(tx, queue, gap, now);
    return gap;
  });
}

async function beat(tx: Tx, now: Date): Promise<Gap | null> {
  // The row is locked until the end, so that the next one who looks sees this beat.
  const [last] = await tx.$queryRaw<
    { at: Date }[]
  >`SELECT at FROM "Heartbeat" WHERE name = 'receiver' FOR UPDATE`;
  await tx.$executeRaw`
    INSERT INTO "Heartbeat" AS h (name, at) VALUES ('receiver', ${now}::timestamptz)
    ON CONFLICT (name) DO UPDATE SET at = greatest(h.at, excluded.at)`;
  return last && last.at < addMs(now, -DOWN_MS) ? { from: last.at, to: now } : null;
}

async function recordSilence(tx: Tx, queue: Deps["queue"], gap: Gap, now: Date): Promise<void> {
  const rows = await tx.connection.findMany({
    where: {
      state: { not: "off" },
      OR: [
        { provider: "calendly", webhookId: { not: null } },
        { provider: "highlevel", lastEventAt: { not: null } },
        { provider: "highlevel", signingKeySealed: { not: null } },
      ],
    },
    select: { id: true, workspaceId: true },
    orderBy: { id: "asc" },
  });
  for (const { id, workspaceId } of rows) {
    await openIncident(tx, now, {
      workspaceId,
      connectionId: id,
      kind: "dead_feed",
      subject: id,
      cause: "receiver_down",
      action: "read_gap",
      details: { from: gap.from.toISOString(), to: gap.to.toISOString() },
    });
    await sendGap({ queue, tx }, id, "receiver_down", gap);
  }
  await publish(
    tx,
    now,
    rows.map(({ id, workspaceId }) => ({ workspaceId, kind: "connection", ids: [id] })),
  );
}

/** Beats at once and then twice a minute, in every process that receives. */
export async function startReceiverBeat(deps: BeatDeps): Promise<{ stop(): Promise<void> }> {
  const run = async () => {
    try {
      const gap = await beatReceiver(deps);
      if (gap) deps.log.warn(gap, "nothing could be received for a while");
    } catch (err) {
      // A database that rests for a moment is a silence of its own, found by the next beat.
      deps.log.error({ err }, "receiver beat failed");
    }
  };
  await run();
  const options = { timezone: "UTC", noOverlap: true, unref: true, suppressMissedWarning: true };
  const task = schedule("*/30 * * * * *", run, options);
  return { stop: async () => void (await task.destroy()) };
}
