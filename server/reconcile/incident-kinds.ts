/** Where an incident is shown, beside the engine room. */
export type IncidentScreen = "connections" | "leads";

export type IncidentKind =
  | "suspicious_drop"
  | "connection_failing"
  | "dead_feed"
  | "refused_deliveries"
  | "stray_enrolment"
  | "schema_drift"
  | "unreadable_answer"
  | "page_token_repeated"
  | "backlog_late"
  | "clock_skew"
  | "daily_budget";

/** What a sighting keeps: counts, instants and the names of fields, never a value of a person or a provider. */
export type IncidentFacts = Record<string, unknown>;

export type IncidentWords = {
  /** What was seen, with its cause. */
  what: string;
  /** What it means and what to do. */
  action: string;
};

type Sighting = { cause: string; action: string; facts: IncidentFacts; provider: string };

type KindRule = {
  screen: IncidentScreen;
  /** The stable word of what is to be done. */
  action: string;
  describe(sighting: Sighting): IncidentWords;
};

/**
 * Every kind of incident there is: the screen that owns it and its words, so that screens, programs and metrics speak of
 * the same thing.
 */
export const INCIDENT_KINDS: Record<IncidentKind, KindRule> = {
  suspicious_drop: {
    screen: "connections",
    action: "look_at_calendar",
    describe: ({ facts, provider }) => ({
      what: `${provider} listed ${number(facts.known) - number(facts.missing)} of ${meetings(number(facts.known))} that we know.`,
      action:
        "Nothing was counted as lost. Check that the token still sees everyone and that no calendar was removed. If they are really gone, say so.",
    }),
  },
  connection_failing: {
    screen: "connections",
    action: "wait_or_reconnect",
    describe: ({ cause, facts, provider }) => ({
      what: `${number(facts.failures)} sweeps in a row failed: ${failureWords(cause, provider)}.`,
      action:
        cause === "provider_unauthorized" || cause === "provider_scope"
          ? "Bookings of this time may be missing. Paste a new token under Token and key."
          : "Bookings of this time may be missing until one succeeds. It is tried again by itself.",
    }),
  },
  dead_feed: {
    screen: "connections",
    action: "read_gap",
    describe: ({ cause, provider }) => ({
      what: `${silenceWords(cause, provider)}: nothing was delivered for a while.`,
      action:
        cause === "receiver_down"
          ? "A backfill reads what happened meanwhile."
          : "It was created anew, and a backfill reads what happened meanwhile.",
    }),
  },
  refused_deliveries: {
    screen: "connections",
    action: "rotate_key",
    describe: ({ cause, action, facts, provider }) => ({
      what: `${counted(number(facts.refused), "delivery", "deliveries")} refused within an hour: ${isRefusal(cause) ? REFUSALS[cause] : cause}.`,
      action: `Nothing of them was believed. ${keyWords(cause, action, provider)}`,
    }),
  },
  stray_enrolment: {
    screen: "leads",
    action: "find_enroller",
    describe: ({ facts }) => ({
      what: `${counted(number(facts.strays), "sequence", "sequences")} ran for leads that have a meeting.`,
      action:
        "They were completed, so that nobody is courted who has booked. Find what enrolled them: a program, a change by hand, or a backfill that was to leave sequences alone.",
    }),
  },
  schema_drift: {
    screen: "connections",
    action: "look_at_records",
    describe: ({ cause, facts, provider }) => ({
      what:
        cause === "unknown_words"
          ? `${provider} used a status that we do not know for ${meetings(number(facts.records))}.`
          : `${counted(number(facts.records), "record", "records")} of ${provider} could not be read.${listed("Fields", facts.faults)}`,
      action:
        cause === "unknown_words"
          ? "They count as confirmed and are marked as not recognized. Check them at the provider."
          : "They were left out and everything else was read. Look for them at the provider; a newer version of Bookproof may read them.",
    }),
  },
  unreadable_answer: {
    screen: "connections",
    action: "wait_or_upgrade",
    describe: ({ cause, facts, provider }) => ({
      what:
        cause === "schema"
          ? `${provider} answered in a form that we do not know.${listed("It held", facts.keys)}`
          : `${provider} answered with something that is no data.`,
      action:
        "Nothing was changed and nothing counted as lost. It is asked again by itself; if this goes on, look for a newer version of Bookproof.",
    }),
  },
  page_token_repeated: {
    screen: "connections",
    action: "wait",
    describe: ({ provider }) => ({
      what: `${provider} gave the same page of its list twice.`,
      action: "Nothing was counted as lost. The next sweep starts from the first page again.",
    }),
  },
  backlog_late: {
    screen: "connections",
    action: "add_worker",
    describe: ({ facts }) => ({
      what: `${counted(number(facts.jobs), "job", "jobs")} for this connection ${number(facts.jobs) === 1 ? "waits" : "wait"}, the oldest for ${counted(Math.round(number(facts.ageSeconds) / 60), "minute", "minutes")}.`,
      action:
        "Bookings arrive late, and none is lost. Start another worker, or restart one that hangs; backfills make room by themselves.",
    }),
  },
  clock_skew: {
    screen: "connections",
    action: "set_clock",
    describe: ({ facts, provider }) => ({
      what: `This server’s clock is ${counted(Math.abs(number(facts.skewSeconds)), "second", "seconds")} ${number(facts.skewSeconds) > 0 ? "ahead of" : "behind"} ${provider}’s.`,
      action: "Set it by a time service: signatures and the order of changes rely on it.",
    }),
  },
  daily_budget: {
    screen: "connections",
    action: "wait",
    describe: ({ facts, provider }) => ({
      what: `${number(facts.used).toLocaleString("en-US")} of ${number(facts.limit).toLocaleString("en-US")} calls that ${provider} allows a day are used.`,
      action:
        "Backfills rest until the count starts anew; webhooks and people’s own lookups go on as long as any are left.",
    }),
  },
};

