import { formatDate, formatMoment, formatSpan } from "#client/lib/time-text.ts";
import { PROVIDERS } from "#client/lib/vocabulary.ts";
import { isEnded, type Run, type RunRow } from "./run.ts";

/** The words of a run. Pure: the run, the moment and the reader's zone come in, sentences come out. */

const DAY_MS = 86_400_000;
/** As long as a living worker may be silent. */
const SILENCE_MS = 15_000;
const FORCE_AFTER_MS = 30_000;

export function writeCount(count: number): string {
  return count.toLocaleString("en-US");
}

export function writeMeetings(count: number): string {
  return `${writeCount(count)} ${count === 1 ? "meeting" : "meetings"}`;
}

/** What a run counts: meetings of calendars, or the leads that it looks up. */
export function writeUnits({ mode }: Pick<RunRow, "mode">, count: number): string {
  if (mode === "sweep") return writeMeetings(count);
  return `${writeCount(count)} ${count === 1 ? "lead" : "leads"}`;
}

export function addDays(day: string, days: number): string {
  return new Date(Date.parse(day) + days * DAY_MS).toISOString();
}

/** `Jan 1 – Mar 31`; `to` is the day after the last one. Days are UTC, as slices are. */
export function writeRange({ from, to }: { from: string; to: string }, nowMs: number): string {
  const first = Date.parse(from);
  const last = Date.parse(to) - DAY_MS;
  const text = (atMs: number) => formatDate(atMs, nowMs, "UTC");
  if (first >= last) return text(first);
  const [, year = ""] = /(, \d{4})$/.exec(text(last)) ?? [];
  const start = text(first);
  return `${year !== "" && start.endsWith(year) ? start.slice(0, -year.length) : start} – ${text(last)}`;
}

/** `Calendly meetings`, `Calendly and HighLevel meetings`, `Leads at Calendly`. */
export function writeSource({ mode, providers }: Pick<RunRow, "mode" | "providers">): string {
  const names = providers.map((provider) => PROVIDERS[provider].label).join(" and ");
  return mode === "lookup" ? `Leads at ${names}` : `${names} meetings`;
}

/** `40–55 s left`, `10–14 min left`, `1 h 5 min – 1 h 30 min left`; empty while there is nothing to say. */
export function writeEta(eta: RunRow["progress"]["eta"]): string {
  if (eta.kind === "none") return "";
  if (eta.kind === "recalculating") return "recalculating";
  const low = formatSpan(eta.lowSeconds * 1_000);
  const high = formatSpan(eta.highSeconds * 1_000);
  if (low === high) return `about ${low} left`;
  const [lowNumber, lowUnit, ...lowRest] = low.split(" ");
  const [highNumber, highUnit, ...highRest] = high.split(" ");
  const isOneUnit = lowUnit === highUnit && lowRest.length + highRest.length === 0;
  return isOneUnit ? `${lowNumber}–${highNumber} ${highUnit} left` : `${low} – ${high} left`;
}

export function writeRate(ratePerSecond: number | null): string {
  if (ratePerSecond === null) return "";
  const rate = ratePerSecond >= 10 ? Math.round(ratePerSecond) : Math.round(ratePerSecond * 10) / 10;
  return `${rate.toLocaleString("en-US")}/s`;
}

/** `8,412 of about 14,200`, and what is said where the estimate was short or there was none. */
export function writeProcessed({ progress }: Pick<RunRow, "progress">): string {
  const { processed, total, totalIsEstimate, isOverEstimate } = progress;
  if (total === null) return `${writeCount(processed)} so far, total unknown`;
  if (isOverEstimate) return `Processed ${writeCount(processed)} (expected ${writeCount(total)})`;
  return `${writeCount(processed)} of ${totalIsEstimate ? "about " : ""}${writeCount(total)}`;
}

/** What the bar shows: meetings by what became of them, or slices where nobody could count the meetings. */
export function barOf(run: Pick<RunRow, "done" | "known" | "failed" | "slices" | "progress">) {
  const { done, known, failed, slices, progress } = run;
  if (progress.total === null)
    return { done: 0, known: slices.done, failed: slices.failed, total: slices.total };
  // A short estimate must not make the bar look finished.
  const total = progress.isOverEstimate ? Math.ceil(progress.processed / 0.99) : progress.total;
  return { done, known, failed, total };
}

