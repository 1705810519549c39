import { describe, expect, it } from "vitest";
import { runTransaction } from "#server/db/run-transaction.ts";
import { addDays, addMs, HOUR_MS, MINUTE_MS } from "#server/lib/duration.ts";
import { buildConnection, buildLead, buildWorkspace, TEST_NOW } from "#server/testing/factories.ts";
import { linkAppointments } from "./link-appointments.ts";
import { markVanished } from "./mark-vanished.ts";
import { rematchLeads } from "./rematch-leads.ts";
import { buildReading, cancelReading } from "./testing/build-reading.ts";
import { APPLIED_AT, setUpRoad } from "./testing/set-up-road.ts";
import { saveContacts } from "./window-pages.ts";

const road = setUpRoad();

const alias = (leadId: string, emailKey: string) =>
  road.db.leadAlias.create({
    data: { workspaceId: road.workspaceId, leadId, emailKey, source: "operator", createdAt: TEST_NOW },
  });

const contact = (contactId: string, ...emails: string[]) =>
  runTransaction(road.db, "test", (tx) =>
    saveContacts(tx, road.workspaceId, [
      {
        contactId,
        email: emails[0] ?? null,
        additionalEmails: emails.slice(1),
        name: null,
        phone: null,
        timezone: null,
        updatedAt: null,
        readAt: TEST_NOW,
        gone: false,
      },
    ]),
  );

const rematch = (leadIds: string[], emailKeys: string[]) =>
  runTransaction(road.db, "test", (tx) =>
    rematchLeads(
      tx,
      { workspaceId: road.workspaceId, leadIds, emailKeys, contactIds: [] },
      road.step({ source: "import", reason: "lead_added" }),
    ),
  );

