import { checkBooks } from "./check-books.ts";
import { checkEffects } from "./check-effects.ts";
import { checkHistory } from "./check-history.ts";
import { checkTrails } from "./check-trails.ts";
import { type Observed, observe } from "./observe.ts";
import type { World } from "./open-world.ts";
import { type Expected, judgeWorld, type Terms } from "./oracle.ts";

/** Everything that is not as the rules want it, in sentences; each world is small enough to be read as a whole. */
export async function checkWorld(world: World): Promise<string[]> {
  const observed = await observe(world.lane.db, world.workspaceId);
  const judged = judgeObserved(world, observed, { isLookedUp: false });
  const complaints = [
    ...judged.complaints,
    ...checkHistory(observed.changes),
    ...checkTrails(observed),
    ...(await checkBooks(world, observed)),
  ];
  const now = world.lane.clock.now();
  for (const lead of observed.leads) {
    const expected = judged.expected.get(lead.id);
    if (!expected) continue;
    complaints.push(
      ...checkEffects(lead, expected, world.plan, now).map((text) => `lead ${lead.externalId}: ${text}`),
    );
  }
  return complaints;
}

/** What each lead's evidence must come to, and what of it does not. */
export function judgeObserved(
  { lane, plan, account, chronicle }: World,
  { rows, leads }: Observed,
  { isLookedUp }: Pick<Terms, "isLookedUp">,
): { complaints: string[]; expected: Map<string, Expected> } {
  const chosen = [...account.eventTypes.slice(0, -1), ...account.calendars.slice(0, -1)];
  const judgement = judgeWorld(
    chronicle.bookings,
    leads.map(({ id, emails, contactIds }) => ({ id, emails, contactIds })),
    rows,
    lane.clock.now().getTime(),
    {
      chosenTypes: plan.types === "all" ? null : new Set(chosen),
      isStrict: plan.types === "strict",
      isLookedUp,
    },
  );
  const complaints = [...judgement.complaints];
  for (const lead of leads) {
    const expected = judgement.leads.get(lead.id);
    if (!expected) continue;
    const found = {
      state: lead.meetingState,
      primaryId: rows.find((row) => row.id === lead.primaryId)?.providerId ?? null,
      startMs: lead.meetingStartAt?.getTime() ?? null,
      isShared: lead.sharedBooking,
      linkedIds: rows
        .filter((row) => row.leadId === lead.id)
        .map((row) => row.providerId)
        .sort(),
    };
    for (const key of Object.keys(found) as (keyof typeof found)[]) {
      const [is, should] = [JSON.stringify(found[key]), JSON.stringify(expected[key])];
      if (is !== should) complaints.push(`lead ${lead.externalId}: ${key} is ${is}, should be ${should}`);
    }
  }
  return { complaints, expected: judgement.leads };
}
