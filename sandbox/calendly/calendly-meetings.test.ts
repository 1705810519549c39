import { describe, expect, test } from "vitest";
import { addAcme, bookIntro, type OpenSandbox, openSandbox } from "../testing/open-sandbox.ts";

const NOW = "2026-11-20T10:00:00Z";

async function openAcme() {
  const sandbox = await openSandbox({ now: NOW });
  return { sandbox, acme: await addAcme(sandbox) };
}

async function readInvitee(sandbox: OpenSandbox, booked: { eventId: string; inviteeId: string }) {
  const path = `/scheduled_events/${booked.eventId}/invitees/${booked.inviteeId}`;
  return (await sandbox.calendly("GET", path, "ada-token")).body.resource;
}

async function readEvent(sandbox: OpenSandbox, eventId: string) {
  return (await sandbox.calendly("GET", `/scheduled_events/${eventId}`, "ada-token")).body.resource;
}

describe("a booking", () => {
  test("has the fields of a page booking: nulls where Calendly says null, no key where it has none", async () => {
    const { sandbox, acme } = await openAcme();
    const booked = await bookIntro(sandbox);
    const event = await readEvent(sandbox, booked.eventId);
    expect(event).toMatchObject({
      uri: `https://api.calendly.com/scheduled_events/${booked.eventId}`,
      status: "active",
      start_time: "2026-12-01T15:00:00.000000Z",
      end_time: "2026-12-01T15:30:00.000000Z",
      invitees_counter: { total: 1, active: 1, limit: 1 },
      event_memberships: [{ user: acme.owner, user_email: "ada@acme.example" }],
    });
    expect(event).not.toHaveProperty("cancellation");
    const invitee = await readInvitee(sandbox, booked);
    expect(invitee).toMatchObject({
      event: event.uri,
      email: "lee@buyer.example",
      status: "active",
      rescheduled: false,
      old_invitee: null,
      new_invitee: null,
      no_show: null,
      payment: null,
      scheduling_method: null,
      tracking: { utm_source: null, salesforce_uuid: null },
    });
    expect(invitee).not.toHaveProperty("cancellation");
  });

  test("answers 404 for an invitee of another event, and for ids nobody has", async () => {
    const { sandbox } = await openAcme();
    const one = await bookIntro(sandbox);
    const two = await bookIntro(sandbox, { start: "2026-12-02T15:00:00Z" });
    for (const path of [
      `/scheduled_events/${one.eventId}/invitees/${two.inviteeId}`,
      "/scheduled_events/nothing",
      "/nothing",
    ]) {
      const { status, body } = await sandbox.calendly("GET", path, "ada-token");
      expect([status, body]).toEqual([
        404,
        {
          title: "Resource Not Found",
          message: "The server could not find the requested resource.",
        },
      ]);
    }
  });
});