describe("whose a booking is", () => {
  it("is told by a confirmed alias (R8, R11)", async () => {
    const { id } = await road.lead();
    await alias(id, "maya.private@lakeside.example");
    await road.apply([buildReading({ attendeeEmail: "Maya.Private@Lakeside.example" })]);
    expect(await road.reload(id)).toMatchObject({ meetingState: "booked", status: "meeting_booked" });
  });

  it("is told by the present address of a contact, whatever its booking was read with (R8)", async () => {
    const [former, present] = [
      await road.lead({ email: "maya.old@lakeside.example" }),
      await road.lead({ email: "maya.new@lakeside.example" }),
    ];
    await contact("CONTACT8", "maya.new@lakeside.example");
    await road.apply([
      buildReading({
        provider: "highlevel",
        contactId: "CONTACT8",
        attendeeEmail: "maya.old@lakeside.example",
      }),
    ]);
    expect(await road.reload(present.id)).toMatchObject({ meetingState: "booked" });
    expect(await road.reload(former.id)).toMatchObject({ meetingState: "none", sharedBooking: false });
  });

  it("is told by a further address of the HighLevel contact (R8)", async () => {
    const { id } = await road.lead({ email: "maya.second@lakeside.example" });
    await contact("CONTACT1", "front-desk@lakeside.example", "maya.second@lakeside.example");
    await road.apply([
      buildReading({
        provider: "highlevel",
        contactId: "CONTACT1",
        attendeeEmail: "front-desk@lakeside.example",
      }),
    ]);
    expect(await road.reload(id)).toMatchObject({ meetingState: "booked", meetingProvider: "highlevel" });
  });

  it("is told by the contact id whatever the addresses say (R8)", async () => {
    const [owner, namesake] = [await road.lead(), await road.lead({ email: "shared@lakeside.example" })];
    await road.db.leadContact.create({
      data: { workspaceId: road.workspaceId, leadId: owner.id, contactId: "CONTACT2" },
    });
    await contact("CONTACT2", "shared@lakeside.example");
    await road.apply([
      buildReading({
        provider: "highlevel",
        contactId: "CONTACT2",
        attendeeEmail: "shared@lakeside.example",
      }),
    ]);
    expect(await road.reload(owner.id)).toMatchObject({ meetingState: "booked" });
    expect(await road.reload(namesake.id)).toMatchObject({ meetingState: "none", sharedBooking: false });
  });

  it("goes with the contact that HighLevel gives it to, and keeps nothing of the former one's (R8)", async () => {
    const [first, second] = [await road.lead(), await road.lead({ email: "maya.second@lakeside.example" })];
    await road.db.leadContact.create({
      data: { workspaceId: road.workspaceId, leadId: first.id, contactId: "CONTACT3" },
    });
    const booked = buildReading({
      provider: "highlevel",
      contactId: "CONTACT3",
      attendeeEmail: first.email,
    });
    await road.apply([booked]);
    expect(await road.reload(first.id)).toMatchObject({ meetingState: "booked" });
    await contact("CONTACT4", second.email);
    const given = { ...booked, contactId: "CONTACT4", attendeeEmail: second.email };
    await road.apply([{ ...given, asOf: addMs(TEST_NOW, MINUTE_MS) }]);
    expect(await road.reload(first.id)).toMatchObject({ meetingState: "none" });
    expect(await road.reload(second.id)).toMatchObject({ meetingState: "booked" });
    // Both histories tell of it (R20).
    expect((await road.changes(first.id)).map(({ kind }) => kind)).toEqual(["booked", "unlinked"]);
    expect((await road.changes(second.id)).map(({ kind }) => kind)).toContain("linked");
    await contact("CONTACT5");
    await road.apply([
      { ...booked, contactId: "CONTACT5", attendeeEmail: null, asOf: addMs(TEST_NOW, HOUR_MS) },
    ]);
    expect(await road.reload(second.id)).toMatchObject({ meetingState: "none" });
    expect(await road.appointment(booked.providerId)).toMatchObject({ leadId: null, attendeeEmail: null });
  });

  it("stays the lead's whose contact HighLevel merged into one that nobody knows (41)", async () => {
    const { id } = await road.lead();
    await road.db.leadContact.create({
      data: { workspaceId: road.workspaceId, leadId: id, contactId: "CONTACT6" },
    });
    const booked = buildReading({ provider: "highlevel", contactId: "CONTACT6", attendeeEmail: null });
    await contact("CONTACT6");
    await road.apply([booked]);
    await road.db.rememberedContact.updateMany({ where: { contactId: "CONTACT6" }, data: { gone: true } });
    await road.apply([{ ...booked, contactId: "CONTACT7", asOf: addMs(TEST_NOW, MINUTE_MS) }]);
    expect(await road.reload(id)).toMatchObject({ meetingState: "booked" });
  });

  it("is told for each person of a group by themselves (R13)", async () => {
    const [stays, leaves] = [await road.lead(), await road.lead()];
    const group = { eventId: "WORKSHOP", startAt: addDays(TEST_NOW, 3) };
    const [a, b] = [
      buildReading({ ...group, attendeeEmail: stays.email }),
      buildReading({ ...group, attendeeEmail: leaves.email }),
    ];
    await road.apply([a, b]);
    await road.apply([a, cancelReading(b)]);
    expect(await road.reload(stays.id)).toMatchObject({ meetingState: "booked", status: "meeting_booked" });
    expect(await road.reload(leaves.id)).toMatchObject({ meetingState: "canceled", status: "qualified" });
    expect([await road.tasks(stays.id), await road.tasks(leaves.id)].map((t) => t.length)).toEqual([0, 1]);
  });
});