export type RunNotice = {
  title: string;
  detail?: string;
  /** Trouble of the system is amber; what a person wanted, or a good end, is quiet. */
  tone: "doubt" | "quiet" | "proof";
  /** The step that helps, where there is one. */
  remedy?: "resume" | "fix-connection" | "force-stop" | "retry";
};

/** What there is to say about a run beyond its figures; null while it simply runs. */
export function describeRun(run: Run, nowMs: number, zone: string): RunNotice | null {
  const place = run.cursor?.label ?? null;
  switch (run.state) {
    case "queued":
      if (run.startedAt !== null) {
        return { title: "Waiting for its turn to go on.", tone: "quiet" };
      }
      return {
        title: run.ahead > 0 ? `Waiting to start, ${writeAhead(run.ahead)} ahead.` : "Waiting to start.",
        tone: "quiet",
      };
    case "running":
      return describeSilence(run, nowMs) ?? describeAttempts(run);
    case "waiting":
      return describeWait(run, nowMs, zone);
    case "pausing":
      return describeSilence(run, nowMs) ?? { title: "Pausing after the current page…", tone: "quiet" };
    case "paused":
      return {
        title: `Paused${place ? ` at ${place}` : ""}${run.stateBy ? ` by ${run.stateBy}` : ""}.`,
        ...(leftOf(run) === null ? {} : { detail: `About ${writeCount(leftOf(run) ?? 0)} left.` }),
        tone: "quiet",
        remedy: "resume",
      };
    case "canceling": {
      const isSlow = nowMs - Date.parse(run.stateSince) > FORCE_AFTER_MS;
      return {
        title: "Canceling after the current page…",
        tone: "quiet",
        ...(isSlow ? { detail: "The worker has not answered yet.", remedy: "force-stop" as const } : {}),
      };
    }
    case "canceled":
      return {
        title: `Canceled${run.progress.percent === null ? "" : ` at ${run.progress.percent}%`}.`,
        detail: run.dryRun
          ? "It was a dry run: nothing was written."
          : `${writeUnits(run, run.done)} ${run.done === 1 ? "stays" : "stay"} ${run.mode === "lookup" ? "updated" : "imported"}.`,
        tone: "quiet",
      };
    case "succeeded":
      return describeSuccess(run, nowMs);
    case "succeeded_with_exceptions":
      return {
        title: `Done in ${writeTook(run)}. ${writeCount(run.failed)} of ${writeUnits(run, run.progress.processed)} need attention.`,
        detail: "They are listed below with their reason. Everything else is verified.",
        tone: "doubt",
        remedy: "retry",
      };
    case "incomplete":
      return {
        title: `Incomplete: ${writeCount(run.slices.failed)} of ${writeCount(run.slices.total)} slices could not be read.`,
        detail:
          "What failed is not verified by this run. What was read stays; a retry reads only what failed.",
        tone: "doubt",
        remedy: "retry",
      };
    default:
      return run.state satisfies never;
  }
}

function describeSilence(run: Run, nowMs: number): RunNotice | null {
  if (run.heartbeatAt === null) {
    return {
      title: `The worker restarted. Resuming${run.cursor ? ` from ${run.cursor.label}` : ""}…`,
      tone: "doubt",
    };
  }
  const silentMs = nowMs - Date.parse(run.heartbeatAt);
  if (silentMs <= SILENCE_MS) return null;
  return {
    title: `No sign of life for ${formatSpan(silentMs)}.`,
    detail: "It resumes by itself if a worker is free. Nothing that was saved is lost.",
    tone: "doubt",
    remedy: "force-stop",
  };
}

/** A slice is left as failed after its fifth attempt; until then the page says why nothing moves. */
const MAX_ATTEMPTS = 5;

function describeAttempts(run: Run): RunNotice | null {
  const { cursor } = run;
  if (!cursor || cursor.attempts === 0) return null;
  return {
    title: `${PROVIDERS[cursor.provider].label} did not answer for ${cursor.label}.`,
    detail: `${writeAttempt(run)}. Then the run goes on without it and names it here.`,
    tone: "doubt",
  };
}