describe("the list of events", () => {
  test("pages both ways through every event exactly once, whichever the order", async () => {
    const { sandbox, acme } = await openAcme();
    // Pairs of events start at the same instant, so that ties are met at page edges.
    const starts = Array.from({ length: 11 }, (_, at) =>
      new Date(Date.parse("2026-12-01T09:00:00Z") + (at >> 1) * 3_600_000).toISOString(),
    );
    await sandbox.control(
      "POST",
      "/calendly/bulk-book",
      starts.map((start) => ({
        organization: "Acme",
        eventType: "Intro",
        start,
        invitee: { email: "lee@buyer.example", name: "Lee" },
      })),
    );
    for (const sort of ["start_time:asc", "start_time:desc"]) {
      const seen: string[] = [];
      let url: string | null =
        `${sandbox.url}/calendly/scheduled_events?organization=${encodeURIComponent(acme.organization)}&count=4&&sort=${sort}`;
      let last: { pagination: { previous_page: string; count: number } } | null = null;
      while (url) {
        const page: {
          collection: { uri: string; start_time: string }[];
          pagination: { next_page: string | null; previous_page: string; count: number };
        } = await (await fetch(url, { headers: { authorization: "Bearer ada-token" } })).json();
        expect(page.pagination.count).toBe(page.collection.length);
        seen.push(...page.collection.map((row) => row.uri));
        url = page.pagination.next_page;
        last = page;
      }
      expect(new Set(seen).size).toBe(11);
      expect(seen).toHaveLength(11);
      const back = await fetch(String(last?.pagination.previous_page), {
        headers: { authorization: "Bearer ada-token" },
      });
      const previous = (await back.json()) as { collection: { uri: string }[] };
      expect(previous.collection.map((row) => row.uri)).toEqual(seen.slice(4, 8));
    }
  });

  test("combines filters, counts bounds as inside, and keeps canceled events unless told otherwise", async () => {
    const { sandbox, acme } = await openAcme();
    const lost = await bookIntro(sandbox, { start: "2026-12-01T15:00:00Z" });
    const kept = await bookIntro(sandbox, {
      start: "2026-12-03T15:00:00Z",
      invitee: { email: "Kim+work@buyer.example", name: "Kim" },
    });
    await sandbox.control("POST", "/calendly/cancel", { invitee: lost.inviteeId });
    const list = async (query: string) => {
      const path = `/scheduled_events?organization=${acme.organization}&${query}`;
      const { body } = await sandbox.calendly("GET", path, "ada-token");
      return body.collection.map((row: { uri: string }) => row.uri.split("/").at(-1));
    };
    expect(await list("")).toEqual([lost.eventId, kept.eventId]);
    expect(await list("status=active")).toEqual([kept.eventId]);
    expect(await list("status=canceled")).toEqual([lost.eventId]);
    expect(await list("min_start_time=2026-12-03T15:00:00Z")).toEqual([kept.eventId]);
    expect(await list("max_start_time=2026-12-01T15:00:00.000000Z")).toEqual([lost.eventId]);
    expect(await list("invitee_email=kim%2Bwork@buyer.example")).toEqual([kept.eventId]);
    expect(await list("invitee_email=kim@buyer.example")).toEqual([]);
    await sandbox.control("POST", "/settings", { inviteeEmailMatching: "exact" });
    expect(await list("invitee_email=kim%2Bwork@buyer.example")).toEqual([]);
    expect(await list("invitee_email=Kim%2Bwork@buyer.example")).toEqual([kept.eventId]);
  });

  test("gives pages as short as it likes, and shifts between them where it counts rows", async () => {
    const { sandbox, acme } = await openAcme();
    const booked = [];
    for (let day = 1; day <= 4; day++)
      booked.push(await bookIntro(sandbox, { start: `2026-12-0${day}T15:00:00Z` }));
    await sandbox.control("POST", "/settings", { calendlyPageSize: 2, calendlyPaging: "offset" });
    const list = async (token = "") => {
      const path = `/scheduled_events?organization=${acme.organization}&count=100&page_token=${token}`;
      const { body } = await sandbox.calendly("GET", path, "ada-token");
      return {
        ids: body.collection.map((row: { uri: string }) => row.uri.split("/").at(-1)),
        next: body.pagination.next_page_token,
      };
    };
    const first = await list();
    expect(first.ids).toEqual(booked.slice(0, 2).map(({ eventId }) => eventId));
    await sandbox.control("POST", "/calendly/delete", { event: booked[0]?.eventId });
    expect(await list(first.next)).toEqual({ ids: [booked[3]?.eventId], next: null });
  });

  test("names the provider's own origin in next_page when asked to", async () => {
    const { sandbox, acme } = await openAcme();
    await bookIntro(sandbox);
    await bookIntro(sandbox, { start: "2026-12-02T15:00:00Z" });
    const path = `/scheduled_events?organization=${acme.organization}&count=1`;
    const ours = await sandbox.calendly("GET", path, "ada-token");
    expect(ours.body.pagination.next_page).toContain(`${sandbox.url}/calendly/scheduled_events?`);
    await sandbox.control("POST", "/settings", { pageOrigin: "provider" });
    const theirs = await sandbox.calendly("GET", path, "ada-token");
    expect(theirs.body.pagination.next_page).toContain("https://api.calendly.com/scheduled_events?");
  });

  test.each(["count=0", "count=101", "page_token=nonsense", "status=gone", "min_start_time=tomorrow"])(
    "refuses %s",
    async (query) => {
      const { sandbox, acme } = await openAcme();
      const path = `/scheduled_events?organization=${acme.organization}&${query}`;
      const { status, body } = await sandbox.calendly("GET", path, "ada-token");
      expect([status, body.title]).toEqual([400, "Invalid Argument"]);
    },
  );
});

