import { describe, expect, test } from "vitest";
import { openSandbox } from "../testing/open-sandbox.ts";
import { World } from "../world.ts";
import type { Person } from "../world-types.ts";
import { DEMO_LOCATIONS, DEMO_TOKENS } from "./demo-tokens.ts";
import { DAY_MS, isWeekend } from "./meeting-times.ts";
import { seedDemoWorld } from "./seed-demo.ts";
import { STORIES } from "./story-quotas.ts";

const NOW = Date.parse("2026-11-20T10:00:00Z");
const data = seedDemoWorld(1, NOW);
const world = new World(data);
const withStory = (story: string) => data.people.filter((person) => person.story === story);
const inviteesOf = (person: Person) => person.inviteeIds.flatMap((id) => world.invitees.get(id) ?? []);
const appointmentsOf = (person: Person) =>
  person.appointmentIds.flatMap((id) => world.appointments.get(id) ?? []);

describe("the demo world", () => {
  test("is the same for the same seed and start, and another one for another seed", () => {
    expect(seedDemoWorld(1, NOW)).toEqual(data);
    expect(seedDemoWorld(2, NOW).people[0]?.id).not.toBe(data.people[0]?.id);
  });

  test("holds about 700 meetings and 2,500 people in three accounts", () => {
    expect(data.people).toHaveLength(2_500);
    expect(data.events.length + data.appointments.length).toBeGreaterThan(650);
    const counts = Object.groupBy(
      data.events,
      (event) => world.organizations.get(event.organizationId)?.name ?? "",
    );
    expect(counts["Northwind Growth"]?.length).toBeGreaterThan(270);
    expect(data.appointments.filter((row) => row.locationId === DEMO_LOCATIONS.lumen).length).toBeGreaterThan(
      180,
    );
  });

  test.each(Object.keys(STORIES))("tells %s at least five times", (story) => {
    expect(withStory(story).length).toBeGreaterThanOrEqual(5);
  });

  test("has enough fresh losses for a red queue, each of them in the last 14 days", () => {
    const canceled = withStory("canceled_recent");
    expect(canceled.length).toBeGreaterThanOrEqual(45);
    expect(withStory("no_show_recent").length).toBeGreaterThanOrEqual(12);
    for (const person of canceled) {
      const lostAt = [
        ...inviteesOf(person).map((row) => row.cancellation?.createdMs ?? 0),
        ...appointmentsOf(person).map((row) => row.updatedMs),
      ];
      expect(lostAt.length).toBeGreaterThan(0);
      for (const ms of lostAt) expect(ms).toBeGreaterThan(NOW - 14 * DAY_MS);
    }
    const kinds = new Set(
      canceled
        .flatMap(inviteesOf)
        .map(
          ({ cancellation }) =>
            `${cancellation?.cancelerType} ${cancellation?.reason ? "with" : "without"} reason`,
        ),
    );
    expect(kinds).toEqual(
      new Set(["invitee with reason", "invitee without reason", "host with reason", "host without reason"]),
    );
  });

  test("happens on weekdays in business hours, and nothing is known before it happened", () => {
    for (const event of data.events) {
      const zone = world.calendlyUsers.get(event.hostIds[0] ?? "")?.timezone ?? "";
      expect(isWeekend(zone, event.startMs)).toBe(false);
      expect(event.createdMs).toBeLessThan(Math.min(event.startMs, NOW));
      if (event.cancellation) expect(event.cancellation.createdMs).toBeLessThan(event.startMs);
    }
    for (const invitee of data.invitees) {
      expect(invitee.updatedMs).toBeLessThanOrEqual(NOW);
      expect(invitee.updatedMs).toBeGreaterThanOrEqual(invitee.createdMs);
    }
  });

  test("gives everyone an address of their own, except where the story says otherwise", () => {
    const others = data.people.filter((person) => person.story !== "shared_email");
    expect(new Set(others.map((person) => person.email)).size).toBe(others.length);
    const shared = Object.values(Object.groupBy(withStory("shared_email"), (person) => person.email));
    for (const pair of shared) expect(pair).toHaveLength(2);
    expect(data.people.every((person) => /@[a-z.]+\.(example|test)$/.test(person.email))).toBe(true);
  });

  test("mirrors meetings at the same instant for the same person, and misses some cancellations", () => {
    for (const person of [...withStory("mirror"), ...withStory("mirror_missed_cancel")]) {
      const [invitee] = inviteesOf(person);
      const [copy] = appointmentsOf(person);
      expect(copy?.startMs).toBe(world.events.get(invitee?.eventId ?? "")?.startMs);
      expect(copy?.contactId).toBe(person.ghlContactId);
    }
    for (const person of withStory("mirror_missed_cancel")) {
      expect(inviteesOf(person)[0]?.status).toBe("canceled");
      expect(appointmentsOf(person)[0]?.status).toBe("confirmed");
    }
  });

  test("moves meetings along chains, some of which lead nowhere", () => {
    for (const person of withStory("rescheduled")) {
      const chain = inviteesOf(person);
      expect(chain.map((row) => row.rescheduled)).toEqual([true, true, false]);
    }
    for (const person of withStory("rescheduled_unlinked")) {
      const [first] = inviteesOf(person);
      expect(first?.rescheduled).toBe(true);
      expect(world.invitees.has(first?.newInvitee?.inviteeId ?? "")).toBe(false);
    }
    for (const person of withStory("rescheduled_other_email")) {
      expect(inviteesOf(person).at(-1)?.email).toBe(person.bookingEmail);
    }
  });
});

