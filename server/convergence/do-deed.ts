import { operator, SYSTEM } from "#server/audit/actor.ts";
import type { Deps } from "#server/deps.ts";
import { acceptMessages } from "#server/leads/accept-messages.ts";
import { linkBooking } from "#server/leads/link-booking.ts";
import { setAttendance } from "#server/leads/set-attendance.ts";
import { upsertLeads } from "#server/leads/upsert-leads.ts";
import { addDays } from "#server/lib/duration.ts";
import { decideMismatch, type MismatchDecision } from "#server/mismatches/decide-mismatch.ts";
import { claimTask } from "#server/red-queue/claim-task.ts";
import { logOutcome } from "#server/red-queue/log-outcome.ts";
import type { EngineDeps } from "./engine-process.ts";
import type { World } from "./open-world.ts";
import { leadIdOf, mailboxOf } from "./pick.ts";
import type { Deed } from "./plan.ts";
import { externalIdOf } from "./save-leads.ts";

/** What customers and operators do, through the functions behind the doors. What is refused there throws. */
export async function doDeed(world: World, deps: EngineDeps, deed: Deed): Promise<void> {
  const { workspaceId } = world;
  const actor = operator(world.lane.operatorId);
  switch (deed.kind) {
    case "import_lead": {
      await upsertLeads(deps, workspaceId, [planItem(world, deed)], { actor, source: "import" });
      return;
    }
    case "message": {
      const now = deps.clock.now();
      const message = {
        externalId: crypto.randomUUID(),
        leadExternalId: externalIdOf(deed.lead % world.plan.leads.length),
        direction: "inbound",
        at: (deed.isOld ? addDays(now, -3) : now).toISOString(),
        sentiment: deed.sentiment,
      };
      await acceptMessages(deps, SYSTEM, workspaceId, [message]);
      return;
    }
    case "mark": {
      const now = deps.clock.now();
      const appointmentId = await findAppointment(world, deed.meeting, (a) => a.endAt <= now);
      if (!appointmentId) return;
      const viewer = { workspaceId, userId: world.lane.operatorId, role: "owner" as const };
      await setAttendance(deps, viewer, { appointmentId, mark: deed.mark });
      return;
    }
    case "link": {
      const appointmentId = await findAppointment(world, deed.meeting, (a) => a.leadId === null);
      const leadId = await leadIdOf(world, deed.lead);
      if (!appointmentId || !leadId) return;
      await linkBooking(
        deps,
        { workspaceId, actor },
        { appointmentId, leadId, rememberAlias: deed.remember },
      );
      return;
    }
    case "decide":
      return decide(world, deps, deed);
    case "outcome":
      return logSome(world, deps, deed);
    default:
      deed satisfies never;
  }
}

function planItem(world: World, deed: Extract<Deed, { kind: "import_lead" }>) {
  const isNew = deed.lead >= world.plan.leads.length;
  // A new lead needs an address.
  const mailbox = deed.mailbox ?? (isNew ? deed.lead : null);
  return {
    externalId: externalIdOf(deed.lead),
    ...(mailbox === null ? {} : { email: mailboxOf(world, mailbox) }),
    ...(deed.alias === null ? {} : { aliases: [mailboxOf(world, deed.alias)] }),
    ...(deed.contact === null
      ? {}
      : { ghlContactId: world.contactIds[deed.contact % world.contactIds.length] }),
    ...(deed.status === null ? {} : { status: deed.status }),
  };
}

/** A booking that we know of, in the order in which they were made; of those that fit, where there are any. */
async function findAppointment(
  { lane, workspaceId, chronicle }: World,
  at: number,
  fits: (appointment: { endAt: Date; leadId: string | null }) => boolean,
): Promise<string | null> {
  const rows = await lane.db.appointment.findMany({
    where: { workspaceId },
    select: { id: true, providerId: true, endAt: true, leadId: true },
  });
  const known = chronicle.bookings.flatMap(({ id }) => rows.find((row) => row.providerId === id) ?? []);
  const fitting = known.filter(fits);
  const some = fitting.length > 0 ? fitting : known;
  return some[at % some.length]?.id ?? null;
}

async function decide(world: World, deps: EngineDeps, deed: Extract<Deed, { kind: "decide" }>) {
  const leads = await deps.db.lead.findMany({
    where: { workspaceId: world.workspaceId, mismatchKind: { not: null } },
    orderBy: { externalId: "asc" },
  });
  const lead = leads[deed.lead % leads.length];
  if (!lead) return;
  const { id: leadId, version, status } = lead;
  const isProtected = ["not_interested", "blacklisted", "unqualified"].includes(status);
  const decisions: Record<typeof deed.decision, MismatchDecision> = {
    accept: { leadId, version, decision: "accept", ...(isProtected ? { reason: "asked_again" } : {}) },
    keep: { leadId, version, decision: "keep", reason: "confirmed_by_lead" },
    needs_info: { leadId, version, decision: "needs_info", until: addDays(deps.clock.now(), 1) },
  };
  const who = { workspaceId: world.workspaceId, userId: world.lane.operatorId };
  await decideMismatch(deps, decisions[deed.decision], who);
}

/** Somebody takes a red task of this world and says how it went. */
async function logSome(world: World, deps: EngineDeps, deed: Extract<Deed, { kind: "outcome" }>) {
  const tasks = await deps.db.task.findMany({
    where: {
      workspaceId: world.workspaceId,
      status: "pending",
      type: { in: ["meeting_canceled", "meeting_no_show"] },
    },
    orderBy: [{ createdAt: "asc" }, { leadId: "asc" }],
  });
  const task = tasks[deed.task % tasks.length];
  if (!task) return;
  const worker = { workspaceId: world.workspaceId, workspaceZone: "UTC", userId: world.lane.operatorId };
  const claim = await claimTask(deps, worker, { taskId: task.id, version: task.version });
  // The cast: none of these outcomes asks for more than a process is given here.
  await logOutcome(deps as Partial<Deps> as Deps, worker, {
    taskId: task.id,
    version: claim.version,
    outcome: deed.outcome,
    ...(deed.outcome === "not_interested" ? { reason: "no_need" as const } : {}),
  });
}
