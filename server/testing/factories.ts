import { randomBytes } from "node:crypto";
import type { Db, Tx } from "#server/db/client.ts";
import type { Prisma } from "#server/db/generated/client.ts";
import { addMs, DAY_MS, HOUR_MS, MINUTE_MS } from "#server/lib/duration.ts";
import { rememberPersonal } from "./personal-values.ts";

/** The moment that rows are built around: a Tuesday, mid-morning in Chicago. Give tests' clocks the same. */
export const TEST_NOW = new Date("2026-03-10T15:00:00.000Z");

const FIRST_NAMES = ["Maya", "Jonas", "Priya", "Diego", "Hannah", "Tomás", "Aisha", "Oliver", "Mei", "Lucas"];
const LAST_NAMES = [
  "Okafor",
  "Lindqvist",
  "Raman",
  "Castillo",
  "Brandt",
  "Novák",
  "Haddad",
  "Whitaker",
  "Chen",
];

let built = 0;

/** Different at every call, and from other test processes that share nothing but luck. */
function nextPerson() {
  const number = built++;
  const firstName = FIRST_NAMES[number % FIRST_NAMES.length] ?? "Maya";
  const lastName = LAST_NAMES[number % LAST_NAMES.length] ?? "Okafor";
  const mailbox = `${firstName}.${lastName}.${number + 1}`
    .normalize("NFD")
    .replace(/[^\w.]/g, "")
    .toLowerCase();
  const email = `${mailbox}@ridgeline.example`;
  rememberPersonal([email, lastName, `${firstName} ${lastName}`]);
  return { firstName, lastName, email };
}

/** Provider-like id: long, random, letters and digits. */
function providerId(): string {
  return randomBytes(9).toString("hex").toUpperCase();
}

export function buildWorkspace(db: Db | Tx, overrides: Partial<Prisma.WorkspaceUncheckedCreateInput> = {}) {
  const number = ++built;
  return db.workspace.create({
    data: {
      slug: `harbor-labs-${number}`,
      name: `Harbor Labs ${number}`,
      createdAt: addMs(TEST_NOW, -200 * DAY_MS),
      updatedAt: addMs(TEST_NOW, -200 * DAY_MS),
      ...overrides,
    },
  });
}

export function buildUser(db: Db | Tx, overrides: Partial<Prisma.UserUncheckedCreateInput> = {}) {
  const person = nextPerson();
  return db.user.create({
    data: {
      id: `user_${providerId()}`,
      name: `${person.firstName} ${person.lastName}`,
      email: person.email,
      emailVerified: true,
      timezone: "America/Chicago",
      ...overrides,
    },
  });
}

/** A setter of a new workspace, unless told otherwise. */
export async function buildMembership(
  db: Db | Tx,
  overrides: Partial<Prisma.MembershipUncheckedCreateInput> = {},
) {
  const workspaceId = overrides.workspaceId ?? (await buildWorkspace(db)).id;
  const userId = overrides.userId ?? (await buildUser(db)).id;
  return db.membership.create({ data: { role: "setter", ...overrides, workspaceId, userId } });
}

/** A healthy Calendly connection that sees its whole organization; HighLevel when `provider` says so. */
export async function buildConnection(
  db: Db | Tx,
  overrides: Partial<Prisma.ConnectionUncheckedCreateInput> = {},
) {
  const workspaceId = overrides.workspaceId ?? (await buildWorkspace(db)).id;
  const account =
    overrides.provider === "highlevel"
      ? { locationId: providerId(), accountName: "Lumen Dental Group" }
      : {
          organizationId: providerId(),
          ownerId: providerId(),
          ownerRole: "owner",
          accountName: "Northwind Growth",
        };
  return db.connection.create({
    data: {
      provider: "calendly",
      state: "healthy",
      fullScope: true,
      timezone: "America/Chicago",
      stateSince: addMs(TEST_NOW, -30 * DAY_MS),
      createdAt: addMs(TEST_NOW, -30 * DAY_MS),
      ...account,
      ...overrides,
      workspaceId,
    },
  });
}

/** A new lead without claim or evidence. The rollup is not derived: state what the test needs. */
export async function buildLead(db: Db | Tx, overrides: Partial<Prisma.LeadUncheckedCreateInput> = {}) {
  const workspaceId = overrides.workspaceId ?? (await buildWorkspace(db)).id;
  const createdAt = addMs(TEST_NOW, -20 * DAY_MS);
  return db.lead.create({
    data: {
      ...nextPerson(),
      company: "Ridgeline Analytics",
      phone: "+1 312 555 0142",
      timezone: "America/New_York",
      timezoneSource: "given",
      status: "new",
      statusAt: createdAt,
      sentiment: "new",
      sentimentAt: createdAt,
      createdAt,
      updatedAt: createdAt,
      ...overrides,
      workspaceId,
    },
  });
}

