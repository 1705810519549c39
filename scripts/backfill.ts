import { SYSTEM } from "#server/audit/actor.ts";
import { commandBackfill } from "#server/backfills/command-backfill.ts";
import type { BackfillCommand } from "#server/backfills/decide-backfill-state.ts";
import { type BackfillTarget, estimateBackfill } from "#server/backfills/estimate-backfill.ts";
import { listBackfills } from "#server/backfills/queries.ts";
import { startBackfill } from "#server/backfills/start-backfill.ts";
import { readConfig } from "#server/config.ts";
import { BackfillMode, Provider } from "#server/db/generated/enums.ts";
import { addDays } from "#server/lib/duration.ts";
import { AppError } from "#server/lib/errors.ts";
import { createLog } from "#server/lib/log.ts";
import { followBackfill, workHere } from "./follow-backfill.ts";
import { type Installation, openInstallation } from "./open-installation.ts";
import { readOptions } from "./read-options.ts";

const USAGE = `npm run backfill -- [options]

Start a run:
  --from 2026-01-01       first day of meeting starts (UTC)
  --to 2026-03-31         last day, included
  --workspace acme        slug; may be repeated; every workspace without it
  --provider calendly     or highlevel; may be repeated; both without it
  --mode lookup           asks for leads one by one instead of reading calendars (sweep)
  --dry-run               says what would change and writes nothing
  --evidence-only         no status, task or sequence changes
  --note "…"              shown with the run
  --estimate              says what the run would cost and starts nothing

Steer a run, by its number:
  --pause 42              after its present page
  --resume 42             goes on where it was paused; one that waits asks again now
  --cancel 42             ends it for good; what it wrote stays
  --retry 42              reads what failed again, and nothing else
  --follow 42             shows how far it is until it ends
  --list                  all runs

  --here                  do the work in this process instead of the server's

The work is done by the server that runs on the same database, and shown here; where none runs on the embedded
database, it is done here. Ctrl-C ends the watching; work that was done here stands where it was and can be resumed.
DATABASE_URL or DATA_DIR say which installation (the demo: DATA_DIR=.data/demo).`;

const options = readOptions(USAGE, {
  from: { type: "string" },
  to: { type: "string" },
  workspace: { type: "string", multiple: true, default: [] },
  provider: { type: "string", multiple: true, default: [] },
  mode: { type: "string" },
  "dry-run": { type: "boolean", default: false },
  "evidence-only": { type: "boolean", default: false },
  note: { type: "string" },
  estimate: { type: "boolean", default: false },
  list: { type: "boolean", default: false },
  pause: { type: "string" },
  resume: { type: "string" },
  cancel: { type: "string" },
  retry: { type: "string" },
  follow: { type: "string" },
  here: { type: "boolean", default: false },
});

const COMMANDS = ["pause", "resume", "cancel", "retry"] as const satisfies BackfillCommand[];
const scope = { kind: "all" as const };

async function main(): Promise<void> {
  const config = readConfig({ LOG_LEVEL: "error", ...process.env });
  const installation = await openInstallation(config, createLog(config.logLevel));
  const stop = new AbortController();
  process.on("SIGINT", () => stop.abort());
  process.on("SIGTERM", () => stop.abort());
  try {
    await perform(installation, stop.signal);
  } finally {
    await installation.close();
  }
}

async function perform(installation: Installation, signal: AbortSignal): Promise<void> {
  const { deps } = installation;
  if (options.list) return list(installation);
  for (const command of COMMANDS) {
    const number = options[command];
    if (number === undefined) continue;
    const id = await findRun(installation, number);
    const { state } = await commandBackfill(deps, { backfillId: id, scope, command, actor: SYSTEM });
    console.log(`Backfill ${number} is ${state}.`);
    if (command === "resume" || command === "retry") await attend(installation, id, signal);
    return;
  }
  if (options.follow !== undefined) {
    await attend(installation, await findRun(installation, options.follow), signal);
    return;
  }
  const target = await readTarget(installation);
  if (options.estimate) return estimate(installation, target);
  const started = await startBackfill(
    deps,
    {
      ...target,
      dryRun: options["dry-run"] ?? false,
      skipSideEffects: options["evidence-only"] ?? false,
      note: options.note ?? null,
    },
    SYSTEM,
  );
  console.log(`Backfill ${started.number} ${started.existed ? "reads these days already." : "started."}`);
  await attend(installation, started.id, signal);
}

