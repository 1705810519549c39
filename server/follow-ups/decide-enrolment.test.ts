import { describe, expect, test } from "vitest";
import { addDays, addMs } from "#server/lib/duration.ts";
import { decideEnrolment, type EnrolmentFacts, type EnrolmentRefusal } from "./decide-enrolment.ts";

const now = new Date("2026-03-10T15:00:00Z");

type Overrides = {
  sequence?: Partial<EnrolmentFacts["sequence"]>;
  lead?: Partial<EnrolmentFacts["lead"]>;
  workspace?: Partial<EnrolmentFacts["workspace"]>;
  meetings?: EnrolmentFacts["meetings"];
  enrolledAs?: EnrolmentFacts["enrolledAs"];
};

function buildFacts({ sequence, lead, workspace, ...rest }: Overrides): EnrolmentFacts {
  return {
    sequence: { trigger: "manual", active: true, steps: 1, ...sequence },
    lead: { status: "qualified", sentiment: "interested", sharedBooking: false, ...lead },
    workspace: { paused: false, heldGateDays: 90, ...workspace },
    meetings: [],
    enrolledAs: null,
    now,
    ...rest,
  };
}

const live = { standing: "live" as const, endAt: addDays(now, 2) };
const heldDaysAgo = (days: number) => ({ standing: "held" as const, endAt: addDays(now, -days) });
const lost = (standing: "canceled" | "no_show" | "vanished" | "superseded" | "copy") => ({
  standing,
  endAt: addDays(now, 1),
});
const postBooking = { trigger: "meeting_booked" as const };

const CASES: [string, Overrides, EnrolmentRefusal | null][] = [
  ["enrols a lead without a meeting", {}, null],
  ["enrols no booked lead", { meetings: [live] }, "lead_booked"],
  ["enrols no booked lead, whatever else was lost", { meetings: [lost("canceled"), live] }, "lead_booked"],
  ["enrols nobody whose meeting was just held", { meetings: [heldDaysAgo(1)] }, "meeting_held_recently"],
  ["gates to the very end of the held gate", { meetings: [heldDaysAgo(90)] }, "meeting_held_recently"],
  [
    "enrols again after the held gate",
    { meetings: [{ standing: "held", endAt: addMs(addDays(now, -90), -1) }] },
    null,
  ],
  [
    "has the held gate that the workspace wants",
    { meetings: [heldDaysAgo(8)], workspace: { heldGateDays: 7 } },
    null,
  ],
  ["gates leads that share a booking's address (R13)", { lead: { sharedBooking: true } }, "booking_shared"],
  [
    "enrols who lost their meetings",
    { meetings: [lost("canceled"), lost("no_show"), lost("vanished"), lost("superseded"), lost("copy")] },
    null,
  ],
  [
    "lets a claim decide nothing (R2)",
    { lead: { status: "meeting_booked", sentiment: "meeting_booked" } },
    null,
  ],
  ["enrols a booked lead in a post-booking sequence", { sequence: postBooking, meetings: [live] }, null],
  [
    "enrols a held lead in a post-booking sequence",
    { sequence: postBooking, meetings: [heldDaysAgo(1)] },
    null,
  ],
  [
    "enrols a shared lead in a post-booking sequence",
    { sequence: postBooking, lead: { sharedBooking: true } },
    null,
  ],
  ["enrols nobody without a meeting in a post-booking sequence", { sequence: postBooking }, "no_meeting"],
  [
    "enrols nobody whose meeting was lost in a post-booking sequence",
    { sequence: postBooking, meetings: [lost("canceled")] },
    "no_meeting",
  ],
  ["leaves blacklisted leads alone (R28)", { lead: { status: "blacklisted" } }, "lead_blacklisted"],
  ["leaves who asked for it alone (R28)", { lead: { sentiment: "blacklist" } }, "lead_blacklisted"],
  ["leaves unqualified leads alone (R28)", { lead: { status: "unqualified" } }, "lead_unqualified"],
  ["leaves who is not interested alone (R28)", { lead: { status: "not_interested" } }, "lead_not_interested"],
  ["leaves who said no alone (R28)", { lead: { sentiment: "not_interested" } }, "lead_not_interested"],
  ["leaves snoozed leads alone (R28)", { lead: { sentiment: "snoozed" } }, "lead_snoozed"],
  [
    "leaves a blacklisted lead alone even for a post-booking sequence",
    { sequence: postBooking, lead: { status: "blacklisted" }, meetings: [live] },
    "lead_blacklisted",
  ],
  [
    "starts nothing in a paused workspace (R28)",
    { workspace: { paused: true }, meetings: [live] },
    "workspace_paused",
  ],
  ["starts no sequence that is switched off", { sequence: { active: false } }, "sequence_inactive"],
  ["starts no sequence without steps", { sequence: { steps: 0 } }, "sequence_empty"],
  ["enrols nobody twice", { enrolledAs: "active" }, "already_enrolled"],
  ["enrols nobody beside a pause", { enrolledAs: "paused" }, "already_enrolled"],
  ["names the meeting before the enrolment", { enrolledAs: "active", meetings: [live] }, "lead_booked"],
];

describe("decideEnrolment (R26, R28)", () => {
  test.each(CASES)("%s", (_, overrides, reason) => {
    expect(decideEnrolment(buildFacts(overrides))).toEqual(
      reason === null ? { verdict: "enrol" } : { verdict: "refuse", reason },
    );
  });
});
