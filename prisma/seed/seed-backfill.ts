import { operator } from "#server/audit/actor.ts";
import { startBackfill } from "#server/backfills/start-backfill.ts";
import { addDays, startOfUtcDay } from "#server/lib/duration.ts";
import type { SeedContext } from "./seed-context.ts";

/** Two runs to look at: one beyond the usual window, which finds meetings far ahead, and one that only tries. */
export async function seedBackfill({ deps, places }: SeedContext): Promise<void> {
  const owner = await deps.db.user.findUniqueOrThrow({ where: { email: "owner@demo.test" } });
  const today = startOfUtcDay(deps.clock.now());
  for (const { account, workspaceId } of places) {
    const providers = account === "highlevel-only" ? (["highlevel"] as const) : (["calendly"] as const);
    const ahead = {
      from: addDays(today, 100),
      to: addDays(today, 145),
      dryRun: false,
      note: "Bookings far ahead",
    };
    const recent = {
      from: addDays(today, -7),
      to: addDays(today, 1),
      dryRun: true,
      note: "What would a rerun change?",
    };
    for (const run of account === "both" ? [recent] : [ahead]) {
      await startBackfill(
        deps,
        { workspaceIds: [workspaceId], providers: [...providers], skipSideEffects: false, ...run },
        operator(owner.id),
      );
    }
  }
}
