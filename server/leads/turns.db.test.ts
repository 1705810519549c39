import { expect, it } from "vitest";
import { operator } from "#server/audit/actor.ts";
import { lockWorkspace } from "#server/db/lock-workspace.ts";
import type { Deps } from "#server/deps.ts";
import { SettableClock } from "#server/lib/clock.ts";
import { addMs, HOUR_MS, MINUTE_MS, SECOND_MS } from "#server/lib/duration.ts";
import { setUpTestDatabase } from "#server/testing/database.ts";
import { buildAppointment, buildLead, TEST_NOW } from "#server/testing/factories.ts";
import { linkBooking } from "./link-booking.ts";
import { setAttendance } from "./set-attendance.ts";

const database = setUpTestDatabase();

type Meeting = { workspaceId: string; leadId: string; appointmentId: string };
type ActDeps = Pick<Deps, "db" | "clock">;

const ENDED = { startAt: addMs(TEST_NOW, -2 * HOUR_MS), endAt: addMs(TEST_NOW, -HOUR_MS) };

const ACTS: [
  who: string,
  leadId: "its lead's" | "nobody's",
  act: (deps: ActDeps, m: Meeting) => Promise<unknown>,
][] = [
  [
    "a mark",
    "its lead's",
    (deps, { workspaceId, appointmentId }) =>
      setAttendance(
        deps,
        { workspaceId, userId: "user_1", role: "owner" },
        { appointmentId, mark: "no_show" },
      ),
  ],
  [
    "a link",
    "nobody's",
    (deps, { workspaceId, appointmentId, leadId }) =>
      linkBooking(
        deps,
        { workspaceId, actor: operator("user_1") },
        { appointmentId, leadId, rememberAlias: false },
      ),
  ],
];

it.each(ACTS)("%s that waited for its turn happened when it had it", async (_, whose, act) => {
  const { db } = database;
  const clock = new SettableClock(TEST_NOW);
  const { id: leadId, workspaceId } = await buildLead(db, { meetingState: "booked" });
  const { id: appointmentId } = await buildAppointment(db, {
    workspaceId,
    leadId: whose === "nobody's" ? null : leadId,
    standing: whose === "nobody's" ? null : "live",
    ...ENDED,
  });
  const isWaiting = async () => {
    const locks = await db.$queryRaw<unknown[]>`
      SELECT 1 FROM pg_locks WHERE locktype = 'advisory' AND NOT granted
        AND database = (SELECT oid FROM pg_database WHERE datname = current_database())`;
    return locks.length;
  };
  const { acting } = await db.$transaction(
    async (tx) => {
      await lockWorkspace(tx, workspaceId);
      const acting = act({ db, clock }, { workspaceId, leadId, appointmentId });
      await expect.poll(isWaiting, { timeout: 15_000 }).toBe(1);
      clock.advance(SECOND_MS);
      return { acting };
    },
    { timeout: MINUTE_MS },
  );
  await acting;
  const entries = await db.auditEntry.findMany({ where: { leadId } });
  expect(entries.length).toBeGreaterThan(0);
  expect(new Set(entries.map(({ at }) => at.getTime()))).toEqual(new Set([clock.now().getTime()]));
});