describe("an address of two leads (R13)", () => {
  const shared = "shared@lakeside.example";

  it("gates nobody any more once the contact has an address of one alone (R13)", async () => {
    const [one, other] = [await road.lead({ email: shared }), await road.lead({ email: shared })];
    await alias(one.id, "maya.private@lakeside.example");
    await contact("CONTACT9", shared);
    const booked = buildReading({ provider: "highlevel", contactId: "CONTACT9", attendeeEmail: shared });
    await road.apply([booked]);
    expect(await road.reload(other.id)).toMatchObject({ sharedBooking: true });

    await contact("CONTACT9", "maya.private@lakeside.example");
    const asOf = addMs(booked.asOf, MINUTE_MS);
    await road.apply([{ ...booked, attendeeEmail: "maya.private@lakeside.example", asOf }]);
    expect(await road.reload(one.id)).toMatchObject({ meetingState: "booked", sharedBooking: false });
    expect(await road.reload(other.id)).toMatchObject({ meetingState: "none", sharedBooking: false });
  });

  it("gates also the one who has it as an alias", async () => {
    const [owner, other] = [await road.lead({ email: shared }), await road.lead()];
    await alias(other.id, shared);
    await road.apply([buildReading({ attendeeEmail: shared })]);
    for (const { id } of [owner, other]) {
      expect(await road.reload(id)).toMatchObject({ meetingState: "none", sharedBooking: true });
    }
  });

  it("gates also who shares a further address of the contact", async () => {
    const leads = [await road.lead({ email: shared }), await road.lead({ email: shared })];
    await contact("CONTACT3", "front-desk@lakeside.example", shared);
    await road.apply([
      buildReading({
        provider: "highlevel",
        contactId: "CONTACT3",
        attendeeEmail: "front-desk@lakeside.example",
      }),
    ]);
    for (const { id } of leads) expect(await road.reload(id)).toMatchObject({ sharedBooking: true });
  });

  it("takes the booking from the first when a second lead turns up, and says so in history", async () => {
    const first = await road.lead({ email: shared });
    await road.apply([buildReading({ attendeeEmail: shared })]);
    expect(await road.reload(first.id)).toMatchObject({ meetingState: "booked", status: "meeting_booked" });
    const second = await road.lead({ email: shared });
    await rematch([second.id], [shared]);
    for (const { id } of [first, second]) {
      expect(await road.reload(id)).toMatchObject({
        meetingState: "none",
        primaryId: null,
        sharedBooking: true,
      });
    }
    expect((await road.changes(first.id)).map((c) => c.kind)).toEqual(["booked", "unlinked"]);
    // Nobody lost a meeting: nobody is to be called.
    expect(await road.tasks(first.id)).toEqual([]);
  });

  it("takes an open red task with it without claiming a re-booking", async () => {
    const first = await road.lead({ email: shared });
    const booked = buildReading({ attendeeEmail: shared });
    await road.apply([booked]);
    await road.apply([cancelReading(booked)]);
    const second = await road.lead({ email: shared });
    await rematch([second.id], [shared]);
    expect(await road.tasks(first.id)).toMatchObject([{ status: "completed", closedReason: "superseded" }]);
  });

  it("ungates when the booking is canceled", async () => {
    const leads = [await road.lead({ email: shared }), await road.lead({ email: shared })];
    const booked = buildReading({ attendeeEmail: shared });
    await road.apply([booked]);
    await road.apply([cancelReading(booked)]);
    for (const { id } of leads) expect((await road.reload(id)).sharedBooking).toBe(false);
  });
});