describe("the demo world over HTTP", () => {
  test.each([
    ["owner", DEMO_TOKENS.northwindOwner, 200],
    ["member", DEMO_TOKENS.northwindMember, 200],
    ["no webhooks", DEMO_TOKENS.northwindWithoutWebhooks, 200],
    ["revoked", DEMO_TOKENS.northwindRevoked, 401],
    ["harbor", DEMO_TOKENS.harborOwner, 200],
  ])("knows the Calendly token %s", async (_name, token, status) => {
    const sandbox = await openSandbox({ firstWorld: "demo" });
    expect((await sandbox.calendly("GET", "/users/me", token)).status).toBe(status);
  });

  test.each([
    [DEMO_TOKENS.lumen, 200],
    [DEMO_TOKENS.lumenWithoutEvents, 401],
    [DEMO_TOKENS.lumenRevoked, 401],
    [DEMO_TOKENS.wrongLocation, 403],
  ])("knows the HighLevel token %s", async (token, status) => {
    const sandbox = await openSandbox({ firstWorld: "demo" });
    const lumen = [...sandbox.world.calendars.values()].find(
      (row) => row.locationId === DEMO_LOCATIONS.lumen,
    );
    const path = `/calendars/events?locationId=${DEMO_LOCATIONS.lumen}&calendarId=${lumen?.id}&startTime=0&endTime=9999999999999`;
    expect((await sandbox.highlevel("GET", path, token)).status).toBe(status);
  });

  test("lets meetings vanish on demand", async () => {
    const sandbox = await openSandbox();
    await sandbox.control("POST", "/reset", { world: "demo", seed: 7 });
    const { people } = (await sandbox.control("GET", "/people?account=calendly-only&story=deleted")).body;
    const inviteeId = people[0].inviteeIds[0];
    const eventId = sandbox.world.invitees.get(inviteeId)?.eventId;
    const read = () =>
      sandbox.calendly(
        "GET",
        `/scheduled_events/${eventId}/invitees/${inviteeId}`,
        DEMO_TOKENS.northwindOwner,
      );
    expect((await read()).status).toBe(200);
    const { vanished } = (await sandbox.control("POST", "/people/vanish", {})).body;
    expect(vanished).toHaveLength(people.length);
    expect((await read()).status).toBe(404);
    expect((await sandbox.control("POST", "/people/vanish", {})).body.vanished).toEqual([]);
  });

  test("lives on when let, without running dry", async () => {
    const sandbox = await openSandbox({ firstWorld: "demo" });
    const happened = new Set<string>();
    const countAhead = () => {
      const now = sandbox.clock.nowMs();
      return [...sandbox.world.events.values()].filter((row) => row.status === "active" && row.startMs > now)
        .length;
    };
    const before = countAhead();
    for (let at = 0; at < 200; at += 1) {
      happened.add((await sandbox.control("POST", "/trickle/act")).body.happened);
    }
    expect(happened).toEqual(new Set(["booked", "canceled", "rescheduled", "no_show"]));
    expect(countAhead()).toBeGreaterThan(before / 2);
    expect((await sandbox.control("POST", "/trickle", { on: true, everyMs: 20 })).body.trickleMs).toBe(20);
    const events = sandbox.world.invitees.size + sandbox.world.appointments.size;
    await expect
      .poll(() => sandbox.world.invitees.size + sandbox.world.appointments.size)
      .toBeGreaterThan(events);
    await sandbox.control("POST", "/trickle", { on: false });
  });
});
