import { beforeAll, describe, expect, it } from "vitest";
import { LeadStatus, MeetingState, Sentiment } from "#server/db/generated/enums.ts";
import { addDays, addMs, HOUR_MS } from "#server/lib/duration.ts";
import { setUpTestDatabase } from "#server/testing/database.ts";
import { buildWorkspace, TEST_NOW } from "#server/testing/factories.ts";
import { PROTECTED_STATUSES } from "./decide-transition.ts";

const test = setUpTestDatabase();

/** When this row's own conversation and status last changed; which of the two is the claim depends on the row. */
const SENTIMENT_AT = addDays(TEST_NOW, -4);
const STATUS_AT = addDays(TEST_NOW, -8);

type Check = "never" | "before the claim" | "with the claim" | "after the claim";
type Loss = "before the claim" | "with the claim" | "after the claim";

type Situation = { state: MeetingState; status: LeadStatus; sentiment: Sentiment; check: Check; loss: Loss };
type Verdict = { kind: number | null; unverified: boolean };

const CHECKS: Check[] = ["never", "before the claim", "with the claim", "after the claim"];
const LOSSES: Loss[] = ["before the claim", "with the claim", "after the claim"];
const LOST_STATES: MeetingState[] = ["canceled", "no_show", "vanished"];

const PRODUCT: Situation[] = Object.values(MeetingState).flatMap((state) =>
  Object.values(LeadStatus).flatMap((status) =>
    Object.values(Sentiment).flatMap((sentiment) =>
      CHECKS.flatMap((check) => LOSSES.map((loss) => ({ state, status, sentiment, check, loss }))),
    ),
  ),
);

/** R22: the claim is the conversation's, with its own time; else the status says so. */
function claimAtOf({ status, sentiment }: Situation): Date | null {
  if (sentiment === "meeting_booked") return SENTIMENT_AT;
  return status === "meeting_booked" ? STATUS_AT : null;
}

/** The words of R21, one line each, first true wins. */
function verdictOf(s: Situation): Verdict {
  const isClaimed = s.sentiment === "meeting_booked" || s.status === "meeting_booked";
  const isLost = s.state === "canceled" || s.state === "no_show";
  const isContradicted = isClaimed && (s.state === "none" || (isLost && s.loss === "before the claim"));
  const isChecked = s.check === "after the claim";
  const kind = (() => {
    if (s.state === "vanished" && s.status === "meeting_booked") return 4;
    if (isLost && s.status === "meeting_booked") return 3;
    if (isContradicted && isChecked) return 1;
    if ((s.state === "booked" || s.state === "held") && s.status !== "meeting_booked") return 2;
    return null;
  })();
  return { kind, unverified: kind === null && isContradicted && !isChecked };
}

const around = (claimAt: Date, word: Check | Loss): Date | null => {
  if (word === "never") return null;
  if (word === "before the claim") return addMs(claimAt, -HOUR_MS);
  return word === "with the claim" ? claimAt : addMs(claimAt, HOUR_MS);
};

let rows: { situation: Situation; kind: number | null; unverified: boolean | null; since: Date | null }[] =
  [];

beforeAll(async () => {
  const { id: workspaceId } = await buildWorkspace(test.db);
  await test.db.lead.createMany({
    data: PRODUCT.map((situation, n) => {
      const claimAt = claimAtOf(situation) ?? SENTIMENT_AT;
      return {
        workspaceId,
        externalId: String(n),
        email: `lead${n}@ridgeline.example`,
        status: situation.status,
        statusAt: STATUS_AT,
        sentiment: situation.sentiment,
        sentimentAt: SENTIMENT_AT,
        meetingState: situation.state,
        meetingChangedAt: TEST_NOW,
        lostAt: LOST_STATES.includes(situation.state) ? around(claimAt, situation.loss) : null,
        claimCheckedAt: around(claimAt, situation.check),
        createdAt: TEST_NOW,
        updatedAt: TEST_NOW,
      };
    }),
  });
  const leads = await test.db.lead.findMany({
    where: { workspaceId },
    select: { externalId: true, mismatchKind: true, claimUnverified: true, mismatchSince: true },
  });
  rows = leads.flatMap((lead) => {
    const situation = PRODUCT[Number(lead.externalId)];
    if (!situation) return [];
    return [
      {
        situation,
        kind: lead.mismatchKind,
        unverified: lead.claimUnverified,
        since: lead.mismatchSince,
      },
    ];
  });
}, 120_000);

const where = (given: Partial<Situation>) =>
  rows.filter(({ situation }) =>
    Object.entries(given).every(([key, value]) => situation[key as keyof Situation] === value),
  );

