import { addCalendlyAccount } from "./calendly-account.ts";
import { emailOf } from "./demo-people.ts";
import { openSandbox } from "./sandbox.ts";
import { openServerApi } from "./server-api.ts";
import type { World } from "./start-world.ts";

const DAY_MS = 24 * 60 * 60_000;
const HOUR_MS = 60 * 60_000;

/** Over a year ago: no sweep looks there, so what is known of these days comes from a backfill alone. */
const LAST_DAY_MS = Math.floor(Date.now() / DAY_MS) * DAY_MS - 400 * DAY_MS;
const HISTORY_DAYS = 30;
const dayText = (ms: number) => new Date(ms).toISOString().slice(0, 10);

export type History = { slug: string; firstDay: string; lastDay: string };

/** A workspace whose Calendly knows of so many meetings of as many leads, long before anybody looked. */
export async function addHistory(
  world: World,
  { meetings, name, suffix }: { meetings: number; name: string; suffix?: string },
): Promise<History> {
  const sandbox = openSandbox(world.sandboxUrl);
  const api = openServerApi(world.url, world.adminKey);
  const { organization, eventType, token } = await addCalendlyAccount(sandbox);
  const { slug } = await api.addWorkspace(
    { name, userEmail: emailOf("owner"), calendlyAccessToken: token },
    suffix,
  );
  const people = Array.from({ length: meetings }, (_, at) => ({
    name: `Guest ${at}`,
    email: `guest-${at}@history.example`,
  }));
  await api.call(slug, "POST", "leads", { leads: people.map(({ email }) => ({ email })) });
  await sandbox.control(
    "POST",
    "/calendly/bulk-book",
    people.map((invitee, at) => {
      const startMs =
        LAST_DAY_MS - (at % HISTORY_DAYS) * DAY_MS + (8 + Math.floor(at / HISTORY_DAYS)) * HOUR_MS;
      return { organization, eventType, invitee, start: new Date(startMs).toISOString() };
    }),
  );
  return {
    slug,
    firstDay: dayText(LAST_DAY_MS - (HISTORY_DAYS - 1) * DAY_MS),
    lastDay: dayText(LAST_DAY_MS),
  };
}

/** Time to look on while a run runs. Faults live in memory: a kill ends them. */
export async function slowDownCalendly(world: World, latencyMs: number): Promise<void> {
  await openSandbox(world.sandboxUrl).control("POST", "/faults", {
    provider: "calendly",
    kind: "latency",
    latencyMs,
    match: { path: "/scheduled_events" },
  });
}