describe("canceling", () => {
  test("by the host ends event and invitee with equal words; silence is an empty text", async () => {
    const { sandbox } = await openAcme();
    const booked = await bookIntro(sandbox);
    const done = await sandbox.calendly(
      "POST",
      `/scheduled_events/${booked.eventId}/cancellation`,
      "ada-token",
      {},
    );
    expect(done.status).toBe(201);
    expect(done.body.resource).toEqual({
      canceled_by: "Ada Owner",
      reason: "",
      canceler_type: "host",
      created_at: "2026-11-20T10:00:00.000000Z",
    });
    const event = await readEvent(sandbox, booked.eventId);
    const invitee = await readInvitee(sandbox, booked);
    expect(event).toMatchObject({ status: "canceled", invitees_counter: { total: 1, active: 0 } });
    expect(invitee).toMatchObject({ status: "canceled", rescheduled: false });
    expect(invitee.cancellation).toEqual(event.cancellation);
    const again = await sandbox.calendly(
      "POST",
      `/scheduled_events/${booked.eventId}/cancellation`,
      "ada-token",
      {},
    );
    expect([again.status, again.body.message]).toEqual([403, "Event is already canceled"]);
  });

  test("by the invitee without words leaves the reason null", async () => {
    const { sandbox } = await openAcme();
    const booked = await bookIntro(sandbox);
    await sandbox.control("POST", "/calendly/cancel", { invitee: booked.invitee.uri, by: "invitee" });
    expect((await readInvitee(sandbox, booked)).cancellation).toMatchObject({
      canceled_by: "Lee Buyer",
      reason: null,
      canceler_type: "invitee",
    });
  });

  test("is refused for a meeting that has begun", async () => {
    const { sandbox } = await openAcme();
    const booked = await bookIntro(sandbox, { start: "2026-11-20T09:00:00Z", at: "2026-11-10T09:00:00Z" });
    const late = await sandbox.calendly(
      "POST",
      `/scheduled_events/${booked.eventId}/cancellation`,
      "ada-token",
      {},
    );
    expect([late.status, late.body.message]).toEqual([403, "Event in the past"]);
  });
});

describe("rescheduling", () => {
  test("makes a new event and invitee, linked both ways, and grows a chain", async () => {
    const { sandbox } = await openAcme();
    const first = await bookIntro(sandbox);
    const second = (
      await sandbox.control("POST", "/calendly/reschedule", {
        invitee: first.inviteeId,
        start: "2026-12-05T15:00:00Z",
      })
    ).body;
    const third = (
      await sandbox.control("POST", "/calendly/reschedule", {
        invitee: second.inviteeId,
        start: "2026-12-08T15:00:00Z",
        email: "lee@home.example",
      })
    ).body;
    const [a, b, c] = await Promise.all([first, second, third].map((row) => readInvitee(sandbox, row)));
    expect(a).toMatchObject({ status: "canceled", rescheduled: true, old_invitee: null, new_invitee: b.uri });
    expect(b).toMatchObject({
      status: "canceled",
      rescheduled: true,
      old_invitee: a.uri,
      new_invitee: c.uri,
    });
    expect(c).toMatchObject({
      status: "active",
      rescheduled: false,
      old_invitee: b.uri,
      email: "lee@home.example",
    });
    expect(a).toHaveProperty("cancellation");
    expect((await readEvent(sandbox, first.eventId)).status).toBe("canceled");
    expect((await readEvent(sandbox, third.eventId)).status).toBe("active");
  });

  test("still names a successor that was deleted", async () => {
    const { sandbox } = await openAcme();
    const first = await bookIntro(sandbox);
    const moved = (
      await sandbox.control("POST", "/calendly/reschedule", {
        invitee: first.inviteeId,
        start: "2026-12-05T15:00:00Z",
      })
    ).body;
    await sandbox.control("POST", "/calendly/delete", { invitee: moved.inviteeId });
    expect((await readInvitee(sandbox, first)).new_invitee).toBe(moved.invitee.uri);
    const gone = await sandbox.calendly("GET", `/scheduled_events/${moved.eventId}`, "ada-token");
    expect(gone.status).toBe(404);
  });
});

