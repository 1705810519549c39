import { addMs, DAY_MS, MINUTE_MS } from "#server/lib/duration.ts";
import { lookUpLead } from "#server/reconcile/look-up-lead.ts";
import { passClock } from "#server/reconcile/pass-clock.ts";
import { judgeObserved } from "./check-world.ts";
import { readBoth } from "./come-to-rest.ts";
import { connectWorkspace, openWorkspace } from "./connect-workspace.ts";
import { startProcess } from "./engine-process.ts";
import { observe } from "./observe.ts";
import type { World } from "./open-world.ts";
import { comparePhotographs, photographEvidence } from "./photograph.ts";

/** R30: asking about every lead after both calendars were swept; there must be nothing left to learn. */
export async function lookUpEverybody({ lane, limiter, workspaceId }: World): Promise<void> {
  const leads = await lane.db.lead.findMany({ where: { workspaceId }, select: { id: true } });
  const deps = startProcess(lane, limiter, null);
  for (const { id } of leads) await lookUpLead(deps, id, { priority: "live" });
}

/**
 * R30: the other way to know, by itself: the same leads in a workspace that nobody calls and nothing sweeps, asked about
 * one by one. It must come to what the providers say, as the swept one did.
 */
export async function lookUpFromScratch(world: World): Promise<string[]> {
  const { lane, plan, account } = world;
  const twinId = await openWorkspace(lane, plan);
  const connections = await connectWorkspace(lane, plan, twinId, account, null);
  await copyLeads(world, twinId);
  const twin = { ...world, ...connections, workspaceId: twinId };
  await lookUpEverybody(twin);
  // A successor that was erased may turn up for so long.
  lane.setTime(addMs(lane.clock.now(), 11 * MINUTE_MS));
  await passClock(startProcess(lane, world.limiter, null));
  const { complaints } = judgeObserved(twin, await observe(lane.db, twinId), { isLookedUp: true });
  // Who is asked about one by one is told what sweeps are told: these add what nobody asked for, and nothing else.
  const before = await photographEvidence(lane.db, twinId);
  await readBoth(twin);
  const after = await photographEvidence(lane.db, twinId);
  const known = new Map([...after].filter(([key]) => before.has(key)));
  complaints.push(...comparePhotographs("a sweep behind it", before, known));
  await lane.db.lead.updateMany({ where: { workspaceId: twinId }, data: { redecideAt: null } });
  return complaints.map((text) => `looked up from scratch: ${text}`);
}

async function copyLeads({ lane: { db, clock }, workspaceId }: World, twinId: string): Promise<void> {
  const createdAt = addMs(clock.now(), -DAY_MS);
  const leads = await db.lead.findMany({
    where: { workspaceId },
    include: { aliases: true, contacts: true },
  });
  const twins = leads.map((lead) => ({ ...lead, twinId: crypto.randomUUID() }));
  await db.lead.createMany({
    data: twins.map(({ twinId: id, externalId, email }) => ({
      id,
      workspaceId: twinId,
      externalId,
      email,
      statusAt: createdAt,
      sentimentAt: createdAt,
      createdAt,
      updatedAt: createdAt,
    })),
  });
  await db.leadAlias.createMany({
    data: twins.flatMap(({ twinId: leadId, aliases }) =>
      aliases.map(({ emailKey }) => ({
        workspaceId: twinId,
        leadId,
        emailKey,
        source: "import" as const,
        createdAt,
      })),
    ),
  });
  await db.leadContact.createMany({
    data: twins.flatMap(({ twinId: leadId, contacts }) =>
      contacts.map(({ contactId }) => ({ workspaceId: twinId, leadId, contactId })),
    ),
  });
}