describe("the mismatch of a lead (R21, R22)", () => {
  it("follows the rule in every combination of state, status, sentiment, check and loss", () => {
    expect(rows).toHaveLength(PRODUCT.length);
    const wrong = rows.filter(({ situation, kind, unverified }) => {
      const expected = verdictOf(situation);
      return kind !== expected.kind || unverified !== expected.unverified;
    });
    expect(wrong.slice(0, 5)).toEqual([]);
  });

  // The same again by hand, so that the rule above is not believed on its own word.
  const BY_HAND: {
    sentence: string;
    given: Partial<Situation>;
    kind: number | null;
    unverified?: boolean;
  }[] = [
    {
      sentence: "says booked, nothing found, checked since",
      given: { state: "none", sentiment: "meeting_booked", status: "new", check: "after the claim" },
      kind: 1,
    },
    {
      sentence: "a status alone is a claim too",
      given: { state: "none", sentiment: "neutral", status: "meeting_booked", check: "after the claim" },
      kind: 1,
    },
    {
      sentence: "not checked yet is unknown, not a mismatch",
      given: { state: "none", sentiment: "meeting_booked", check: "never" },
      kind: null,
      unverified: true,
    },
    {
      sentence: "a check of the very moment of the claim is no later one",
      given: { state: "none", sentiment: "meeting_booked", check: "with the claim" },
      kind: null,
      unverified: true,
    },
    {
      sentence: "says booked again after the cancellation",
      given: {
        state: "canceled",
        sentiment: "meeting_booked",
        status: "qualified",
        loss: "before the claim",
        check: "after the claim",
      },
      kind: 1,
    },
    {
      sentence: "said booked, then it was canceled: the evidence has answered",
      given: { state: "canceled", sentiment: "meeting_booked", status: "qualified", loss: "after the claim" },
      kind: null,
      unverified: false,
    },
    {
      sentence: "canceled, still booked by status, checked or not",
      given: { state: "canceled", status: "meeting_booked" },
      kind: 3,
      unverified: false,
    },
    {
      sentence: "missed, still booked by status",
      given: { state: "no_show", status: "meeting_booked" },
      kind: 3,
    },
    {
      sentence: "vanished, still booked by status",
      given: { state: "vanished", status: "meeting_booked" },
      kind: 4,
    },
    {
      sentence: "vanished, said booked, but the status does not say so",
      given: { state: "vanished", sentiment: "meeting_booked", status: "qualified" },
      kind: null,
    },
    {
      sentence: "a meeting, and the status says otherwise",
      given: { state: "booked", status: "qualified" },
      kind: 2,
    },
    {
      sentence: "a meeting held, and the status says otherwise",
      given: { state: "held", status: "new" },
      kind: 2,
    },
    {
      sentence: "a meeting, and the status says so",
      given: { state: "booked", status: "meeting_booked" },
      kind: null,
    },
    {
      sentence: "neither claim nor meeting",
      given: { state: "none", sentiment: "interested", status: "qualified" },
      kind: null,
      unverified: false,
    },
    ...PROTECTED_STATUSES.map((status) => ({
      sentence: `${status} is included (R14, R21)`,
      given: { state: "booked" as const, status },
      kind: 2,
    })),
  ];

  it.each(BY_HAND)("$sentence", ({ given, kind, unverified }) => {
    const found = where(given);
    expect(found.length).toBeGreaterThan(0);
    expect(new Set(found.map((row) => row.kind))).toEqual(new Set([kind]));
    if (unverified !== undefined) {
      expect(new Set(found.map((row) => row.unverified))).toEqual(new Set([unverified]));
    }
  });

  it("has a since exactly where there is a kind", () => {
    expect(rows.filter((row) => (row.kind === null) !== (row.since === null))).toEqual([]);
  });

  it("dates from the claim, the loss, or the change of state that made it", () => {
    const sinceOf = (given: Partial<Situation>) => where(given)[0]?.since;
    const claim = { state: "none", check: "after the claim" } as const;
    expect(sinceOf({ ...claim, sentiment: "meeting_booked" })).toEqual(SENTIMENT_AT);
    expect(sinceOf({ ...claim, sentiment: "neutral", status: "meeting_booked" })).toEqual(STATUS_AT);
    expect(sinceOf({ state: "booked", status: "new" })).toEqual(TEST_NOW);
    expect(
      sinceOf({ state: "canceled", status: "meeting_booked", sentiment: "neutral", loss: "after the claim" }),
    ).toEqual(addMs(STATUS_AT, HOUR_MS));
  });
});
