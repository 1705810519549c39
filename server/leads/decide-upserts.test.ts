import { describe, expect, it } from "vitest";
import { decideUpsert, type LeadFields } from "./decide-upsert.ts";
import { decideUpserts, type KnownLeads, type LeadDraft } from "./decide-upserts.ts";

const now = new Date("2026-03-10T15:00:00Z");
const lastWeek = new Date("2026-03-03T09:00:00Z");
const yesterday = new Date("2026-03-09T09:00:00Z");

let built = 0;

function buildFields(overrides: Partial<LeadFields> = {}): LeadFields {
  const email = "maya.okafor@ridgeline.example";
  const base = decideUpsert({ before: null, input: {}, email, assignedToId: undefined, now: lastWeek });
  return { ...base, ...overrides };
}

function buildDraft(overrides: Partial<LeadFields> = {}, aliases: string[] = []): LeadDraft {
  const fields = buildFields(overrides);
  return {
    id: `lead-${++built}`,
    version: 1,
    before: fields,
    fields,
    aliases: new Set(aliases),
    addedAliases: new Set(),
    addedContacts: new Set(),
  };
}

function upsert(leads: LeadDraft[], items: unknown[], known: Partial<KnownLeads> = {}) {
  return decideUpserts({ leads, contactOwners: new Map(), members: new Map(), ...known }, items, now);
}

describe("identity", () => {
  const maya = "maya.okafor@ridgeline.example";

  it.each<[string, LeadDraft[], object, "created" | "updated" | "unchanged" | "ambiguous_email"]>([
    [
      "finds a lead by its external id",
      [buildDraft({ externalId: "c-1" })],
      { externalId: "c-1" },
      "unchanged",
    ],
    [
      "finds a lead by its e-mail in other letters",
      [buildDraft()],
      { email: maya.toUpperCase() },
      "unchanged",
    ],
    [
      "prefers the external id over the e-mail",
      [buildDraft({ externalId: "c-1", email: "m@old.example" }), buildDraft()],
      { externalId: "c-1", email: "m@old.example" },
      "unchanged",
    ],
    [
      "gives an external id to the lead that has none",
      [buildDraft()],
      { externalId: "c-1", email: maya },
      "updated",
    ],
    [
      "takes another external id for another person under the same e-mail (R13)",
      [buildDraft({ externalId: "c-1" })],
      { externalId: "c-2", email: maya },
      "created",
    ],
    [
      "refuses an e-mail that two leads have",
      [buildDraft({ externalId: "c-1" }), buildDraft({ externalId: "c-2" })],
      { email: maya },
      "ambiguous_email",
    ],
    [
      "takes one of two leads when it is named",
      [buildDraft({ externalId: "c-1" }), buildDraft({ externalId: "c-2" })],
      { externalId: "c-2", email: maya },
      "unchanged",
    ],
  ])("%s", (_, leads, item, expected) => {
    const { created, updated, unchanged, errors } = upsert(leads, [item]);
    const outcome = errors[0]?.code ?? (created ? "created" : updated ? "updated" : unchanged && "unchanged");
    expect(outcome).toBe(expected);
  });

  it("keeps the address that a lead gives up as an alias", () => {
    const lead = buildDraft({ externalId: "c-1" });
    upsert([lead], [{ externalId: "c-1", email: "maya@new.example" }]);
    expect(lead.fields.email).toBe("maya@new.example");
    expect([...lead.addedAliases]).toEqual([maya]);
  });

  it("needs an e-mail for a new lead", () => {
    expect(upsert([], [{ externalId: "c-9" }]).errors).toMatchObject([{ index: 0, code: "bad_email" }]);
  });
});

