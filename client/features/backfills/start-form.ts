import { formatSpan } from "#client/lib/time-text.ts";
import type { Provider } from "#client/lib/trpc.ts";
import { PROVIDERS } from "#client/lib/vocabulary.ts";
import type { RunEstimate, RunSource } from "./run.ts";
import { writeCount, writeMeetings } from "./run-text.ts";

export const PRESETS = [7, 30, 90] as const;
export type Preset = (typeof PRESETS)[number];

/** What the form holds. `lastDay` is part of the range; days are UTC, as slices are. */
export type StartForm = {
  /** An id, or `all`: every workspace in sight. */
  workspaceId: string;
  source: "all" | Provider;
  /** By calendar, or lead by lead. */
  way: "sweep" | "lookup";
  evidenceOnly: boolean;
  preset: Preset | "custom";
  firstDay: string;
  lastDay: string;
  mode: "dry" | "run";
  note: string;
};

export const EVERY_WORKSPACE = "all";
const DAY_MS = 86_400_000;

export function toDay(atMs: number): string {
  return new Date(atMs).toISOString().slice(0, 10);
}

/** The last so many days, today included. */
export function rangeOfPreset(preset: Preset, nowMs: number): { firstDay: string; lastDay: string } {
  return { firstDay: toDay(nowMs - (preset - 1) * DAY_MS), lastDay: toDay(nowMs) };
}

/** Thirty days of everything, for real: one press starts what most people want. `given` comes from a gap. */
export function createForm(
  nowMs: number,
  given: { from?: string | undefined; to?: string | undefined } = {},
): StartForm {
  const base = {
    workspaceId: EVERY_WORKSPACE,
    source: "all",
    way: "sweep",
    evidenceOnly: false,
    mode: "run",
    note: "",
  } as const;
  if (given.from && given.to && given.from < given.to) {
    const lastDay = toDay(Date.parse(given.to) - DAY_MS);
    return { ...base, preset: "custom", firstDay: given.from, lastDay };
  }
  return { ...base, preset: 30, ...rangeOfPreset(30, nowMs) };
}

export type StartTarget = {
  providers: Provider[];
  from: string;
  to: string;
  mode: StartForm["way"];
  workspaceIds?: string[];
};

/** What the server is asked for; null while the form makes no sense. `to` is the day after the last. */
export function targetOf(form: StartForm, connected: readonly Provider[]): StartTarget | null {
  const providers = form.source === "all" ? [...connected] : [form.source];
  const lastMs = Date.parse(form.lastDay);
  if (providers.length === 0 || Number.isNaN(Date.parse(form.firstDay)) || Number.isNaN(lastMs)) return null;
  if (form.firstDay > form.lastDay) return null;
  return {
    providers,
    from: form.firstDay,
    to: toDay(lastMs + DAY_MS),
    mode: form.way,
    ...(form.workspaceId === EVERY_WORKSPACE ? {} : { workspaceIds: [form.workspaceId] }),
  };
}

/** Providers that the chosen workspaces are connected to. */
export function connectedProviders(sources: readonly RunSource[], workspaceId: string): Provider[] {
  const chosen = sources.filter(({ id }) => workspaceId === EVERY_WORKSPACE || id === workspaceId);
  return [
    ...new Set(chosen.flatMap(({ connections }) => connections.map(({ provider }) => provider))),
  ].sort();
}

/** `About 14,200 meetings · 22–31 min · uses 38% of Calendly’s limit meanwhile.` */
export function writeEstimate({ estimate, connections }: RunEstimate): string {
  const unreachable = connections.filter(({ isReachable }) => !isReachable);
  const size = writeSize(estimate);
  const share = estimate.limitProvider
    ? ` · uses ${Math.max(1, Math.round(estimate.limitShare * 100))}% of ${PROVIDERS[estimate.limitProvider].label}’s limit meanwhile`
    : "";
  const trouble =
    unreachable.length === 0
      ? ""
      : ` ${[...new Set(unreachable.map(({ provider }) => PROVIDERS[provider].label))].join(" and ")} could not be asked just now.`;
  return `${size} · ${writeMinutes(estimate)}${share}.${trouble}`;
}

function writeSize({ meetings, leads }: RunEstimate["estimate"]): string {
  if (leads !== null) return `${writeCount(leads)} ${leads === 1 ? "lead" : "leads"}`;
  return meetings === null ? "Number of meetings unknown" : `About ${writeMeetings(meetings)}`;
}

/** `About 1,100 calls by calendar, 12,000 lead by lead.` */
export function writeCalls({ calls }: RunEstimate): string {
  return `About ${writeCount(calls.sweep)} ${calls.sweep === 1 ? "call" : "calls"} by calendar, ${writeCount(calls.lookup)} lead by lead.`;
}

function writeMinutes({ minutesLow, minutesHigh }: RunEstimate["estimate"]): string {
  if (minutesHigh <= 1) return "about a minute";
  if (minutesLow === minutesHigh) return `about ${formatSpan(minutesLow * 60_000)}`;
  if (minutesHigh < 60) return `${minutesLow}–${minutesHigh} min`;
  return `${formatSpan(minutesLow * 60_000)} – ${formatSpan(minutesHigh * 60_000)}`;
}

/** The button always carries the number. */
export function writeStartButton(mode: StartForm["mode"], estimate: RunEstimate | undefined): string {
  const verb = mode === "dry" ? "Start dry run" : "Start backfill";
  const leads = estimate?.estimate.leads ?? null;
  if (leads !== null) return `${verb} of ${writeCount(leads)} ${leads === 1 ? "lead" : "leads"}`;
  const meetings = estimate?.estimate.meetings ?? null;
  if (meetings === null) return verb;
  return meetings === 0
    ? `${verb} of ${writeCount(estimate?.slices ?? 0)} days`
    : `${verb} of ~${writeMeetings(meetings)}`;
}
