import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Source } from "#server/db/generated/enums.ts";
import { runTransaction } from "#server/db/run-transaction.ts";
import { addMs, DAY_MS, HOUR_MS, MINUTE_MS } from "#server/lib/duration.ts";
import type { AppointmentReading } from "#server/providers/appointment-reading.ts";
import { setUpTestDatabase } from "#server/testing/database.ts";
import { buildConnection, buildLead, buildWorkspace, TEST_NOW } from "#server/testing/factories.ts";
import { applyReadings } from "./apply-readings.ts";
import { buildReading, cancelReading } from "./testing/build-reading.ts";

const test = setUpTestDatabase();

/** Two people and an address of theirs that nobody knows. */
const EMAILS = ["maya@lakeside.example", "jonas@lakeside.example", "assistant@elsewhere.example"];
const PEOPLE = EMAILS.slice(0, 2);
const APPLIED_AT = addMs(TEST_NOW, HOUR_MS);

type Happening = "canceled" | "no_show" | "restored" | "moved" | "canceled later";
type Plot = {
  person: number;
  /** Start in half days from now. */
  at: number;
  provider: "calendly" | "highlevel";
  /** Whether HighLevel carries a copy of the Calendly booking (R7). */
  isCopied: boolean;
  happenings: Happening[];
  /** Under whose address the successor of a move is booked. */
  successorPerson: number;
};

const plot: fc.Arbitrary<Plot> = fc.record({
  person: fc.nat({ max: 2 }),
  at: fc.integer({ min: -6, max: 6 }).filter((n) => n !== 0),
  provider: fc.constantFrom("calendly", "highlevel"),
  isCopied: fc.boolean(),
  happenings: fc.array(fc.constantFrom("canceled", "no_show", "restored", "moved", "canceled later"), {
    maxLength: 3,
  }),
  successorPerson: fc.nat({ max: 2 }),
});

/** What the providers would have said about these meetings, at every moment that changed something, in order. */
function tell(plots: Plot[]): AppointmentReading[] {
  const readings: AppointmentReading[] = [];
  let tick = 0;
  const say = (reading: AppointmentReading) => {
    tick += 1;
    const said = {
      ...reading,
      asOf: addMs(TEST_NOW, tick * 1_000),
      providerUpdatedAt: addMs(TEST_NOW, tick * 1_000),
    };
    readings.push(said);
    return said;
  };
  plots.forEach((p, n) => {
    const startAt = addMs(TEST_NOW, (p.at * DAY_MS) / 2 + n * HOUR_MS);
    let meeting = say(
      buildReading({
        provider: p.provider,
        providerId: `M${n}`,
        eventId: `E${n}`,
        contactId: p.provider === "highlevel" ? `C${n}` : null,
        attendeeEmail: EMAILS[p.person] ?? null,
        startAt,
        endAt: addMs(startAt, 30 * MINUTE_MS),
        providerCreatedAt: addMs(startAt, -3 * DAY_MS),
      }),
    );
    if (p.provider === "calendly" && p.isCopied) {
      const copy = {
        ...meeting,
        provider: "highlevel" as const,
        providerId: `COPY${n}`,
        eventId: `COPY${n}`,
      };
      say({ ...copy, contactId: `C${n}` });
    }
    for (const [step, happening] of p.happenings.entries()) {
      meeting = say(happen(meeting, happening, `M${n}-${step}`, EMAILS[p.successorPerson] ?? null, say));
    }
  });
  return readings;
}

/** The next state of a meeting; a Calendly move says its successor by the way and goes on with that. */
function happen(
  meeting: AppointmentReading,
  happening: Happening,
  nextId: string,
  nextEmail: string | null,
  say: (reading: AppointmentReading) => AppointmentReading,
): AppointmentReading {
  const confirmed = { ...meeting, ...RESTORED, status: "confirmed" as const };
  switch (happening) {
    case "canceled":
    case "canceled later":
      if (meeting.status === "canceled") return meeting;
      return cancelReading(meeting, { canceledAt: changedAt(meeting) });
    case "no_show":
      if (meeting.startAt > TEST_NOW || meeting.status === "canceled") return meeting;
      return { ...meeting, status: "no_show", noShowAt: TEST_NOW };
    case "restored":
      // Calendly takes a no-show mark back; a cancellation there is final.
      return meeting.provider === "calendly" && meeting.status === "canceled" ? meeting : confirmed;
    case "moved": {
      if (meeting.status === "canceled") return meeting;
      const startAt = addMs(meeting.startAt, DAY_MS + 7 * MINUTE_MS);
      const moved = { ...confirmed, startAt, endAt: addMs(startAt, 30 * MINUTE_MS) };
      if (meeting.provider === "highlevel") return moved;
      say(
        cancelReading(meeting, {
          status: "rescheduled",
          rescheduledToId: nextId,
          rescheduledToEventId: nextId,
          canceledAt: changedAt(meeting),
        }),
      );
      return {
        ...moved,
        providerId: nextId,
        eventId: nextId,
        attendeeEmail: nextEmail,
        rescheduledFromId: meeting.providerId,
        rescheduledToId: null,
        rescheduledToEventId: null,
        providerCreatedAt: changedAt(meeting),
      };
    }
    default:
      return happening satisfies never;
  }
}

/** People cancel and move meetings before they begin. */
function changedAt({ startAt }: AppointmentReading): Date {
  return addMs(startAt < TEST_NOW ? startAt : TEST_NOW, -HOUR_MS);
}

