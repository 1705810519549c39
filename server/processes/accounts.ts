import { systemClock } from "#server/lib/clock.ts";
import { addDays, addMs, MINUTE_MS, startOfUtcDay } from "#server/lib/duration.ts";

// biome-ignore lint/suspicious/noExplicitAny: a test reads a few fields of many different answers
export type Control = (path: string, body?: unknown) => Promise<any>;

/** Workspaces of the world, and what each of them is connected to. */
export const ACCOUNTS = [
  { name: "North", calendly: true, highlevel: false },
  { name: "East", calendly: false, highlevel: true },
  { name: "West", calendly: true, highlevel: true },
] as const;

export type AccountName = (typeof ACCOUNTS)[number]["name"];

export type Account = {
  name: AccountName;
  calendlyToken: string | null;
  highlevel: { locationId: string; token: string } | null;
  /** Does in this account what people do while everything else goes on; each meeting meets with one thing. */
  act(): Promise<void>;
  /** One more meeting, announced by webhook; null where none are sent. */
  bookOneMore: (() => Promise<void>) | null;
};

/** How many leads there are of each kind in every account. */
const CALENDLY_PEOPLE = 20;
const HIGHLEVEL_PEOPLE = 14;
const NEWCOMERS = 3;

/** Everybody whose meetings are in an account, those who book only later included. */
export function emailsOf(name: AccountName): string[] {
  const { calendly, highlevel } = ACCOUNTS.find((account) => account.name === name) ?? ACCOUNTS[0];
  return [
    ...(calendly ? addresses(name, "c", CALENDLY_PEOPLE + NEWCOMERS) : []),
    ...(highlevel ? addresses(name, "h", HIGHLEVEL_PEOPLE + NEWCOMERS) : []),
  ];
}

function addresses(name: AccountName, kind: string, count: number): string[] {
  return Array.from({ length: count }, (_, at) => `${kind}${at}@${name.toLowerCase()}.example`);
}

/** The same accounts with the same people each time, in a sandbox of one's own. */
export async function createAccounts(control: Control): Promise<Account[]> {
  return Promise.all(
    ACCOUNTS.map(async ({ name, calendly, highlevel }) => {
      const atCalendly = calendly ? await createCalendly(control, name) : null;
      const atHighlevel = highlevel ? await createHighlevel(control, name) : null;
      return {
        name,
        calendlyToken: atCalendly?.token ?? null,
        highlevel: atHighlevel && { locationId: atHighlevel.locationId, token: atHighlevel.token },
        async act() {
          await atCalendly?.act();
          await atHighlevel?.act();
        },
        bookOneMore: atCalendly?.bookOneMore ?? null,
      };
    }),
  );
}

/** A day's half hours, so that nobody sits in two meetings at once. */
function startOf(person: number, day: number): string {
  return addMs(
    addDays(startOfUtcDay(systemClock.now()), day),
    9 * 60 * MINUTE_MS + (person % 20) * 30 * MINUTE_MS,
  ).toISOString();
}

async function createCalendly(control: Control, name: AccountName) {
  const { organization, users, eventTypes } = await control("/calendly/organizations", {
    name,
    users: [{ name: "Dana Ruiz", email: `owner@${name.toLowerCase()}.example` }],
    eventTypes: [{ name: "Intro call" }],
  });
  const emails = addresses(name, "c", CALENDLY_PEOPLE + NEWCOMERS);
  const booking = (at: number, day: number) => ({
    organization: organization.id,
    eventType: eventTypes[0].id,
    start: startOf(at, day),
    invitee: { email: emails[at], name: `Guest ${at}` },
  });
  const { booked } = await control(
    "/calendly/bulk-book",
    // The last four have been: they may turn out not to have come.
    Array.from({ length: CALENDLY_PEOPLE }, (_, at) => ({
      ...booking(at, at < CALENDLY_PEOPLE - 4 ? 1 + (at % 6) : -1),
      at: addDays(systemClock.now(), -3).toISOString(),
    })),
  );
  const invitee = (at: number): string => booked[at].inviteeId;
  return {
    token: users[0].token as string,
    bookOneMore: () => control("/calendly/book", booking(10, 7)),
    async act() {
      for (let at = 0; at < 5; at++)
        await control("/calendly/cancel", { invitee: invitee(at), reason: "Ill" });
      for (let at = 6; at < 9; at++)
        await control("/calendly/reschedule", { invitee: invitee(at), start: startOf(at, 9) });
      for (let at = 18; at < 20; at++) await control("/calendly/no-show", { invitee: invitee(at) });
      for (let at = CALENDLY_PEOPLE; at < CALENDLY_PEOPLE + NEWCOMERS; at++)
        await control("/calendly/book", booking(at, 5));
    },
  };
}

async function createHighlevel(control: Control, name: AccountName) {
  const emails = addresses(name, "h", HIGHLEVEL_PEOPLE + NEWCOMERS);
  const location = await control("/highlevel/locations", {
    name,
    users: [{ name: "Dana Ruiz", email: `agent@${name.toLowerCase()}.example` }],
    calendars: [{ name: "Intro call" }],
    contacts: emails.map((email, at) => ({ firstName: "Guest", lastName: String(at), email })),
  });
  const booking = (at: number, day: number) => ({
    location: location.location.id,
    calendar: location.calendars[0].id,
    contact: location.contacts[at].id,
    start: startOf(at, day),
  });
  const { booked } = await control(
    "/highlevel/bulk-book",
    Array.from({ length: HIGHLEVEL_PEOPLE }, (_, at) => booking(at, 1 + (at % 6))),
  );
  return {
    locationId: location.location.id as string,
    token: location.token as string,
    async act() {
      for (let at = 0; at < 4; at++)
        await control("/highlevel/update", { id: booked[at].id, status: "cancelled" });
      for (let at = 4; at < 7; at++)
        await control("/highlevel/update", { id: booked[at].id, start: startOf(at, 10) });
      for (let at = HIGHLEVEL_PEOPLE; at < HIGHLEVEL_PEOPLE + NEWCOMERS; at++)
        await control("/highlevel/book", booking(at, 5));
    },
  };
}