describe("items of one request", () => {
  it("ends as if a lead that is named twice had been sent twice", () => {
    const plan = upsert(
      [],
      [
        { email: "maya@ridgeline.example", firstName: "Maya" },
        { email: "MAYA@ridgeline.example", status: "qualified" },
        { email: "maya@ridgeline.example", firstName: "Maya" },
      ],
    );
    expect(plan).toMatchObject({ created: 1, updated: 1, unchanged: 1, errors: [] });
    expect(plan.drafts.map((d) => d.fields)).toMatchObject([{ firstName: "Maya", status: "qualified" }]);
  });

  it("finds an e-mail that the request itself makes ambiguous", () => {
    const plan = upsert(
      [],
      [
        { externalId: "c-1", email: "office@ridgeline.example" },
        { externalId: "c-2", email: "office@ridgeline.example" },
        { email: "office@ridgeline.example", status: "qualified" },
      ],
    );
    expect(plan).toMatchObject({ created: 2, errors: [{ index: 2, code: "ambiguous_email" }] });
  });

  it("skips a bad item and nothing else", () => {
    const plan = upsert([], [{ email: "maya" }, { email: "jonas@ridgeline.example" }]);
    expect(plan).toMatchObject({ created: 1, errors: [{ index: 0, code: "bad_email" }] });
  });

  it("changes nothing of a lead whose item is refused", () => {
    const lead = buildDraft({ externalId: "c-1" });
    const plan = upsert(
      [lead],
      [{ externalId: "c-1", firstName: "M", assignedToEmail: "who@ridgeline.example" }],
    );
    expect(plan.errors).toMatchObject([{ code: "unknown_member" }]);
    expect(lead.fields.firstName).toBeNull();
  });

  it("assigns members and only members", () => {
    const members = new Map([["setter@ridgeline.example", "user-1"]]);
    const plan = upsert([], [{ email: "a@b.example", assignedToEmail: "Setter@ridgeline.example" }], {
      members,
    });
    expect(plan.drafts[0]?.fields.assignedToId).toBe("user-1");
  });

  it("refuses a contact id that is another lead's", () => {
    const [one, two] = [buildDraft({ externalId: "c-1" }), buildDraft({ externalId: "c-2" })];
    const contactOwners = new Map([["contact-1", one.id ?? ""]]);
    const item = (externalId: string) => ({ externalId, ghlContactId: "contact-1" });
    const plan = upsert([one, two], [item("c-1"), item("c-2")], { contactOwners });
    expect(plan).toMatchObject({ unchanged: 1, errors: [{ index: 1, code: "contact_taken" }] });
  });

  it("adds aliases and takes none away", () => {
    const lead = buildDraft({ externalId: "c-1" }, ["home@ridgeline.example"]);
    const plan = upsert([lead], [{ externalId: "c-1", aliases: ["Work@ridgeline.example"] }]);
    expect(plan.updated).toBe(1);
    expect([...lead.addedAliases]).toEqual(["work@ridgeline.example"]);
  });
});

describe("words and their times (R22)", () => {
  it.each<[string, Partial<LeadFields>, object, Partial<LeadFields>]>([
    [
      "a change of sentiment takes its own time",
      { sentiment: "interested", sentimentAt: lastWeek },
      { sentiment: "meeting_booked", sentimentAt: yesterday.toISOString() },
      { sentiment: "meeting_booked", sentimentAt: yesterday },
    ],
    [
      "a change without a time is said now",
      { sentiment: "interested", sentimentAt: lastWeek },
      { sentiment: "meeting_booked" },
      { sentiment: "meeting_booked", sentimentAt: now },
    ],
    [
      "the same word sent again moves nothing",
      { sentiment: "meeting_booked", sentimentAt: lastWeek },
      { sentiment: "meeting_booked", sentimentAt: yesterday.toISOString() },
      { sentiment: "meeting_booked", sentimentAt: lastWeek },
    ],
    [
      "an older word changes nothing",
      { sentiment: "not_interested", sentimentAt: yesterday },
      { sentiment: "meeting_booked", sentimentAt: lastWeek.toISOString() },
      { sentiment: "not_interested", sentimentAt: yesterday },
    ],
    [
      "a lead about whom nothing was said takes any time",
      { createdAt: yesterday, sentimentAt: yesterday },
      { sentiment: "meeting_booked", sentimentAt: lastWeek.toISOString() },
      { sentiment: "meeting_booked", sentimentAt: lastWeek },
    ],
    [
      "a time a little ahead counts as now",
      { sentiment: "interested", sentimentAt: lastWeek },
      { sentiment: "meeting_booked", sentimentAt: "2026-03-10T15:03:00Z" },
      { sentiment: "meeting_booked", sentimentAt: now },
    ],
    [
      "a change of status is an import's, now",
      { status: "qualified", statusSource: "reconcile" },
      { status: "meeting_booked" },
      { status: "meeting_booked", statusAt: now, statusSource: "import" },
    ],
    [
      "the same status keeps its time and source",
      { status: "qualified", statusSource: "reconcile" },
      { status: "qualified" },
      { status: "qualified", statusAt: lastWeek, statusSource: "reconcile" },
    ],
    [
      "an older message leaves the last one",
      { lastMessageAt: yesterday, lastMessageDirection: "outbound" },
      { lastMessageAt: lastWeek.toISOString(), lastMessageDirection: "inbound" },
      { lastMessageAt: yesterday, lastMessageDirection: "outbound" },
    ],
    [
      "a given zone outranks a provider's",
      { timezone: "America/Chicago", timezoneSource: "calendly" },
      { timezone: "Europe/Paris" },
      { timezone: "Europe/Paris", timezoneSource: "given" },
    ],
    [
      "a provider's zone is not the customer's to clear",
      { timezone: "America/Chicago", timezoneSource: "calendly" },
      { timezone: null },
      { timezone: "America/Chicago", timezoneSource: "calendly" },
    ],
    ["what is absent stays", { phone: "+1 312 555 0142" }, {}, { phone: "+1 312 555 0142" }],
    ["null clears", { phone: "+1 312 555 0142" }, { phone: null }, { phone: null }],
  ])("%s", (_, fields, item, expected) => {
    const lead = buildDraft({ externalId: "c-1", ...fields });
    upsert([lead], [{ externalId: "c-1", ...item }]);
    expect(lead.fields).toMatchObject(expected);
  });
});