/** Watches a run, and works on it where nobody else would. The exit code tells an incomplete run from a good one. */
async function attend(installation: Installation, id: string, signal: AbortSignal): Promise<void> {
  const watching = new AbortController();
  const working =
    options.here || installation.isAlone
      ? workHere(installation, id, signal).finally(() => watching.abort())
      : Promise.resolve();
  const state = await followBackfill(installation, id, AbortSignal.any([signal, watching.signal]));
  await working;
  if (state === "incomplete" || state === "succeeded_with_exceptions") process.exitCode = 2;
}

async function list({ deps }: Installation): Promise<void> {
  const { rows } = await listBackfills({ db: deps.db, now: deps.clock.now() }, scope, { before: null });
  for (const { number, state, progress, from, to, providers, workspaces } of rows) {
    const range = `${toDay(from)} … ${toDay(addDays(to, -1))}`;
    const names = workspaces.map(({ slug }) => slug).join(",");
    console.log([number, state, `${progress.percent ?? 0}%`, range, providers.join(","), names].join("\t"));
  }
}

async function estimate({ deps }: Installation, target: BackfillTarget): Promise<void> {
  const { estimate: cost, calls, slices, overlap, connections } = await estimateBackfill(deps, target);
  const meetings =
    cost.meetings === null ? "an unknown number of meetings" : `about ${cost.meetings} meetings`;
  console.log(
    `${cost.leads === null ? meetings : `${cost.leads} leads`} · ${cost.calls} calls · up to ${cost.minutesHigh} min · ${slices} slices` +
      (cost.limitProvider ? ` · ${Math.round(cost.limitShare * 100)}% of ${cost.limitProvider}'s limit` : ""),
  );
  console.log(`By calendar: ${calls.sweep} calls. Lead by lead: ${calls.lookup} calls.`);
  for (const { provider } of connections.filter(({ isReachable }) => !isReachable)) {
    console.log(`A ${provider} connection could not be asked just now.`);
  }
  for (const run of overlap.runs) console.log(`Run ${run.number} already reads some of these days.`);
}

async function findRun({ deps }: Installation, number: string): Promise<string> {
  const run = /^\d{1,9}$/.test(number)
    ? await deps.db.backfill.findUnique({ where: { number: Number(number) }, select: { id: true } })
    : null;
  if (!run) throw new AppError("not_found", `There is no backfill ${number}.`);
  return run.id;
}

async function readTarget({ deps }: Installation): Promise<BackfillTarget> {
  const slugs = options.workspace ?? [];
  const workspaces = await deps.db.workspace.findMany({
    where: slugs.length > 0 ? { slug: { in: slugs } } : {},
    select: { id: true, slug: true },
  });
  const unknown = slugs.filter((slug) => !workspaces.some((workspace) => workspace.slug === slug));
  if (unknown.length > 0) throw new AppError("not_found", `There is no workspace ${unknown.join(", ")}.`);
  const from = readDay("from", options.from);
  const to = readDay("to", options.to);
  if (from > to) throw new AppError("bad_request", "--from lies after --to.");
  return {
    workspaceIds: workspaces.map(({ id }) => id),
    providers: readProviders(),
    mode: readMode(),
    from,
    to: addDays(to, 1),
  };
}

function readProviders(): Provider[] {
  const all = Object.values(Provider);
  const wanted = options.provider ?? [];
  const unknown = wanted.filter((word) => !all.some((provider) => provider === word));
  if (unknown.length > 0) throw new AppError("bad_request", `There is no provider ${unknown.join(", ")}.`);
  return wanted.length > 0 ? all.filter((provider) => wanted.includes(provider)) : all;
}

function readMode(): BackfillMode {
  const modes = Object.values(BackfillMode);
  const mode = modes.find((each) => each === (options.mode ?? "sweep"));
  if (!mode) throw new AppError("bad_request", `--mode is one of ${modes.join(", ")}.`);
  return mode;
}

function readDay(name: string, text: string | undefined): Date {
  const day = /^\d{4}-\d{2}-\d{2}$/.test(text ?? "") ? new Date(`${text}T00:00:00.000Z`) : null;
  if (!day || Number.isNaN(day.getTime())) {
    throw new AppError("bad_request", `--${name} needs a day such as 2026-01-31.\n\n${USAGE}`);
  }
  return day;
}

function toDay(date: Date): string {
  return date.toISOString().slice(0, 10);
}

try {
  await main();
} catch (error) {
  console.error(error instanceof AppError ? error.message : error);
  process.exitCode = 1;
}