const RESTORED = {
  canceledAt: null,
  canceledBy: null,
  canceledByType: null,
  cancelReason: null,
  noShowAt: null,
};

/** A way in which the same readings may reach us: some twice, in any order, in pages of any size. */
type Delivery = { order: number[]; twice: number[]; pageSize: number; sources: Source[] };

const delivery: fc.Arbitrary<Delivery> = fc.record({
  order: fc.array(fc.nat(), { minLength: 40, maxLength: 40 }),
  twice: fc.array(fc.nat({ max: 39 }), { maxLength: 6 }),
  pageSize: fc.integer({ min: 1, max: 5 }),
  sources: fc.constantFrom<Source[]>(["webhook"], ["webhook", "operator"]),
});

function deliver(
  readings: AppointmentReading[],
  { order, twice, pageSize }: Delivery,
): AppointmentReading[][] {
  const all = [...readings, ...twice.flatMap((at) => readings[at] ?? [])];
  const shuffled = all
    .map((reading, n) => ({ reading, key: order[n % order.length] ?? 0, n }))
    .sort((a, b) => a.key - b.key || a.n - b.n)
    .map(({ reading }) => reading);
  const pages: AppointmentReading[][] = [];
  for (let at = 0; at < shuffled.length; at += pageSize) {
    const page = shuffled.slice(at, at + pageSize);
    // One call of the road speaks for one provider.
    for (const provider of ["calendly", "highlevel"] as const) {
      const own = page.filter((r) => r.provider === provider);
      if (own.length > 0) pages.push(own);
    }
  }
  return pages;
}

async function live(pages: AppointmentReading[][], sources: Source[]) {
  const { id: workspaceId } = await buildWorkspace(test.db);
  const { id: connectionId } = await buildConnection(test.db, { workspaceId });
  for (const email of PEOPLE) await buildLead(test.db, { workspaceId, email });
  for (const [n, page] of pages.entries()) {
    await runTransaction(test.db, "test", (tx) =>
      applyReadings(tx, page, {
        workspaceId,
        connectionId,
        source: sources[n % sources.length] ?? "webhook",
        reason: "test",
        // Each a moment later, as in life: a loss is told apart from an earlier one of the same meeting by its time.
        now: addMs(APPLIED_AT, n),
        configuredTypes: null,
      }),
    );
  }
  return look(workspaceId);
}

/** What must not depend on the way: evidence, links, pairs, rollup, and who has an open red task. */
async function look(workspaceId: string) {
  const appointments = await test.db.appointment.findMany({
    where: { workspaceId },
    orderBy: { providerId: "asc" },
  });
  const leads = await test.db.lead.findMany({ where: { workspaceId }, orderBy: { email: "asc" } });
  const tasks = await test.db.task.findMany({ where: { workspaceId }, include: { meetings: true } });
  const providerIdOf = new Map(appointments.map((a) => [a.id, a.providerId]));
  const emailOf = new Map(leads.map((l) => [l.id, l.email]));
  const named = new Set(tasks.flatMap((t) => t.meetings.map((m) => m.appointmentId)));
  const isLost = (type: string) => type !== "meeting_rescheduled";
  return {
    appointments: appointments.map((a) => ({
      id: a.providerId,
      status: a.status,
      standing: a.standing,
      startAt: a.startAt,
      canceledAt: a.canceledAt,
      attendee: a.attendeeEmail,
      lead: emailOf.get(a.leadId ?? "") ?? null,
      linkedBy: a.linkedBy,
      copyOf: providerIdOf.get(a.mirrorOfId ?? "") ?? null,
    })),
    leads: leads.map((l) => ({
      email: l.email,
      state: l.meetingState,
      primary: providerIdOf.get(l.primaryId ?? "") ?? null,
      status: l.meetingStatus,
      startAt: l.meetingStartAt,
      lostAt: l.lostAt,
      redecideAt: l.redecideAt,
      hasOpenRed: tasks.some((t) => t.leadId === l.id && isLost(t.type) && t.status === "pending"),
    })),
    openReds: tasks
      .filter((t) => isLost(t.type) && t.status === "pending")
      .map((t) => emailOf.get(t.leadId))
      .sort(),
    /** A loss that leaves its lead without a meeting is named by some task, open or closed by what answered it. */
    unnamed: leads
      .filter((l) => l.meetingState === "canceled" || l.meetingState === "no_show")
      .flatMap((l) => appointments.filter((a) => a.id === l.primaryId))
      .filter((a) => !named.has(a.id) && !appointments.some((c) => c.mirrorOfId === a.id && named.has(c.id)))
      .map((a) => a.providerId),
  };
}

describe("any order, repetition and grouping of the same readings", () => {
  it("ends in the same evidence, rollup and open red tasks as the order in which they happened", async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(plot, { minLength: 1, maxLength: 3 }), delivery, async (plots, how) => {
        const readings = tell(plots);
        const inOrder = await live(
          readings.map((reading) => [reading]),
          ["webhook"],
        );
        const anyOrder = await live(deliver(readings, how), how.sources);
        expect(inOrder.unnamed).toEqual([]);
        expect(anyOrder).toEqual(inOrder);
      }),
      { numRuns: 60, interruptAfterTimeLimit: 100_000, markInterruptAsFailure: false },
    );
  }, 120_000);
});