/**
 * A confirmed Calendly meeting, half an hour long, two days ahead, of a new lead and linked by its e-mail.
 * `leadId: null` makes it unmatched. The lead's rollup is left alone.
 */
export async function buildAppointment(
  db: Db | Tx,
  overrides: Partial<Prisma.AppointmentUncheckedCreateInput> = {},
) {
  const lead = await findOrBuildLead(db, overrides);
  const workspaceId = overrides.workspaceId ?? lead?.workspaceId ?? (await buildWorkspace(db)).id;
  const id = overrides.providerId ?? providerId();
  const startAt = new Date(overrides.startAt ?? addMs(TEST_NOW, 2 * DAY_MS));
  const bookedAt = addMs(TEST_NOW, -3 * DAY_MS);
  return db.appointment.create({
    data: {
      provider: "calendly",
      providerId: id,
      eventId: overrides.provider === "highlevel" ? id : providerId(),
      calendarId: providerId(),
      title: "Intro call",
      startAt,
      endAt: addMs(startAt, 30 * MINUTE_MS),
      status: "confirmed",
      providerStatus: overrides.status ?? "active",
      attendeeEmail: lead?.email ?? nextPerson().email,
      attendeeName: lead ? `${lead.firstName} ${lead.lastName}` : "Sam Porter",
      attendeeTimezone: "America/New_York",
      providerCreatedAt: bookedAt,
      providerUpdatedAt: bookedAt,
      asOf: addMs(TEST_NOW, -HOUR_MS),
      source: "reconcile",
      firstSeenAt: bookedAt,
      updatedAt: bookedAt,
      linkedBy: lead ? "email" : null,
      ...overrides,
      leadId: lead?.id ?? null,
      workspaceId,
    },
  });
}

function findOrBuildLead(db: Db | Tx, overrides: Partial<Prisma.AppointmentUncheckedCreateInput>) {
  if (overrides.leadId === null) return null;
  if (overrides.leadId) return db.lead.findUniqueOrThrow({ where: { id: overrides.leadId } });
  return buildLead(db, { workspaceId: overrides.workspaceId });
}

/** An open, unclaimed red task for a canceled meeting, due now. */
export async function buildTask(db: Db | Tx, overrides: Partial<Prisma.TaskUncheckedCreateInput> = {}) {
  const lead = overrides.leadId
    ? await db.lead.findUniqueOrThrow({ where: { id: overrides.leadId } })
    : await buildLead(db, { workspaceId: overrides.workspaceId });
  return db.task.create({
    data: {
      type: "meeting_canceled",
      status: "pending",
      dueAt: TEST_NOW,
      createdAt: addMs(TEST_NOW, -HOUR_MS),
      updatedAt: addMs(TEST_NOW, -HOUR_MS),
      ...overrides,
      leadId: lead.id,
      workspaceId: lead.workspaceId,
    },
  });
}

/** A sequence of one e-mail on the first day, entered by hand. */
export async function buildSequence(
  db: Db | Tx,
  overrides: Partial<Prisma.FollowUpSequenceUncheckedCreateInput> = {},
) {
  const workspaceId = overrides.workspaceId ?? (await buildWorkspace(db)).id;
  return db.followUpSequence.create({
    data: {
      name: `Gentle nudge ${++built}`,
      trigger: "manual",
      createdAt: addMs(TEST_NOW, -60 * DAY_MS),
      steps: {
        create: {
          position: 0,
          dayOffset: 0,
          channel: "email",
          template: "Hello {{firstName}}",
          subject: "A time to talk",
        },
      },
      ...overrides,
      workspaceId,
    },
  });
}

/** A lead in a sequence, active, with its first step ahead. */
export async function buildInstance(
  db: Db | Tx,
  overrides: Partial<Prisma.FollowUpInstanceUncheckedCreateInput> = {},
) {
  const lead = overrides.leadId
    ? await db.lead.findUniqueOrThrow({ where: { id: overrides.leadId } })
    : await buildLead(db, { workspaceId: overrides.workspaceId });
  const sequence = overrides.sequenceId
    ? await db.followUpSequence.findUniqueOrThrow({ where: { id: overrides.sequenceId } })
    : await buildSequence(db, {
        workspaceId: lead.workspaceId,
        ...(overrides.trigger ? { trigger: overrides.trigger } : {}),
      });
  return db.followUpInstance.create({
    data: {
      status: "active",
      startedAt: addMs(TEST_NOW, -DAY_MS),
      nextStepAt: addMs(TEST_NOW, DAY_MS),
      ...overrides,
      trigger: sequence.trigger,
      sequenceId: sequence.id,
      leadId: lead.id,
      workspaceId: lead.workspaceId,
    },
  });
}
