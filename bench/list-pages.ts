import { listDeliveries } from "#server/connections/deliveries.ts";
import type { Db } from "#server/db/client.ts";
import { type LeadQuery, listLeads, searchLeads } from "#server/leads/queries.ts";
import { systemClock } from "#server/lib/clock.ts";
import { listRedTasks, type QueueQuery } from "#server/red-queue/queries.ts";
import { listAppointments } from "#server/rest/v1/appointment-rows.ts";
import { listLeads as listLeadsForPrograms } from "#server/rest/v1/list-leads.ts";
import { listTasks } from "#server/rest/v1/task-rows.ts";
import { fillLeads, LEADS } from "./fill-leads.ts";
import { measure } from "./measure.ts";
import { connectBench, openBench } from "./open-bench.ts";
import { printTable } from "./print-table.ts";

const LIMIT = 100;

/** Every other list that a person or a program pages through, in a workspace of a million leads. */
export async function benchListPages(): Promise<void> {
  await using bench = await openBench();
  const place = await connectBench(bench);
  await fillLeads(bench.db, place.workspaceId);
  await fillTasks(bench.db, place.workspaceId);
  await fillDeliveries(bench.db, place);
  await measureLists(bench.db, place);
}

async function measureLists(
  db: Db,
  { workspaceId, connectionId }: { workspaceId: string; connectionId: string },
): Promise<void> {
  const deps = { db, clock: systemClock };
  const { id: userId } = await db.user.create({
    data: { id: "setter", name: "Ana", email: "ana@ridgeline.example", emailVerified: true },
  });
  const owner = { workspaceId, userId, role: "owner" } as const;
  const setter = { ...owner, role: "setter" } as const;
  const rows = [["page of a list", "p50 ms", "p95 ms"]];
  const add = async (name: string, run: () => Promise<unknown>) => {
    const { p50, p95 } = await measure(run);
    rows.push([name, p50.toFixed(1), p95.toFixed(1)]);
  };
  const addLeads = (name: string, query: Partial<LeadQuery>, viewer: typeof owner | typeof setter = owner) =>
    add(`leads: ${name}`, () =>
      listLeads(deps, viewer, { q: "", status: null, meeting: null, cursor: null, ...query }),
    );
  await addLeads("all", {});
  await addLeads("of a rare status", { status: "not_interested" });
  await addLeads("with a lost meeting", { meeting: "canceled" });
  await addLeads("an address", { q: "lead77700@ridgeline.example" });
  await addLeads("the beginning of a name", { q: "first77 last7" });
  await addLeads("the end of a phone number", { q: "077 0142" });
  await addLeads("a company that few have", { q: "contoso 77" });
  await addLeads("a company that many have", { q: "northwind" });
  await addLeads("a setter's", {}, setter);
  await addLeads("a setter's, by name", { q: "first4" }, setter);
  await add("palette: a name", () => searchLeads(db, owner, "first77 last7"));
  await add("palette: a phone number", () => searchLeads(db, owner, "512 077 0142"));
  await add("palette: two letters", () => searchLeads(db, owner, "le"));

  const worker = { workspaceId, workspaceZone: "America/Chicago", userId, userZone: null };
  const addQueue = (name: string, query: Partial<QueueQuery>) =>
    add(`red queue: ${name}`, () =>
      listRedTasks(deps, worker, {
        view: "unclaimed",
        q: "",
        sort: "next",
        dir: "asc",
        cursor: null,
        ...query,
      }),
    );
  await addQueue("what is next", {});
  await addQueue("by lead", { sort: "lead" });
  await addQueue("when it was", { sort: "was" });
  await addQueue("by name", { q: "first404" });
  await addQueue("by phone", { q: "0404" });

  await add("tasks for programs: all", () => listTasks(deps, workspaceId, { limit: LIMIT }));
  await add("tasks for programs: open and red", () =>
    listTasks(deps, workspaceId, { limit: LIMIT, red: "lost", status: "pending" }),
  );
  await add("leads for programs: changed since", () =>
    listLeadsForPrograms(deps, workspaceId, {
      limit: LIMIT,
      updatedSince: new Date(Date.now() - 86_400_000),
    }),
  );
  await add("leads for programs: of a rare status", () =>
    listLeadsForPrograms(deps, workspaceId, { limit: LIMIT, status: "not_interested" }),
  );
  await add("appointments: all", () => listAppointments(deps, workspaceId, { limit: LIMIT }));
  await add("appointments: unmatched", () =>
    listAppointments(deps, workspaceId, { limit: LIMIT, unmatched: true }),
  );
  const deliveries = { workspaceId, connectionId, cursor: null };
  await add("deliveries: all", () => listDeliveries(deps, { ...deliveries, result: null }));
  await add("deliveries: failed", () => listDeliveries(deps, { ...deliveries, result: "failed" }));
  printTable(`Lists, ${LEADS.toLocaleString("en-US")} leads in the workspace`, rows);
}

/** Ten thousand open red tasks, and nine times as many that are closed. */
async function fillTasks(db: Db, workspaceId: string): Promise<void> {
  await db.$executeRaw`
    INSERT INTO "Task" ("workspaceId", "leadId", type, status, "dueAt", "createdAt", "updatedAt", "closedAt", "closedReason")
    SELECT l."workspaceId", l.id, 'meeting_canceled', CASE WHEN n = 0 THEN 'pending'::"TaskStatus" ELSE 'completed' END,
           now() + (hashtext(l.email) % 300) * interval '1 minute', now() - n * interval '9 days', now(),
           CASE WHEN n > 0 THEN now() - n * interval '8 days' END, CASE WHEN n > 0 THEN 'bad_contact' END
    FROM "Lead" l CROSS JOIN generate_series(0, 9) n
    WHERE l."workspaceId" = ${workspaceId}::uuid AND l."meetingState" = 'canceled'`;
  await db.$executeRaw`
    INSERT INTO "TaskMeeting" ("taskId", "appointmentId", kind, "lostAt", "addedAt")
    SELECT t.id, a.id, 'canceled', t."createdAt" - (abs(hashtext(a.id::text)) % 5000) * interval '1 minute', t."createdAt"
    FROM "Task" t JOIN "Appointment" a ON a."leadId" = t."leadId" WHERE t."workspaceId" = ${workspaceId}::uuid`;
  await db.$executeRaw`VACUUM ANALYZE "Task"`;
  await db.$executeRaw`VACUUM ANALYZE "TaskMeeting"`;
}

/** A month of a busy account. */
async function fillDeliveries(
  db: Db,
  { workspaceId, connectionId }: { workspaceId: string; connectionId: string },
): Promise<void> {
  await db.$executeRaw`
    INSERT INTO "WebhookDelivery" ("workspaceId", "connectionId", provider, "eventType", "dedupeKey", "bodyHash",
                                   "bodyBytes", result, "receivedAt", "processedAt")
    SELECT ${workspaceId}::uuid, ${connectionId}::uuid, 'calendly', 'invitee.created', n::text, n::text, 1200,
           (CASE WHEN n % 1000 = 0 THEN 'failed' ELSE 'accepted' END)::"DeliveryResult",
           now() - n * interval '26 seconds', now() - n * interval '26 seconds'
    FROM generate_series(1, 100000) n`;
  await db.$executeRaw`VACUUM ANALYZE "WebhookDelivery"`;
}
