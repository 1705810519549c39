import { beforeEach } from "vitest";
import type { Connection, Prisma } from "#server/db/generated/client.ts";
import { runTransaction } from "#server/db/run-transaction.ts";
import { addMs, MINUTE_MS } from "#server/lib/duration.ts";
import type { AppointmentReading } from "#server/providers/appointment-reading.ts";
import { setUpTestDatabase } from "#server/testing/database.ts";
import { buildConnection, buildLead, buildWorkspace, TEST_NOW } from "#server/testing/factories.ts";
import { type ApplyStep, applyReadings } from "../apply-readings.ts";

/** When readings are applied unless a test says otherwise: a few minutes after they were read. */
export const APPLIED_AT = addMs(TEST_NOW, 5 * MINUTE_MS);

/** A database of one's own, with a new workspace and its Calendly connection for every test, and the road to walk. */
export function setUpRoad() {
  const database = setUpTestDatabase();
  let workspaceId = "";
  let connection: Connection;

  beforeEach(async () => {
    workspaceId = (await buildWorkspace(database.db)).id;
    connection = await buildConnection(database.db, { workspaceId });
  });

  const step = (overrides: Partial<ApplyStep> = {}): ApplyStep => ({
    workspaceId,
    connectionId: connection.id,
    source: "reconcile",
    reason: "sweep",
    now: APPLIED_AT,
    configuredTypes: null,
    ...overrides,
  });

  return {
    get db() {
      return database.db;
    },
    get workspaceId() {
      return workspaceId;
    },
    get connection() {
      return connection;
    },
    step,
    apply: (readings: AppointmentReading[], overrides: Partial<ApplyStep> = {}) =>
      runTransaction(database.db, "test", (tx) => applyReadings(tx, readings, step(overrides))),
    lead: (overrides: Partial<Prisma.LeadUncheckedCreateInput> = {}) =>
      buildLead(database.db, { workspaceId, ...overrides }),
    reload: (id: string) => database.db.lead.findUniqueOrThrow({ where: { id } }),
    appointment: (providerId: string) =>
      database.db.appointment.findFirstOrThrow({ where: { workspaceId, providerId } }),
    tasks: (leadId: string) =>
      database.db.task.findMany({
        where: { leadId },
        include: { meetings: true },
        orderBy: [{ createdAt: "asc" }, { id: "asc" }],
      }),
    changes: (leadId: string) =>
      database.db.appointmentChange.findMany({ where: { leadId }, orderBy: { id: "asc" } }),
    audit: (leadId: string) => database.db.auditEntry.findMany({ where: { leadId }, orderBy: { id: "asc" } }),
  };
}
