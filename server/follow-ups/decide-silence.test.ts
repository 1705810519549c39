import { expect, test } from "vitest";
import type { LeadStatus, Sentiment } from "#server/db/generated/enums.ts";
import { decideSilence } from "./decide-silence.ts";

test.each<[string, { status?: LeadStatus; sentiment?: Sentiment }, ReturnType<typeof decideSilence>]>([
  ["hears from us", {}, null],
  ["said booked and hears from us", { sentiment: "meeting_booked" }, null],
  ["is blacklisted", { status: "blacklisted" }, { status: "canceled", reason: "lead_blacklisted" }],
  ["asked to be blacklisted", { sentiment: "blacklist" }, { status: "canceled", reason: "lead_blacklisted" }],
  ["is unqualified", { status: "unqualified" }, { status: "canceled", reason: "lead_unqualified" }],
  ["is not interested", { status: "not_interested" }, { status: "canceled", reason: "lead_not_interested" }],
  ["said so", { sentiment: "not_interested" }, { status: "canceled", reason: "lead_not_interested" }],
  ["is snoozed", { sentiment: "snoozed" }, { status: "paused", reason: "lead_snoozed" }],
  [
    "is snoozed and blacklisted: for good",
    { status: "blacklisted", sentiment: "snoozed" },
    { status: "canceled", reason: "lead_blacklisted" },
  ],
])("a lead that %s (R28)", (_sentence, lead, silence) => {
  expect(decideSilence({ status: "qualified", sentiment: "interested", ...lead })).toEqual(silence);
});
