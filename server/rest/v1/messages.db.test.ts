import { beforeEach, describe, expect, it } from "vitest";
import { SYSTEM } from "#server/audit/actor.ts";
import { createApiKey } from "#server/auth/api-keys.ts";
import { SettableClock } from "#server/lib/clock.ts";
import { addMs, MINUTE_MS } from "#server/lib/duration.ts";
import { buildInstance, buildLead, buildWorkspace, TEST_NOW } from "#server/testing/factories.ts";
import { setUpTestServer } from "#server/testing/start-test-server.ts";

const clock = new SettableClock(TEST_NOW);
const server = setUpTestServer(() => ({ clock }));
let workspaceId: string;
let key: string;

beforeEach(async () => {
  ({ id: workspaceId } = await buildWorkspace(server.db));
  ({ key } = await createApiKey(server.deps, SYSTEM, { workspaceId, name: "CRM" }));
});

async function post(messages: unknown[]) {
  const response = await fetch(`${server.url}/api/v1/messages`, {
    method: "POST",
    headers: { "content-type": "application/json", authorization: `Bearer ${key}` },
    body: JSON.stringify({ messages }),
  });
  return { status: response.status, body: await response.json() };
}

const message = {
  externalId: "m-1",
  leadExternalId: "c-1",
  direction: "outbound",
  at: "2026-03-10T14:00:00Z",
  channel: "email",
  sentLink: true,
  sentiment: "meeting_booked",
  text: "Here is the link.",
};

describe("POST /api/v1/messages", () => {
  it("lets a sequence wait while its lead is snoozed, go on afterwards, and end for good (R28)", async () => {
    const lead = await buildLead(server.db, { workspaceId, externalId: "c-1" });
    const { id } = await buildInstance(server.db, { leadId: lead.id });
    const say = async (externalId: string, sentiment: string, minute: number) => {
      const at = addMs(TEST_NOW, (minute - 60) * MINUTE_MS).toISOString();
      const { body } = await post([{ ...message, externalId, sentiment, at, direction: "inbound" }]);
      expect(body.accepted).toBe(1);
      const row = await server.db.followUpInstance.findUniqueOrThrow({ where: { id } });
      return [row.status, row.reason];
    };
    expect(await say("m-1", "snoozed", 1)).toEqual(["paused", "lead_snoozed"]);
    expect(await say("m-2", "interested", 2)).toEqual(["active", null]);
    expect(await say("m-3", "not_interested", 3)).toEqual(["canceled", "lead_not_interested"]);
    expect(await say("m-4", "interested", 4)).toEqual(["canceled", "lead_not_interested"]);
  });

  it("keeps who said what kind of thing when, and never the text (R43)", async () => {
    const lead = await buildLead(server.db, { workspaceId, externalId: "c-1" });
    const { status, body } = await post([
      message,
      message,
      { ...message, externalId: "m-2", leadExternalId: "c-9" },
    ]);
    expect(status).toBe(200);
    expect(body).toMatchObject({
      accepted: 1,
      duplicates: 1,
      results: [
        { index: 0, externalId: "m-1", result: "accepted" },
        { index: 1, externalId: "m-1", result: "duplicate" },
        { index: 2, externalId: "m-2", result: "error", code: "unknown_lead" },
      ],
    });
    const at = new Date(message.at);
    expect(await server.db.lead.findUniqueOrThrow({ where: { id: lead.id } })).toMatchObject({
      sentiment: "meeting_booked",
      sentimentAt: at,
      linkSentAt: at,
      lastMessageAt: at,
      lastMessageDirection: "outbound",
      lastMessageChannel: "email",
      lastInboundAt: null,
      version: lead.version + 1,
    });
    const rows = await server.db.message.findMany({ where: { workspaceId } });
    expect(rows).toMatchObject([{ leadId: lead.id, externalId: "m-1", sentLink: true }]);
    expect(JSON.stringify(rows)).not.toContain("link.");
  });

  it("changes nothing when it is sent again", async () => {
    const lead = await buildLead(server.db, { workspaceId, externalId: "c-1" });
    await post([message]);
    const before = await server.db.lead.findUniqueOrThrow({ where: { id: lead.id } });
    const audits = await server.db.auditEntry.count({ where: { leadId: lead.id } });
    expect((await post([{ ...message, sentiment: "not_interested" }])).body).toMatchObject({ duplicates: 1 });
    expect(await server.db.lead.findUniqueOrThrow({ where: { id: lead.id } })).toEqual(before);
    expect(await server.db.auditEntry.count({ where: { leadId: lead.id } })).toBe(audits);
  });

  it("never reaches a lead of another workspace", async () => {
    const foreign = await buildLead(server.db, { externalId: "c-1" });
    expect((await post([message])).body).toMatchObject({ accepted: 0, results: [{ code: "unknown_lead" }] });
    expect(
      (await post([{ ...message, leadExternalId: undefined, leadEmail: foreign.email }])).body,
    ).toMatchObject({
      accepted: 0,
    });
    expect(await server.db.message.count({ where: { leadId: foreign.id } })).toBe(0);
  });

  it("refuses a body that is no list, and too many at once", async () => {
    expect((await post(Array(5_001).fill({}))).status).toBe(413);
    expect(await server.db.message.count({ where: { workspaceId } })).toBe(0);
  });
});
