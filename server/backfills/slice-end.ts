import type { Connection } from "#server/db/generated/client.ts";
import { SECOND_MS } from "#server/lib/duration.ts";
import type { ProviderError } from "#server/providers/provider-error.ts";
import type { OpenConnection } from "#server/reconcile/open-connection.ts";
import { decideRestEnd } from "./decide-page-failure.ts";
import { findLimitWait } from "./find-limit-wait.ts";
import type { HeldRun, RunDeps } from "./held-run.ts";
import type { RunWatch } from "./watch-run.ts";

/** How a worker leaves a slice. */
export type SliceEnd =
  | { outcome: "done" }
  | { outcome: "failed" }
  /** Stands at its last saved page: the operator or the process wants the worker to stop. */
  | { outcome: "stopped" }
  | Rest
  | { outcome: "park"; connection: Connection; error: ProviderError };

/** Nothing can be read there until then. */
type Rest = { outcome: "rest"; until: Date; because: "limit" | "no_answer"; connection: Connection };

export type SliceTools = {
  run: HeldRun;
  watch: RunWatch;
  /** Opened once per turn and connection. A patient one keeps its place where the provider's limit is used up. */
  open: (connectionId: string, options: { isPatient: boolean }) => Promise<OpenConnection>;
};

/** A wait that is longer than this is not worth holding a worker. */
export const SHORT_WAIT_MS = SECOND_MS;

/** Before a page is begun, nothing is lost by letting the worker go. Null where the limit has room. */
export async function restBeforePage(deps: RunDeps, connection: Connection): Promise<Rest | null> {
  const until = await findLimitWait(deps, connection);
  const isLong = until !== null && until.getTime() - deps.clock.now().getTime() > SHORT_WAIT_MS;
  return isLong ? { outcome: "rest", until, because: "limit", connection } : null;
}

/** The limit ended a page, and what was read of it is saved. */
export function restAfterPart({ clock }: RunDeps, connection: Connection, { retryAt }: ProviderError): Rest {
  return { outcome: "rest", until: decideRestEnd(retryAt, clock.now()), because: "limit", connection };
}