describe("group meetings", () => {
  const seat = (name: string) => ({ eventType: "Class", invitee: { email: `${name}@buyer.example`, name } });

  test("are joined by their start, are full in the end, and go on when one person leaves or moves", async () => {
    const { sandbox } = await openAcme();
    const a = await bookIntro(sandbox, seat("a"));
    const b = await bookIntro(sandbox, seat("b"));
    const c = await bookIntro(sandbox, { ...seat("c"), eventId: a.eventId });
    expect(new Set([a.eventId, b.eventId, c.eventId]).size).toBe(1);
    const full = await sandbox.control("POST", "/calendly/book", {
      organization: "Acme",
      start: "2026-12-01T15:00:00Z",
      ...seat("d"),
      eventId: a.eventId,
    });
    expect([full.status, full.body.error.code]).toEqual([409, "act_refused"]);

    await sandbox.control("POST", "/calendly/cancel", { invitee: a.inviteeId });
    await sandbox.control("POST", "/calendly/reschedule", {
      invitee: b.inviteeId,
      start: "2026-12-04T15:00:00Z",
    });
    expect(await readEvent(sandbox, a.eventId)).toMatchObject({
      status: "active",
      invitees_counter: { total: 3, active: 1, limit: 3 },
    });
    const left = await sandbox.calendly(
      "GET",
      `/scheduled_events/${a.eventId}/invitees?status=active`,
      "ada-token",
    );
    expect(left.body.collection.map((row: { email: string }) => row.email)).toEqual(["c@buyer.example"]);
    expect((await readInvitee(sandbox, b)).rescheduled).toBe(true);
  });

  test("end for everyone still in them when the host cancels", async () => {
    const { sandbox } = await openAcme();
    const a = await bookIntro(sandbox, seat("a"));
    const b = await bookIntro(sandbox, seat("b"));
    await sandbox.control("POST", "/calendly/cancel", {
      event: a.eventId,
      by: "host",
      reason: "Trainer is ill",
    });
    for (const row of [a, b]) {
      expect((await readInvitee(sandbox, row)).cancellation.reason).toBe("Trainer is ill");
    }
  });
});

describe("no-show marks", () => {
  test("come after the start, once, change nothing else, and can be taken back", async () => {
    const { sandbox } = await openAcme();
    const booked = await bookIntro(sandbox);
    const mark = () =>
      sandbox.calendly("POST", "/invitee_no_shows", "ada-token", { invitee: booked.invitee.uri });
    const early = await mark();
    expect([early.status, early.body.details[0].message]).toEqual([400, "Event is not started yet"]);
    const before = await readEvent(sandbox, booked.eventId);
    await sandbox.control("POST", "/clock", { now: "2026-12-01T16:00:00Z" });
    const marked = await mark();
    expect(marked.status).toBe(201);
    expect(marked.body.resource).toMatchObject({
      invitee: booked.invitee.uri,
      created_at: "2026-12-01T16:00:00.000000Z",
    });
    expect((await mark()).status).toBe(400);
    const invitee = await readInvitee(sandbox, booked);
    expect(invitee).toMatchObject({ status: "active", no_show: { uri: marked.body.resource.uri } });
    expect(await readEvent(sandbox, booked.eventId)).toEqual(before);
    const id = marked.body.resource.uri.split("/").at(-1);
    expect((await sandbox.calendly("GET", `/invitee_no_shows/${id}`, "ada-token")).status).toBe(200);
    expect((await sandbox.calendly("DELETE", `/invitee_no_shows/${id}`, "ada-token")).status).toBe(204);
    expect((await readInvitee(sandbox, booked)).no_show).toBeNull();
  });
});

test("shows words nobody has seen when a resource is patched", async () => {
  const { sandbox } = await openAcme();
  const booked = await bookIntro(sandbox);
  await sandbox.control("POST", "/calendly/patch", {
    invitee: booked.inviteeId,
    fields: { status: "waitlisted" },
  });
  expect((await readInvitee(sandbox, booked)).status).toBe("waitlisted");
});
