import { expect, it } from "vitest";
import { countEffects } from "#server/audit/count-effects.ts";
import { createDb } from "#server/db/client.ts";
import { runTransaction } from "#server/db/run-transaction.ts";
import { SettableClock } from "#server/lib/clock.ts";
import { addDays, addMs, HOUR_MS, startOfUtcDay } from "#server/lib/duration.ts";
import { buildClaim } from "#server/mismatches/testing/mismatch-world.ts";
import { openIncident } from "#server/reconcile/incidents.ts";
import { setLeadLabels } from "#server/reconcile/set-lead-labels.ts";
import {
  buildConnection,
  buildLead,
  buildTask,
  buildWorkspace,
  TEST_NOW,
} from "#server/testing/factories.ts";
import { setUpTestServer } from "#server/testing/start-test-server.ts";
import { createMetrics } from "./metrics.ts";
import { writeMetrics } from "./write-metrics.ts";

const clock = new SettableClock(TEST_NOW);
const server = setUpTestServer(() => ({ clock }));

/** The value of a series, by its name and labels as they are written. */
function readSeries(text: string, series: string): number | null {
  const line = text.split("\n").find((one) => one.startsWith(`${series} `));
  return line ? Number(line.slice(series.length + 1)) : null;
}

it("says nothing where there is nothing to say: no age is not an age of none", async () => {
  const { text } = await writeMetrics(server.deps, createMetrics());
  expect(text).toContain("# TYPE bookproof_coverage_age_seconds gauge");
  expect(text).not.toMatch(/^bookproof_(coverage_age_seconds|sweep_age_seconds|connections)\b/m);
  expect(readSeries(text, "bookproof_claims_unknown")).toBe(0);
});

async function buildWorld() {
  const { db } = server;
  const { id: workspaceId } = await buildWorkspace(db);
  const verified = await buildConnection(db, { workspaceId, lastSweepAt: addMs(TEST_NOW, -90_000) });
  await buildConnection(db, { workspaceId, provider: "highlevel", state: "retrying" });
  await db.coverage.createMany({
    data: Array.from({ length: 181 }, (_, at) => ({
      connectionId: verified.id,
      day: addDays(startOfUtcDay(TEST_NOW), at - 90),
      verifiedAt: addMs(TEST_NOW, at === 0 ? -2 * HOUR_MS : -HOUR_MS),
      fullScope: true,
    })),
  });
  const claim = await buildClaim(db, workspaceId);
  await buildClaim(db, workspaceId, { claimCheckedAt: null });
  await buildTask(db, { leadId: claim.id });
  await runTransaction(db, "test", (tx) =>
    openIncident(tx, TEST_NOW, {
      workspaceId,
      connectionId: verified.id,
      kind: "dead_feed",
      subject: verified.id,
      cause: "webhook_disabled",
    }),
  );
  const delivery = { workspaceId, provider: "calendly" as const, bodyHash: "x", bodyBytes: 1 };
  await db.webhookDelivery.createMany({
    data: [
      { ...delivery, result: "accepted", receivedAt: addMs(TEST_NOW, -HOUR_MS) },
      { ...delivery, result: "refused", receivedAt: addMs(TEST_NOW, -HOUR_MS) },
      { ...delivery, result: "refused", receivedAt: addDays(TEST_NOW, -2) },
    ],
  });
  await server.deps.queue.send("prune", {}, { key: "prune" });
  const run = { job: "sweep", trigger: "cron", state: "interrupted" as const };
  await db.jobRun.createMany({
    data: [
      { ...run, startedAt: addMs(TEST_NOW, -HOUR_MS) },
      { ...run, startedAt: addDays(TEST_NOW, -2) },
    ],
  });
  return { claim };
}

it("tells programs how things stand, in counts and ages", async () => {
  const { claim } = await buildWorld();
  const response = await fetch(`${server.url}/metrics`);
  expect(response.status).toBe(200);
  expect(response.headers.get("content-type")).toContain("text/plain");
  const text = await response.text();
  const series: Record<string, number> = {
    'bookproof_jobs{job="prune",state="waiting"}': 1,
    'bookproof_jobs{job="sweep",state="active"}': 0,
    bookproof_workers: 0,
    'bookproof_connections{provider="calendly",state="healthy"}': 1,
    'bookproof_connections{provider="highlevel",state="retrying"}': 1,
    'bookproof_sweep_age_seconds{provider="calendly"}': 90,
    'bookproof_coverage_age_seconds{provider="calendly"}': 7_200,
    'bookproof_connections_unverified{provider="calendly"}': 0,
    'bookproof_connections_unverified{provider="highlevel"}': 1,
    'bookproof_mismatches{kind="sentiment_booked_no_evidence"}': 1,
    'bookproof_mismatches{kind="evidence_vanished"}': 0,
    bookproof_claims_unknown: 1,
    'bookproof_incidents_open{kind="dead_feed"}': 1,
    'bookproof_incidents_open{kind="stray_enrolment"}': 0,
    'bookproof_job_age_seconds{job="sweep"}': 0,
    bookproof_delivery_lag_seconds: 3_600,
    'bookproof_deliveries_last_day{provider="calendly",result="accepted"}': 1,
    'bookproof_deliveries_last_day{provider="calendly",result="refused"}': 1,
    'bookproof_red_tasks_open{type="meeting_canceled"}': 1,
    'bookproof_job_runs_last_day{job="sweep",state="interrupted"}': 1,
    bookproof_outbox_lag_seconds: 0,
  };
  for (const [name, value] of Object.entries(series))
    expect([name, readSeries(text, name)]).toEqual([name, value]);
  // R43: nothing of a person, and no id.
  for (const secret of ["@", claim.id, claim.workspaceId, claim.lastName ?? ""])
    expect(text).not.toContain(secret);
});

