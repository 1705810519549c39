import { describe, expect, it } from "vitest";
import { decideLeadInput } from "./decide-lead-input.ts";

const now = new Date("2026-03-10T15:00:00Z");
const good = { email: "maya.okafor@ridgeline.example" };

describe("decideLeadInput", () => {
  it.each<[string, unknown, string]>([
    ["an e-mail without a host", { email: "maya" }, "bad_email"],
    ["an alias that is no address", { ...good, aliases: ["x"] }, "bad_email"],
    ["an owner that is no address", { ...good, crmOwnerEmail: "x" }, "bad_email"],
    ["an offset in place of a zone", { ...good, timezone: "+02:00" }, "bad_timezone"],
    ["a zone that does not exist", { ...good, timezone: "Mars/Olympus" }, "bad_timezone"],
    ["a day without a time", { ...good, sentimentAt: "2026-03-10" }, "bad_time"],
    ["a time without an offset", { ...good, lastInboundAt: "2026-03-10T10:00:00" }, "bad_time"],
    ["a time in the future", { ...good, lastMessageAt: "2026-03-11T15:00:00Z" }, "bad_time"],
    ["a status of somebody else's", { ...good, status: "won" }, "bad_status"],
    ["a status that is cleared", { ...good, status: null }, "bad_status"],
    ["a sentiment of somebody else's", { ...good, sentiment: "happy" }, "bad_sentiment"],
    ["a number for a name", { ...good, firstName: 7 }, "bad_value"],
    ["a field that does not exist", { ...good, sentimnet: "new" }, "unknown_field"],
    ["a text in place of a lead", "maya", "bad_item"],
    ["nothing", null, "bad_item"],
  ])("refuses %s", (_, item, code) => {
    expect(decideLeadInput(item, now)).toMatchObject({ ok: false, code });
  });

  it("never repeats what was given", () => {
    const answer = decideLeadInput({ email: "Maya Okafor <maya" }, now);
    expect(JSON.stringify(answer)).not.toContain("Maya");
  });

  it("trims texts and takes an empty one for nothing", () => {
    expect(decideLeadInput({ email: " maya@ridgeline.example ", firstName: " ", phone: " 1 " }, now)).toEqual(
      {
        ok: true,
        input: { email: "maya@ridgeline.example", firstName: null, phone: "1" },
      },
    );
  });

  it("takes a time a little ahead, since clocks differ", () => {
    expect(decideLeadInput({ ...good, sentimentAt: "2026-03-10T15:02:00Z" }, now).ok).toBe(true);
  });
});