describe("a chain (R16)", () => {
  it("keeps history of a booking that a later half gave its lead", async () => {
    const { id, email } = await road.lead();
    const old = buildReading({ attendeeEmail: email });
    const next = buildReading({
      attendeeEmail: "assistant@elsewhere.example",
      startAt: addDays(TEST_NOW, 6),
      rescheduledFromId: old.providerId,
    });
    await road.apply([next]);
    await road.apply([cancelReading(old, { status: "rescheduled", rescheduledToId: next.providerId })]);
    expect((await road.changes(id)).map((c) => c.kind).sort()).toEqual(["linked", "rescheduled"]);
  });

  it.each(["down", "up"])("has one lead whichever half was read first: %s", async (order) => {
    const [first, second] = [await road.lead(), await road.lead()];
    const old = buildReading({ attendeeEmail: first.email });
    // Moved by a colleague who happens to be a lead too.
    const next = buildReading({
      attendeeEmail: second.email,
      startAt: addDays(TEST_NOW, 6),
      rescheduledFromId: old.providerId,
    });
    const moved = cancelReading(old, { status: "rescheduled", rescheduledToId: next.providerId });
    for (const reading of order === "down" ? [moved, next] : [next, moved]) await road.apply([reading]);
    expect(await road.reload(first.id)).toMatchObject({
      meetingState: "booked",
      meetingStartAt: next.startAt,
    });
    expect(await road.reload(second.id)).toMatchObject({ meetingState: "none", primaryId: null });
  });

  it("asks about a loss that a booking had covered until it turned out to be another lead's", async () => {
    const [first, second] = [await road.lead(), await road.lead()];
    const old = buildReading({ attendeeEmail: first.email });
    const next = buildReading({ attendeeEmail: second.email, rescheduledFromId: old.providerId });
    await road.apply([next]);
    await road.apply([cancelReading(buildReading({ attendeeEmail: second.email }))]);
    expect(await road.tasks(second.id)).not.toContainEqual(
      expect.objectContaining({ type: "meeting_canceled" }),
    );
    await road.apply([cancelReading(old, { status: "rescheduled", rescheduledToId: next.providerId })]);
    expect(await road.reload(second.id)).toMatchObject({ meetingState: "canceled", status: "qualified" });
    expect((await road.tasks(second.id)).filter((t) => t.status === "pending")).toMatchObject([
      { type: "meeting_canceled" },
    ]);
  });

  it.each(["down", "up"])("takes in an old booking of an address that nobody knows: %s", async (order) => {
    const { id, email } = await road.lead();
    const old = buildReading({ attendeeEmail: "assistant@elsewhere.example" });
    const next = buildReading({ attendeeEmail: email, rescheduledFromId: old.providerId });
    const moved = cancelReading(old, { status: "rescheduled", rescheduledToId: next.providerId });
    for (const reading of order === "down" ? [moved, next] : [next, moved]) await road.apply([reading]);
    expect(await road.appointment(old.providerId)).toMatchObject({ leadId: id, linkedBy: "successor" });
    expect(await road.appointment(next.providerId)).toMatchObject({ leadId: id, linkedBy: "email" });
  });

  it("lets go of all its links when its head turns out to be shared (R13)", async () => {
    const shared = "shared@lakeside.example";
    const first = await road.lead({ email: shared });
    const old = buildReading({ attendeeEmail: shared });
    const next = buildReading({ attendeeEmail: null, rescheduledFromId: old.providerId });
    await road.apply([cancelReading(old, { status: "rescheduled", rescheduledToId: next.providerId }), next]);
    expect((await road.reload(first.id)).meetingState).toBe("booked");
    const second = await road.lead({ email: shared });
    await rematch([second.id], [shared]);
    expect(await road.appointment(next.providerId)).toMatchObject({ leadId: null, linkedBy: null });
    expect((await road.reload(first.id)).meetingState).toBe("none");
  });

  it("ends where a lying provider made it circular", async () => {
    const { id, email } = await road.lead();
    const [a, b] = [buildReading({ attendeeEmail: email }), buildReading()];
    await road.apply([
      { ...a, status: "rescheduled", rescheduledToId: b.providerId, rescheduledFromId: b.providerId },
      { ...b, status: "rescheduled", rescheduledToId: a.providerId, rescheduledFromId: a.providerId },
    ]);
    expect(await road.reload(id)).toMatchObject({ meetingState: "none" });
  });
});

