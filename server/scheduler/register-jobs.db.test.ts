import { expect, it, vi } from "vitest";
import { SYSTEM } from "#server/audit/actor.ts";
import { connectHighLevel } from "#server/connections/connect-highlevel.ts";
import { addDays } from "#server/lib/duration.ts";
import { setUpSandbox } from "#server/providers/testing/set-up-sandbox.ts";
import { buildInstance, buildLead, buildWorkspace } from "#server/testing/factories.ts";
import { setUpTestServer } from "#server/testing/start-test-server.ts";
import { registerJobs } from "./register-jobs.ts";

const sandbox = setUpSandbox();
const server = setUpTestServer(() => ({ sandboxUrl: sandbox.url }));

it("works a tick's lookups down the line: who is due, then their batch, then what follows for the lead", async () => {
  await sandbox.control("/reset", { world: "empty" });
  const { location, token, calendars } = await sandbox.control("/highlevel/locations", {
    name: "Lumen Dental Group",
    timezone: "America/Chicago",
    users: [],
    calendars: [{ name: "Discovery" }, { name: "Hidden", isListed: false }],
  });
  const { id: workspaceId } = await buildWorkspace(server.db);
  await connectHighLevel(server.deps, SYSTEM, { workspaceId, token, locationId: location.id });
  const lead = await buildLead(server.db, { workspaceId });
  await buildInstance(server.db, { leadId: lead.id });
  const contact = { location: location.id, email: lead.email, firstName: "Maya" };
  const { id: contactId } = await sandbox.control("/highlevel/contact", contact);
  await sandbox.control("/highlevel/book", {
    location: location.id,
    calendar: calendars[1].id,
    contact: contactId,
    start: addDays(new Date(), 3).toISOString(),
  });

  // Connecting has put the first pass in line; it sees everything but the hidden calendar.
  await registerJobs(server.deps);
  const runs = (job: string) =>
    server.db.jobRun.findMany({ where: { job, state: "succeeded", workspaceId } });
  await vi.waitFor(async () => expect(await runs("sweep")).toHaveLength(1), { timeout: 20_000 });
  await server.deps.queue.send("plan-lookups", { trigger: "cron" }, { key: "lookups" });
  await vi.waitFor(async () => expect(await runs("look-up-leads")).toHaveLength(1), { timeout: 20_000 });

  expect(await runs("look-up-leads")).toMatchObject([
    { way: "lookup", trigger: "cron", counters: { leads: 1, created: 1 } },
  ]);
  expect(await server.db.lead.findUniqueOrThrow({ where: { id: lead.id } })).toMatchObject({
    meetingState: "booked",
    status: "meeting_booked",
  });
});
