import { beforeEach, describe, expect, it } from "vitest";
import { SettableClock } from "#server/lib/clock.ts";
import { addDays, addMs, DAY_MS, HOUR_MS, MINUTE_MS } from "#server/lib/duration.ts";
import { createMemoryRateLimiter } from "#server/providers/memory-rate-limiter.ts";
import { createProviderClients } from "#server/providers/provider-clients.ts";
import { ProviderError } from "#server/providers/provider-error.ts";
import { calendlyBucket } from "#server/providers/rate-bucket.ts";
import { passClock } from "#server/reconcile/pass-clock.ts";
import { sweepConnection } from "#server/reconcile/sweep-connection.ts";
import { setUpReconcile } from "#server/reconcile/testing/set-up-reconcile.ts";
import { buildLead, TEST_NOW } from "#server/testing/factories.ts";
import { CLOCK_COLUMNS, decideDueTier } from "./decide-due-tier.ts";

const test = setUpReconcile();

const clock = new SettableClock(TEST_NOW);
/** Waiting costs nothing here: the clock is ours. */
const sleep = async () => {};

function deps() {
  const address = {
    calendlyApiUrl: `${test.sandbox.url}/calendly`,
    highlevelApiUrl: `${test.sandbox.url}/highlevel`,
  };
  const limiter = createMemoryRateLimiter({ clock, sleep });
  return {
    ...test.deps,
    clock,
    providers: createProviderClients({ config: address, clock, limiter, sleep }),
  };
}

beforeEach(async () => {
  await moveTo(TEST_NOW);
  // One account, so that every pass is one of the two tiers.
  await test.db.connection.update({ where: { id: test.world.highlevel.id }, data: { state: "off" } });
  await test.db.connection.update({ where: { id: calendlyId() }, data: { coldSweptAt: TEST_NOW } });
});

const calendlyId = () => test.world.calendly.id;
const connection = () => test.db.connection.findUniqueOrThrow({ where: { id: calendlyId() } });
const lead = (name: string, overrides = {}) =>
  buildLead(test.db, { workspaceId: test.world.workspaceId, email: `${name}@harbor.example`, ...overrides });
const reload = (id: string) => test.db.lead.findUniqueOrThrow({ where: { id } });
const fault = (rule: Record<string, unknown>) =>
  test.sandbox.control("/faults", { provider: "calendly", ...rule });

async function moveTo(now: Date) {
  clock.set(now);
  await test.sandbox.control("/clock", { now: now.toISOString() });
}

async function book(name: string, days: number) {
  const { invitee } = await test.sandbox.control("/calendly/book", {
    organization: test.world.organization.organization.id,
    eventType: "Intro call",
    start: addDays(clock.now(), days).toISOString(),
    invitee: { email: `${name}@harbor.example`, name },
  });
  return invitee.uri.split("/").at(-1) as string;
}

const cancel = (invitee: string) => test.sandbox.control("/calendly/cancel", { invitee });

/** What the scheduler does every so often, the job included; a provider's failure is recorded and no end. */
async function tick(stepMs: number): Promise<"swept" | "failed" | "idle"> {
  await moveTo(addMs(clock.now(), stepMs));
  const { id, ...row } = await test.db.connection.findUniqueOrThrow({
    where: { id: calendlyId() },
    select: { id: true, ...CLOCK_COLUMNS },
  });
  const tier = decideDueTier(row, clock.now());
  await passClock(deps());
  if (tier === null) return "idle";
  try {
    await sweepConnection(deps(), { connectionId: id, tier, trigger: "test" });
    return "swept";
  } catch (error) {
    if (!(error instanceof ProviderError)) throw error;
    return "failed";
  }
}

/** How long the lead's meeting state takes to become what it is at the provider. */
async function waitFor(
  leadId: string,
  state: string,
  { stepMs, atMostMs }: { stepMs: number; atMostMs: number },
) {
  const since = clock.now().getTime();
  while (clock.now().getTime() - since < atMostMs) {
    await tick(stepMs);
    if ((await reload(leadId)).meetingState === state) return clock.now().getTime() - since;
  }
  return null;
}