it("counts calls to providers by what became of them", async () => {
  const metrics = createMetrics();
  const call = { provider: "calendly" as const, endpoint: "GET /scheduled_events/{id}", ms: 120 };
  for (const status of [200, 200, 429, null]) metrics.countCall({ ...call, status });
  const { text } = await writeMetrics(server.deps, metrics);
  const counted = (outcome: string) =>
    readSeries(
      text,
      `bookproof_provider_calls_total{provider="calendly",endpoint="GET /scheduled_events/{id}",outcome="${outcome}"}`,
    );
  expect([counted("ok"), counted("rate_limited"), counted("no_answer"), counted("failed")]).toEqual([
    2,
    1,
    1,
    null,
  ]);
  expect(readSeries(text, 'bookproof_provider_call_seconds_count{provider="calendly"}')).toBe(4);
});

it("counts calls of every process once, whoever is asked, and loses none that was not saved", async () => {
  const [one, other] = [createMetrics(), createMetrics()];
  const call = { provider: "highlevel" as const, endpoint: "GET /calendars/", status: 200, ms: 250 };
  const counted = async (metrics: ReturnType<typeof createMetrics>, name = "calls_total") => {
    const { text } = await writeMetrics(server.deps, metrics);
    return readSeries(
      text,
      `bookproof_provider_${name}{provider="highlevel",endpoint="GET /calendars/",outcome="ok"}`,
    );
  };
  one.countCall(call);
  one.countCall(call);
  other.countCall(call);
  await expect(one.saveCalls(createDb("postgresql://nobody@127.0.0.1:9/none"))).rejects.toThrow();
  expect([await counted(one), await counted(other), await counted(one)]).toEqual([2, 3, 3]);
  expect(await counted(createMetrics(), "calls_seconds_total")).toBe(0.75);
});

it("counts effects by what they were and through what, strays apart, in the transaction that had them", async () => {
  const lead = await buildLead(server.db, { status: "qualified" });
  const step = { workspaceId: lead.workspaceId, source: "operator" as const, now: TEST_NOW, reason: "test" };
  const label = () =>
    runTransaction(server.db, "test", (tx) =>
      setLeadLabels(tx, step, [{ leadId: lead.id, status: "not_interested" }]),
    );
  const read = async (series: string) =>
    readSeries((await writeMetrics(server.deps, createMetrics())).text, `bookproof_${series}`);
  const changed = 'effects_total{effect="status_changed",source="operator"}';
  const before = (await read(changed)) ?? 0;
  await label();
  await label();
  await expect(
    runTransaction(server.db, "test", async (tx) => {
      await countEffects(tx, step, { status_changed: 5 });
      throw new Error("taken back");
    }),
  ).rejects.toThrow("taken back");
  expect(await read(changed)).toBe(before + 1);
  expect(await read('effects_total{effect="red_created",source="reconcile"}')).toBe(0);
  const strays = (await read("strays_total")) ?? 0;
  await runTransaction(server.db, "test", (tx) => countEffects(tx, step, { stray_completed: 2 }));
  expect(await read("strays_total")).toBe(strays + 2);
});

it("describes every series once, with its type and in words", async () => {
  const { text } = await writeMetrics(server.deps, createMetrics());
  const named = (word: string) =>
    [...text.matchAll(new RegExp(`^# ${word} (\\S+) (.+)$`, "gm"))].map(([, name]) => name);
  const series = [...text.matchAll(/^(bookproof_\w+?)(?:_bucket|_sum|_count)?[{ ]/gm)].map(
    ([, name]) => name,
  );
  expect(new Set(named("TYPE")).size).toBe(named("TYPE").length);
  expect(named("HELP")).toEqual(named("TYPE"));
  for (const name of series) expect(named("TYPE")).toContain(name);
  for (const name of named("TYPE").filter((each) => each?.endsWith("_total"))) {
    expect(text).toContain(`# TYPE ${name} counter`);
  }
});

it("says how long live screens wait behind a transaction that does not end", async () => {
  const lead = await buildLead(server.db);
  let release = () => {};
  const held = new Promise<void>((resolve) => {
    release = resolve;
  });
  let isOpen = () => {};
  const opened = new Promise<void>((resolve) => {
    isOpen = resolve;
  });
  const old = runTransaction(server.db, "held", async (tx) => {
    await tx.lead.update({ where: { id: lead.id }, data: { company: "Harbor" } });
    isOpen();
    await held;
  });
  await opened;
  await server.db.outboxEvent.create({
    data: { workspaceId: lead.workspaceId, kind: "lead", ids: [lead.id], at: addMs(TEST_NOW, -30_000) },
  });
  const { text } = await writeMetrics(server.deps, createMetrics()).finally(release);
  await old;
  expect(readSeries(text, "bookproof_outbox_lag_seconds")).toBe(30);
});