describe("a copy (R7)", () => {
  const pair = (email: string) => {
    const record = buildReading({ attendeeEmail: email });
    const copy = buildReading({
      provider: "highlevel",
      attendeeEmail: email,
      contactId: "CONTACT9",
      startAt: record.startAt,
    });
    return { record, copy };
  };
  const reschedule = (record: ReturnType<typeof buildReading>) => {
    const next = buildReading({
      attendeeEmail: record.attendeeEmail,
      startAt: addDays(TEST_NOW, 6),
      rescheduledFromId: record.providerId,
      providerCreatedAt: TEST_NOW,
    });
    const moved = cancelReading(record, { status: "rescheduled", rescheduledToId: next.providerId });
    return { moved, next };
  };

  it("left behind by its rescheduled record counts for nothing", async () => {
    const { id, email } = await road.lead();
    const { record, copy } = pair(email);
    await road.apply([record]);
    await road.apply([copy]);
    const { moved, next } = reschedule(record);
    await road.apply([moved, next]);
    expect(await road.reload(id)).toMatchObject({ meetingState: "booked", meetingStartAt: next.startAt });
    await road.apply([cancelReading(next, { asOf: addMs(TEST_NOW, HOUR_MS) })]);
    expect(await road.reload(id)).toMatchObject({ meetingState: "canceled", meetingProvider: "calendly" });
  });

  it("that follows its rescheduled record is one meeting with the successor and tells its attendance", async () => {
    const { id, email } = await road.lead();
    const { record, copy } = pair(email);
    await road.apply([record]);
    await road.apply([copy]);
    const { moved, next } = reschedule(record);
    await road.apply([moved, next]);
    const followed = {
      ...copy,
      startAt: next.startAt,
      endAt: next.endAt,
      asOf: addMs(TEST_NOW, HOUR_MS),
    };
    await road.apply([followed]);
    expect(await road.reload(id)).toMatchObject({
      meetingState: "booked",
      meetingProvider: "calendly",
      meetingStartAt: next.startAt,
    });
    // The move is one: the copy adds no line of its own.
    expect((await road.tasks(id)).flatMap((t) => t.meetings)).toHaveLength(1);
    const after = addMs(next.endAt, HOUR_MS);
    await road.apply([{ ...followed, status: "no_show", asOf: after }], { now: after });
    expect(await road.reload(id)).toMatchObject({ meetingState: "no_show", meetingProvider: "calendly" });
  });

  it("makes one line of one loss, whichever provider told it first", async () => {
    const { id, email } = await road.lead();
    const { record, copy } = pair(email);
    await road.apply([cancelReading(copy)]);
    await road.apply([cancelReading(record)]);
    const [task, ...others] = await road.tasks(id);
    expect(others).toEqual([]);
    expect(task).toMatchObject({ status: "pending", meetings: [{ kind: "canceled" }] });
    await road.apply([cancelReading(record, { title: "Intro", asOf: addMs(TEST_NOW, HOUR_MS) })]);
    expect(await road.tasks(id)).toMatchObject([{ status: "pending" }]);
  });

  it("finds the second copy when the first one follows its record to the successor", async () => {
    const { email } = await road.lead();
    const [then, later] = [addDays(TEST_NOW, 2), addDays(TEST_NOW, 4)];
    await contact("TWICE", email);
    const copies = ["COPY1", "COPY2"].map((providerId) =>
      buildReading({
        provider: "highlevel",
        providerId,
        contactId: "TWICE",
        attendeeEmail: email,
        startAt: then,
      }),
    );
    const old = buildReading({ attendeeEmail: email, startAt: then, status: "rescheduled" });
    const next = buildReading({
      attendeeEmail: email,
      startAt: later,
      rescheduledFromId: old.providerId,
    });
    await road.apply(copies);
    await road.apply([{ ...old, rescheduledToId: next.providerId }, next]);
    await road.apply(
      copies.map((copy) => ({
        ...copy,
        startAt: copy.providerId === "COPY1" ? later : then,
        asOf: addMs(TEST_NOW, 1_000),
      })),
    );
    const idOf = async (providerId: string) => (await road.appointment(providerId)).id;
    expect((await road.appointment("COPY1")).mirrorOfId).toBe(await idOf(next.providerId));
    expect((await road.appointment("COPY2")).mirrorOfId).toBe(await idOf(old.providerId));
  });

  it.each(["canceled", "vanished"] as const)(
    "that was %s leaves its place to one that is made again",
    async (end) => {
      const { id, email } = await road.lead();
      const { record, copy } = pair(email);
      const again = { ...copy, providerId: "COPY-AGAIN", eventId: "COPY-AGAIN" };
      await road.apply([record]);
      await road.apply([copy]);
      await road.apply([again]);
      if (end === "canceled") await road.apply([cancelReading(copy)]);
      else {
        const open = { row: road.connection, provider: "highlevel" as const };
        const step = { ...road.step(), askedAt: APPLIED_AT, reason: "missing_from_list" };
        await runTransaction(road.db, "test", (tx) => markVanished(tx, open, [copy.providerId], step));
      }
      await road.apply([cancelReading(record)]);
      expect(await road.reload(id)).toMatchObject({ meetingState: "canceled", meetingProvider: "calendly" });
      expect(await road.tasks(id)).toMatchObject([{ type: "meeting_canceled", status: "pending" }]);
    },
  );

  it("that was canceled with its record leaves the slot to a new booking at HighLevel", async () => {
    const { id, email } = await road.lead();
    const { record, copy } = pair(email);
    await road.apply([record]);
    await road.apply([copy]);
    await road.apply([cancelReading(record)]);
    await road.apply([cancelReading(copy)]);
    expect(await road.tasks(id)).toMatchObject([{ status: "pending" }]);
    const anew = {
      ...copy,
      providerId: "ANEW",
      eventId: "ANEW",
      providerCreatedAt: addMs(TEST_NOW, MINUTE_MS),
    };
    await road.apply([anew]);
    expect(await road.reload(id)).toMatchObject({ meetingState: "booked", meetingProvider: "highlevel" });
    expect(await road.tasks(id)).toMatchObject([
      { status: "completed", closedReason: "rebooked_by_evidence" },
    ]);
  });

  it("parts from a record that turns out to be nobody's, and counts again", async () => {
    const shared = "shared@lakeside.example";
    const { id } = await road.lead({ email: shared });
    await road.db.leadContact.create({
      data: { workspaceId: road.workspaceId, leadId: id, contactId: "CONTACT9" },
    });
    const { record, copy } = pair(shared);
    await road.apply([record]);
    await road.apply([copy]);
    expect((await road.appointment(copy.providerId)).mirrorOfId).not.toBeNull();
    const second = await road.lead({ email: shared });
    await rematch([second.id], [shared]);
    expect((await road.appointment(copy.providerId)).mirrorOfId).toBeNull();
    expect(await road.reload(id)).toMatchObject({ meetingState: "booked", meetingProvider: "highlevel" });
  });
});