function writeAttempt({ cursor }: Run): string {
  return `Trying again, attempt ${(cursor?.attempts ?? 0) + 1} of ${MAX_ATTEMPTS}`;
}

function describeWait(run: Run, nowMs: number, zone: string): RunNotice {
  const name = run.waitReason?.provider ? PROVIDERS[run.waitReason.provider].label : "the provider";
  const moment = run.waitUntil ? formatMoment(Date.parse(run.waitUntil), nowMs, zone, { seconds: true }) : "";
  const until = moment && `, continues ${moment}`;
  switch (run.waitReason?.kind) {
    case "connection":
      return {
        title: `Stopped${run.cursor ? ` at ${run.cursor.label}` : ""}: ${name} does not accept this connection.`,
        detail: "Nothing is lost. It goes on by itself once the connection works again.",
        tone: "doubt",
        remedy: "fix-connection",
      };
    case "no_answer":
      return {
        title: describeAttempts(run)?.title ?? `${name} did not answer.`,
        detail: run.cursor?.attempts
          ? `${writeAttempt(run)}${moment && `, ${moment}`}. Then the run goes on without it and names it here.`
          : `Most of its days failed, so it is asked less often${moment && `: again ${moment}`}.`,
        tone: "doubt",
      };
    case "database":
      return {
        title: `Waiting for the database${until}.`,
        detail: "Nothing that was saved is lost.",
        tone: "doubt",
      };
    default:
      return {
        title: `Waiting for ${name}’s limit${until}.`,
        detail: "Live webhooks and setters keep their share. The estimate is frozen while waiting.",
        tone: "doubt",
      };
  }
}

function describeSuccess(run: Run, nowMs: number): RunNotice {
  if (run.progress.processed === 0) {
    return {
      title: `Nothing to do: no ${run.mode === "lookup" ? "leads" : "meetings"} on ${writeRange(run, nowMs)}.`,
      ...(run.dryRun
        ? { detail: "It was a dry run: nothing was written." }
        : run.mode === "sweep"
          ? { detail: "Those days now count as verified." }
          : {}),
      tone: "quiet",
    };
  }
  return {
    title: `Done in ${writeTook(run)}. ${writeUnits(run, run.progress.processed)} ${run.dryRun ? "looked at" : run.mode === "lookup" ? "looked up" : "verified"}.`,
    ...(run.dryRun ? { detail: "It was a dry run: nothing was written." } : {}),
    tone: "proof",
  };
}

function leftOf({ progress }: Run): number | null {
  return progress.total === null ? null : Math.max(0, progress.total - progress.processed);
}

function writeAhead(count: number): string {
  return `${writeCount(count)} ${count === 1 ? "run" : "runs"}`;
}

/** How long it took from the first worker to the end; empty before. */
export function writeTook(run: Pick<RunRow, "startedAt" | "endedAt">): string {
  if (!run.startedAt || !run.endedAt) return "";
  return writeSpan(run.startedAt, run.endedAt);
}

export function writeSpan(from: string, to: string): string {
  const spanMs = Date.parse(to) - Date.parse(from);
  return spanMs < 1_000 ? "under 1 s" : formatSpan(spanMs);
}

/** For the browser tab: `59% · Backfill 42`. */
export function writeDocumentTitle(run: Pick<RunRow, "number" | "state" | "progress">): string {
  const name = `Backfill ${run.number}`;
  const { percent } = run.progress;
  return percent === null || (isEnded(run) && percent === 100) ? name : `${percent}% · ${name}`;
}

/** What every reason code of the ledger means, as a heading over its records. */
const ERROR_REASONS: Record<string, string> = {
  bad_record: "Records in a form that is not known",
  refused_record: "Records that could not be stored",
  suspicious_drop: "Far fewer meetings than before, so nothing was taken for lost",
  provider_unavailable: "The provider did not answer",
  provider_unexpected: "The provider answered in a form that is not known",
  provider_not_found: "The provider no longer knows this list",
  internal: "The slice could not be read",
};

export function writeErrorReason(code: string): string {
  return ERROR_REASONS[code] ?? "The slice could not be read";
}
