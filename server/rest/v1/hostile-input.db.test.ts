import { describe, expect, it } from "vitest";
import { buildConnection, TEST_NOW } from "#server/testing/factories.ts";
import { setUpApi } from "../testing/set-up-api.ts";

const api = setUpApi();
const NUL = "a\u0000b";
const HALF = "a\ud800b";

function cursor(...parts: unknown[]): string {
  return Buffer.from(JSON.stringify(parts)).toString("base64url");
}

describe("characters that no database keeps", () => {
  it.each([
    ["a NUL", NUL],
    ["half a surrogate pair", HALF],
  ])("%s costs its own lead and no other", async (_, text) => {
    const { status, body } = await api.post("/api/v1/leads", {
      leads: [
        { email: "maya@ridgeline.example", firstName: text },
        { email: "noor@ridgeline.example" },
        { externalId: text, email: "ana@ridgeline.example" },
        { email: text },
        { email: "eva@ridgeline.example", ghlContactId: text },
      ],
    });
    expect(status).toBe(200);
    expect(body).toEqual({
      created: 1,
      updated: 0,
      unchanged: 0,
      errors: [
        { index: 0, code: "bad_value", message: "firstName has a character that cannot be kept." },
        { index: 2, code: "bad_value", message: "externalId has a character that cannot be kept." },
        { index: 3, code: "bad_email", message: "email is not an e-mail address." },
        { index: 4, code: "bad_value", message: "ghlContactId has a character that cannot be kept." },
      ],
    });
  });

  it("costs its own message and no other, and text that is dropped anyway costs nothing", async () => {
    await api.post("/api/v1/leads", { leads: [{ email: "maya@ridgeline.example" }] });
    const message = { leadEmail: "maya@ridgeline.example", direction: "inbound", at: TEST_NOW.toISOString() };
    const { status, body } = await api.post(
      "/api/v1/messages",
      {
        messages: [
          { ...message, externalId: NUL },
          { ...message, externalId: "m-2", text: NUL },
        ],
      },
      { headers: { "idempotency-key": "once" } },
    );
    expect(status).toBe(200);
    expect(body.results).toMatchObject([
      { index: 0, result: "error", code: "bad_value" },
      { index: 1, externalId: "m-2", result: "accepted" },
    ]);
  });

  it.each<[string, string, unknown]>([
    ["a sequence's name", "/sequences", { name: NUL, trigger: "manual", steps: [step("Call.")] }],
    ["a step's template", "/sequences", { name: "Nudge", trigger: "manual", steps: [step(HALF)] }],
    ["a run's note", "/backfills", { from: "2026-02-01", to: "2026-02-02", note: NUL }],
  ])("is refused in %s", async (_, path, body) => {
    expect(await api.post(`/api/v1${path}`, body)).toMatchObject({
      status: 400,
      body: { error: { code: "bad_request" } },
    });
  });

  it.each([
    ["/leads?email=a%00b", "bad_parameter"],
    ["/leads?externalId=%00", "bad_parameter"],
    ["/appointments?providerId=%00", "bad_parameter"],
    [`/appointments?cursor=${cursor("appointments", "calendly", NUL)}`, "bad_cursor"],
  ])("is refused in %s", async (path, code) => {
    expect(await api.get(`/api/v1${path}`)).toMatchObject({ status: 400, body: { error: { code } } });
  });

  function step(template: string) {
    return { dayOffset: 0, channel: "call", template };
  }
});

describe("times that no calendar has", () => {
  it("costs its own lead, its own message", async () => {
    const leads = [{ email: "maya@ridgeline.example", sentimentAt: "0000-01-01T00:00:00Z" }];
    expect((await api.post("/api/v1/leads", { leads })).body.errors).toMatchObject([{ code: "bad_time" }]);
    const message = { externalId: "m-1", leadEmail: "maya@ridgeline.example", direction: "inbound" };
    const messages = [{ ...message, at: "0000-01-01T00:00:00Z" }];
    expect((await api.post("/api/v1/messages", { messages })).body.results).toMatchObject([
      { code: "bad_time" },
    ]);
  });

  it.each([
    ["/leads?updatedSince=0000-01-01T00:00:00Z", "bad_parameter"],
    [`/leads?cursor=${cursor("leads", "0000-01-01T00:00:00Z", crypto.randomUUID())}`, "bad_cursor"],
    [`/tasks?cursor=${cursor("tasks", "2026-01-01T00:00:00Z", "no id")}`, "bad_cursor"],
    [`/mismatches?cursor=${cursor("mismatches", "2026-01-01T00:00:00Z")}`, "bad_cursor"],
    // A place in one list is none in another, even where both are sorted alike.
    [`/tasks?cursor=${cursor("leads", "2026-01-01T00:00:00Z", crypto.randomUUID())}`, "bad_cursor"],
    [`/leads?cursor=${cursor("2026-01-01T00:00:00Z", crypto.randomUUID())}`, "bad_cursor"],
  ])("is refused in %s", async (path, code) => {
    expect(await api.get(`/api/v1${path}`)).toMatchObject({ status: 400, body: { error: { code } } });
  });

  it("is refused as the range of a run, instead of being taken for the last century", async () => {
    await buildConnection(api.db, { workspaceId: api.workspaceId });
    for (const from of ["0000-01-01", "0026-03-01", "1989-12-31"]) {
      const { status, body } = await api.post("/api/v1/backfills", { from, to: "1990-01-04" });
      expect([status, body.error.code]).toEqual([400, "bad_range"]);
    }
    expect(await api.db.backfill.count({ where: { workspaceId: api.workspaceId } })).toBe(0);
  });
});

describe("bodies that are not what they say", () => {
  it.each([
    ["bytes that are not packed, though the header says so", { "content-encoding": "gzip" }],
    ["a packing that does not exist", { "content-encoding": "sevenzip" }],
    ["a charset that does not exist", { "content-type": "application/json; charset=klingon" }],
  ])("refuses %s", async (_, headers) => {
    const answer = await api.post("/api/v1/leads", { leads: [] }, { headers });
    expect(answer).toMatchObject({ status: 400, body: { error: { code: "bad_request" } } });
  });

  it("takes JSON under any content type", async () => {
    const headers = { "content-type": "text/plain" };
    expect((await api.post("/api/v1/leads", { leads: [] }, { headers })).status).toBe(200);
  });

  it("refuses fields where a call takes none", async () => {
    const { body: made } = await api.post("/api/v1/leads", { leads: [{ email: "maya@ridgeline.example" }] });
    expect(made.created).toBe(1);
    const { id } = await api.db.lead.findFirstOrThrow({ where: { workspaceId: api.workspaceId } });
    for (const path of [`/leads/${id}/check`, `/backfills/${id}/pause`]) {
      expect(await api.post(`/api/v1${path}`, { force: true })).toMatchObject({
        status: 400,
        body: { error: { code: "bad_request" } },
      });
    }
  });
});
