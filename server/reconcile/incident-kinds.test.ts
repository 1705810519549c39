import { describe, expect, it, test } from "vitest";
import { describeIncident, INCIDENT_KINDS, type IncidentFacts, type IncidentKind } from "./incident-kinds.ts";

type Sighting = [kind: IncidentKind, cause: string, facts: IncidentFacts, what: string];

/** Each kind as it is raised, with every cause that its words tell apart. */
const SIGHTINGS: Sighting[] = [
  [
    "suspicious_drop",
    "missing_from_list",
    { known: 415, missing: 412 },
    "Calendly listed 3 of 415 meetings that we know.",
  ],
  [
    "connection_failing",
    "provider_unauthorized",
    { failures: 2 },
    "2 sweeps in a row failed: the token was refused.",
  ],
  ["connection_failing", "provider_unavailable", { failures: 12 }, "12 sweeps in a row failed: no answer."],
  [
    "dead_feed",
    "webhook_gone",
    {},
    "Somebody deleted the webhook at Calendly: nothing was delivered for a while.",
  ],
  [
    "dead_feed",
    "webhook_disabled",
    {},
    "Calendly turned the webhook off: nothing was delivered for a while.",
  ],
  ["dead_feed", "receiver_down", {}, "This server was down: nothing was delivered for a while."],
  ["refused_deliveries", "wrong", { refused: 4 }, "4 deliveries refused within an hour: wrong signature."],
  ["refused_deliveries", "no_secret", { refused: 3 }, "3 deliveries refused within an hour: no secret."],
  ["stray_enrolment", "ran_beside_meeting", { strays: 1 }, "1 sequence ran for leads that have a meeting."],
  [
    "schema_drift",
    "unreadable_records",
    { records: 2, faults: ["start_time: invalid_format"] },
    "2 records of Calendly could not be read. Fields: start_time: invalid_format.",
  ],
  [
    "schema_drift",
    "unknown_words",
    { records: 1 },
    "Calendly used a status that we do not know for 1 meeting.",
  ],
  [
    "unreadable_answer",
    "schema",
    { keys: ["data"] },
    "Calendly answered in a form that we do not know. It held: data.",
  ],
  ["unreadable_answer", "not_json", {}, "Calendly answered with something that is no data."],
  ["page_token_repeated", "repeated_token", {}, "Calendly gave the same page of its list twice."],
  [
    "backlog_late",
    "waits_for_worker",
    { jobs: 3, ageSeconds: 420 },
    "3 jobs for this connection wait, the oldest for 7 minutes.",
  ],
  [
    "clock_skew",
    "clock_ahead",
    { skewSeconds: 45 },
    "This server’s clock is 45 seconds ahead of Calendly’s.",
  ],
  [
    "clock_skew",
    "clock_behind",
    { skewSeconds: -31 },
    "This server’s clock is 31 seconds behind Calendly’s.",
  ],
  [
    "daily_budget",
    "reserve_reached",
    { used: 160_000, limit: 200_000 },
    "160,000 of 200,000 calls that Calendly allows a day are used.",
  ],
];

const describeSighting = ([kind, cause, facts]: Sighting) =>
  describeIncident({ kind, cause, action: INCIDENT_KINDS[kind].action, facts, provider: "calendly" });

describe("every kind of incident", () => {
  test.each(SIGHTINGS)("%s, %s: says what was seen", (...sighting) => {
    expect(describeSighting(sighting).what).toBe(sighting[3]);
  });

  it("says what it means and what to do, as everything here is said", () => {
    for (const sighting of SIGHTINGS) {
      const { what, action } = describeSighting(sighting);
      for (const sentence of [what, action]) {
        expect(sentence).toMatch(/^[A-Z0-9].*\.$/);
        expect(sentence).not.toMatch(
          /please|sorry|oops|invalid_?$|success|went wrong|N\/A|!|undefined|NaN|cancelled/i,
        );
      }
    }
  });

  it("has words that were tried", () => {
    const tried = SIGHTINGS.map(([kind]) => kind);
    expect([...new Set(tried)].sort()).toEqual(Object.keys(INCIDENT_KINDS).sort());
  });
});

it("names what another version had opened, and leaves it at that", () => {
  const words = describeIncident({
    kind: "moon_phase",
    cause: "full",
    action: "howl",
    facts: {},
    provider: null,
  });
  expect(words.what).toBe("moon_phase: full.");
});

it("sends whoever has refused deliveries to where the key is", () => {
  const advise = (cause: string, action: string) =>
    describeIncident({
      kind: "refused_deliveries",
      cause,
      action,
      facts: { refused: 3 },
      provider: "highlevel",
    }).action;
  expect(advise("wrong", "check_public_key")).toContain("HIGHLEVEL_WEBHOOK_PUBLIC_KEY");
  expect(advise("wrong", "rotate_key")).toContain("create a new key");
  expect(advise("wrong_secret", "rotate_key")).toContain("paste the secret");
});
