import { describe, expect, it } from "vitest";
import { decideMessages, type TalkLead } from "./decide-messages.ts";

const now = new Date("2026-03-10T15:00:00Z");
const at = (hour: number) => new Date(Date.UTC(2026, 2, 9, hour));

function buildTalk(overrides: Partial<TalkLead> = {}): TalkLead {
  return {
    id: "lead-1",
    externalId: "c-1",
    emailKey: "maya@ridgeline.example",
    createdAt: at(0),
    sentiment: "interested",
    sentimentAt: at(8),
    lastInboundAt: null,
    lastMessageAt: null,
    lastMessageDirection: null,
    lastMessageChannel: null,
    linkSentAt: null,
    ...overrides,
  };
}

let number = 0;
const message = (overrides: object = {}) => ({
  externalId: `m-${++number}`,
  leadExternalId: "c-1",
  direction: "inbound",
  at: at(10).toISOString(),
  ...overrides,
});

const decide = (items: unknown[], leads = [buildTalk()], externalIds = new Set<string>()) =>
  decideMessages({ leads, externalIds }, items, now);

describe("which messages are taken", () => {
  it.each<[string, object, string]>([
    ["one without an id", { externalId: undefined }, "bad_external_id"],
    ["one that names no lead", { leadExternalId: undefined }, "lead_required"],
    ["one of a lead that is not there", { leadExternalId: "c-9" }, "unknown_lead"],
    ["one without a direction", { direction: "sideways" }, "bad_direction"],
    ["one without a time", { at: "yesterday" }, "bad_time"],
    ["one from the future", { at: "2026-03-11T15:00:00Z" }, "bad_time"],
    ["one with a sentiment of somebody else's", { sentiment: "happy" }, "bad_sentiment"],
    ["one with a field that does not exist", { body: "Hello" }, "unknown_field"],
  ])("refuses %s", (_, overrides, code) => {
    expect(decide([message(overrides)]).results).toMatchObject([{ result: "error", code }]);
  });

  it("refuses an e-mail that two leads have, and takes the lead that is named", () => {
    const leads = [buildTalk(), buildTalk({ id: "lead-2", externalId: "c-2" })];
    const byEmail = message({ leadExternalId: undefined, leadEmail: "Maya@ridgeline.example" });
    expect(decide([byEmail], leads).results).toMatchObject([{ code: "ambiguous_email" }]);
    expect(decide([message({ leadExternalId: "c-2" })], leads).accepted).toMatchObject([
      { leadId: "lead-2" },
    ]);
  });

  it("takes a message once, within a request and for ever", () => {
    const { results, accepted } = decide(
      [message({ externalId: "a" }), message({ externalId: "a" }), message({ externalId: "old" })],
      [buildTalk()],
      new Set(["old"]),
    );
    expect(results.map(({ result }) => result)).toEqual(["accepted", "duplicate", "duplicate"]);
    expect(accepted).toHaveLength(1);
  });

  it("drops the text", () => {
    expect(JSON.stringify(decide([message({ text: "Tuesday at ten suits me" })]))).not.toContain("Tuesday");
  });
});

describe("what they change", () => {
  it.each<[string, object[], Partial<TalkLead>]>([
    [
      "the last message with its direction and channel",
      [
        { at: at(10).toISOString(), channel: "email" },
        { at: at(12).toISOString(), direction: "outbound", channel: "sms" },
      ],
      {
        lastInboundAt: at(10),
        lastMessageAt: at(12),
        lastMessageDirection: "outbound",
        lastMessageChannel: "sms",
      },
    ],
    [
      "the same, in whatever order they come",
      [{ at: at(12).toISOString(), direction: "outbound" }, { at: at(10).toISOString() }],
      { lastInboundAt: at(10), lastMessageAt: at(12), lastMessageDirection: "outbound" },
    ],
    ["when a link was sent", [{ direction: "outbound", sentLink: true }], { linkSentAt: at(10) }],
    [
      "the sentiment, and its time (R22)",
      [{ sentiment: "meeting_booked" }],
      { sentiment: "meeting_booked", sentimentAt: at(10) },
    ],
    [
      "nothing that was said later (R22)",
      [{ sentiment: "not_interested", at: at(7).toISOString() }],
      { sentiment: "interested", sentimentAt: at(8) },
    ],
  ])("%s", (_, messages, expected) => {
    expect(decide(messages.map(message)).leads[0]?.after).toMatchObject(expected);
  });

  it("leaves a lead alone when all of them are older than what is known", () => {
    const lead = buildTalk({ lastMessageAt: at(20), lastInboundAt: at(20), lastMessageDirection: "inbound" });
    expect(decide([message()], [lead])).toMatchObject({ leads: [], results: [{ result: "accepted" }] });
  });
});