const REFUSALS = {
  missing: "no signature",
  wrong: "wrong signature",
  stale: "signature over a day old",
  future: "signature from the future",
  no_key: "no key",
  foreign_organization: "another organization",
  foreign_location: "another location",
  no_secret: "no secret",
  wrong_secret: "wrong secret",
} as const;

/** Why a delivery is refused, in words. The console's list of deliveries compiles only with the same ones. */
export type RefusalWords = typeof REFUSALS;

const FAILURES: Record<string, string> = {
  provider_unauthorized: "the token was refused",
  provider_scope: "the token may not do this",
  provider_unavailable: "no answer",
  provider_unexpected: "an answer that we do not know",
  provider_not_found: "the account was not found",
};

function isRefusal(cause: string): cause is keyof RefusalWords {
  return Object.hasOwn(REFUSALS, cause);
}

export function isIncidentKind(kind: string): kind is IncidentKind {
  return Object.hasOwn(INCIDENT_KINDS, kind);
}

/** What an operator reads of an incident; `provider` is null where it is about no account. */
export function describeIncident(incident: {
  kind: string;
  cause: string;
  action: string;
  facts: IncidentFacts;
  provider: "calendly" | "highlevel" | null;
}): IncidentWords {
  const { kind, cause, action, facts } = incident;
  const provider =
    incident.provider === null
      ? "The provider"
      : { calendly: "Calendly", highlevel: "HighLevel" }[incident.provider];
  if (isIncidentKind(kind)) return INCIDENT_KINDS[kind].describe({ cause, action, facts, provider });
  return { what: `${kind}: ${cause}.`, action: "Kept from another version of Bookproof." };
}

function silenceWords(cause: string, provider: string): string {
  if (cause === "receiver_down") return "This server was down";
  return cause === "webhook_gone"
    ? `Somebody deleted the webhook at ${provider}`
    : `${provider} turned the webhook off`;
}

function failureWords(cause: string, provider: string): string {
  return FAILURES[cause] ?? `${provider} said ${cause}`;
}

function keyWords(cause: string, action: string, provider: string): string {
  if (cause === "wrong_secret" || cause === "no_secret") {
    return "If they are a workflow’s of yours, paste the secret into it, or create a new one under Token and key.";
  }
  return action === "check_public_key"
    ? `If they are ${provider}’s, its key has changed: set HIGHLEVEL_WEBHOOK_PUBLIC_KEY to the new one, both while it changes.`
    : `If they are ${provider}’s, create a new key under Token and key.`;
}

function number(value: unknown): number {
  return typeof value === "number" ? value : 0;
}

function counted(count: number, one: string, many: string): string {
  return `${count.toLocaleString("en-US")} ${count === 1 ? one : many}`;
}

function meetings(count: number): string {
  return counted(count, "meeting", "meetings");
}

/** Names of fields as a sentence's end; nothing where there are none. */
function listed(before: string, names: unknown): string {
  const known = Array.isArray(names) ? names.filter((name) => typeof name === "string") : [];
  return known.length === 0 ? "" : ` ${before}: ${known.slice(0, 6).join(", ")}.`;
}
