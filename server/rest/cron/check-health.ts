import { checkConnection } from "#server/connections/check-connection.ts";
import type { ConnectionState, Provider } from "#server/db/generated/enums.ts";
import { recordJobRun } from "#server/db/job-run.ts";
import type { Deps } from "#server/deps.ts";
import { AppError } from "#server/lib/errors.ts";
import type { Answer } from "../answer-once.ts";
import { findWorkspace } from "../find-workspace.ts";
import type { CronQuery } from "./cron-query.ts";

type Checkable = { connectionId: string; workspaceId: string; provider: Provider };

type CheckResult = Checkable & {
  outcome: "done" | "failed";
  errorCode: string | null;
  state: ConnectionState | null;
  reasonCode: string | null;
};

const AT_ONCE = 3;

/**
 * Looks whether accounts answer and their webhooks stand (R37). Puts the checks in line and answers at once; with
 * `wait` does them here. A dry run only names what would be checked: a check may create a webhook.
 */
export async function checkHealth(deps: Deps, query: CronQuery): Promise<Answer> {
  const startedAt = deps.clock.now();
  const workspaceId = query.workspaceId ? await findWorkspace(deps, query.workspaceId) : null;
  const connections = await chooseCheckable(deps, workspaceId, query.workspaceLimit ?? null);
  if (query.dryRun) return { status: 200, body: { dryRun: true, connections } };
  if (!query.wait) {
    for (const { connectionId } of connections) {
      await deps.queue.send("check-connection", { connectionId }, { key: connectionId });
    }
    return { status: 202, body: { queued: connections.length, connections } };
  }
  const results: CheckResult[] = [];
  const line = connections.entries();
  const work = async () => {
    for (const [at, connection] of line) results[at] = await checkOne(deps, connection);
  };
  await Promise.all(Array.from({ length: AT_ONCE }, work));
  const failed = results.filter(({ outcome }) => outcome === "failed").length;
  return {
    status: 200,
    body: {
      dryRun: false,
      startedAt,
      endedAt: deps.clock.now(),
      totals: { done: results.length - failed, failed },
      connections: results,
    },
  };
}

/** Those first that were checked longest ago, so that every workspace has its turn. */
async function chooseCheckable(
  { db }: Pick<Deps, "db">,
  workspaceId: string | null,
  workspaceLimit: number | null,
): Promise<Checkable[]> {
  const rows = await db.connection.findMany({
    where: {
      state: { not: "off" },
      tokenSealed: { not: null },
      ...(workspaceId === null ? {} : { workspaceId }),
    },
    orderBy: [{ lastCheckAt: { sort: "asc", nulls: "first" } }, { id: "asc" }],
    select: { id: true, workspaceId: true, provider: true },
  });
  const workspaces = new Set(
    [...new Set(rows.map((row) => row.workspaceId))].slice(0, workspaceLimit ?? rows.length),
  );
  return rows
    .filter((row) => workspaces.has(row.workspaceId))
    .map(({ id, ...row }) => ({ connectionId: id, ...row }));
}

/** What fails says so in its own row and stops no other (R31). */
async function checkOne(deps: Deps, connection: Checkable): Promise<CheckResult> {
  const { connectionId } = connection;
  try {
    const run = { job: "check-connection", trigger: "http", connectionId };
    const { state, reasonCode } = await recordJobRun(deps, run, () =>
      checkConnection(deps, { connectionId }),
    );
    return { ...connection, outcome: "done", errorCode: null, state, reasonCode };
  } catch (err) {
    const errorCode = err instanceof AppError ? err.code : "internal";
    if (errorCode === "internal") deps.log.error({ err, connectionId }, "check failed");
    return { ...connection, outcome: "failed", errorCode, state: null, reasonCode: null };
  }
}