describe("two workspaces with equal ids (fault 42)", () => {
  it("never touch each other", async () => {
    const other = await buildWorkspace(road.db);
    const otherConnection = await buildConnection(road.db, { workspaceId: other.id });
    const email = "maya@lakeside.example";
    const [here, there] = [
      await road.lead({ email }),
      await buildLead(road.db, { workspaceId: other.id, email }),
    ];
    const elsewhere = { workspaceId: other.id, connectionId: otherConnection.id };
    const booked = buildReading({ attendeeEmail: email });
    const next = buildReading({
      attendeeEmail: "assistant@elsewhere.example",
      startAt: addDays(TEST_NOW, 6),
      rescheduledFromId: booked.providerId,
    });
    await road.apply([booked]);
    await road.apply([booked], elsewhere);
    const untouched = await Promise.all([
      road.reload(here.id),
      road.appointment(booked.providerId),
      road.changes(here.id),
      road.audit(here.id),
    ]);

    // Here it stays as it is; over there it is canceled, moves, and vanishes under the same ids.
    await road.apply([cancelReading(booked, { asOf: addMs(TEST_NOW, MINUTE_MS) })], elsewhere);
    await road.apply([next], elsewhere);
    expect(await road.reload(there.id)).toMatchObject({
      meetingState: "booked",
      meetingStartAt: next.startAt,
    });
    expect(
      await Promise.all([
        road.reload(here.id),
        road.appointment(booked.providerId),
        road.changes(here.id),
        road.audit(here.id),
      ]),
    ).toEqual(untouched);

    // Links asked for with another workspace's appointment ids find nothing.
    const { id } = await road.appointment(booked.providerId);
    const links = await runTransaction(road.db, "test", (tx) => linkAppointments(tx, other.id, [id]));
    expect(links).toEqual({ leadIds: [], relinked: [], sharedLeadIds: [] });
  });
});