describe("a change that lists by start time hide (20)", () => {
  it("is found within warm's promise when a meeting forty days ahead was canceled and the webhook lost", async () => {
    const { id } = await lead("dana");
    const invitee = await book("dana", 40);
    await tick(MINUTE_MS);
    await tick(MINUTE_MS);
    await cancel(invitee);
    const took = await waitFor(id, "canceled", { stepMs: 3 * MINUTE_MS, atMostMs: HOUR_MS });
    expect(took).toBeGreaterThan(3 * MINUTE_MS);
    expect(took).toBeLessThanOrEqual(15 * MINUTE_MS);
  });

  it("is found within a minute when the meeting is near", async () => {
    const { id } = await lead("dana");
    const invitee = await book("dana", 3);
    await tick(MINUTE_MS);
    await cancel(invitee);
    expect(await waitFor(id, "canceled", { stepMs: MINUTE_MS, atMostMs: HOUR_MS })).toBe(MINUTE_MS);
  });

  it("is found within the longer promise that half the limit demands, which the connection tells", async () => {
    const { id } = await lead("dana");
    const invitee = await book("dana", 40);
    await test.db.rateBucket.create({
      data: {
        key: calendlyBucket(test.world.calendly.ownerId ?? ""),
        windowMs: MINUTE_MS,
        limit: 1,
        updatedAt: TEST_NOW,
      },
    });
    // The first pass reads everybody and is no example; a warm and a hot one are.
    await tick(MINUTE_MS);
    await tick(15 * MINUTE_MS);
    await tick(MINUTE_MS);
    const { hotEveryMin, warmEveryMin } = await connection();
    expect({ hotEveryMin, warmEveryMin }).toEqual({ hotEveryMin: 2, warmEveryMin: 240 });
    await cancel(invitee);
    const took = await waitFor(id, "canceled", { stepMs: HOUR_MS, atMostMs: DAY_MS });
    expect(took).toBeGreaterThan(15 * MINUTE_MS);
    expect(took).toBeLessThanOrEqual(240 * MINUTE_MS);

    await test.db.rateBucket.updateMany({ data: { limit: 25 } });
    for (let n = 0; n < 3; n++) await tick(5 * HOUR_MS);
    expect(await connection()).toMatchObject({ hotEveryMin: 1, warmEveryMin: 15 });
  });
});

describe("a provider that is away for hours (25)", () => {
  it("leaves claims unknown and evidence as it stands, asks ever less often, and catches up at once", async () => {
    const [booked, canceled, comes] = [await lead("booked"), await lead("canceled"), await lead("comes")];
    await book("booked", 10);
    const invitee = await book("canceled", 10);
    await tick(MINUTE_MS);
    expect((await reload(booked.id)).meetingState).toBe("booked");

    await fault({ kind: "status", status: 503 });
    await cancel(invitee);
    await book("comes", 12);
    const claimed = await lead("claims", {
      sentiment: "meeting_booked",
      status: "meeting_booked",
      sentimentAt: clock.now(),
      statusAt: clock.now(),
    });
    const before = await test.db.auditEntry.count();
    await test.sandbox.control("/calls/reset");
    const passes = [];
    for (let minute = 0; minute < 5 * 60; minute += 10) passes.push(await tick(10 * MINUTE_MS));
    expect(passes).not.toContain("swept");
    // After the first few a quarter of an hour apart, each try three requests at most.
    expect(passes.filter((pass) => pass === "failed").length).toBeLessThanOrEqual(5 * 4 + 3);

    expect(await reload(claimed.id)).toMatchObject({ mismatchKind: null, claimUnverified: true });
    expect(await reload(canceled.id)).toMatchObject({ meetingState: "booked", mismatchKind: null });
    expect(await test.db.task.count({ where: { workspaceId: test.world.workspaceId } })).toBe(0);
    expect(await test.db.auditEntry.count()).toBe(before);

    await test.sandbox.control("/faults", {}, "DELETE");
    const recovery = clock.now();
    while ((await tick(MINUTE_MS)) !== "swept");
    expect(clock.now().getTime() - recovery.getTime()).toBeLessThanOrEqual(15 * MINUTE_MS);
    expect(await reload(booked.id)).toMatchObject({ meetingState: "booked" });
    expect(await reload(canceled.id)).toMatchObject({ meetingState: "canceled" });
    expect(await reload(comes.id)).toMatchObject({ meetingState: "booked", status: "meeting_booked" });
    expect(await reload(claimed.id)).toMatchObject({ mismatchKind: 1, claimUnverified: false });
    expect(await test.db.task.findMany({ where: { workspaceId: test.world.workspaceId } })).toMatchObject([
      { leadId: canceled.id, type: "meeting_canceled" },
    ]);
    expect(await connection()).toMatchObject({ failures: 0, breakerUntil: null });
  });
});
