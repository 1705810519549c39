import type { Tx } from "#server/db/client.ts";
import type { OpenConnection } from "#server/reconcile/open-connection.ts";
import { type SavedParts, savePageInParts } from "#server/reconcile/save-page-in-parts.ts";
import type { WindowPage } from "#server/reconcile/window-page.ts";

export type PageStep = {
  source: "backfill";
  reason: "backfill" | "lookup";
  now: Date;
  skipSideEffects: boolean;
  backfillId: string;
};

export type AppliedPage = SavedParts;

/** A run's page on its way down the road; what the database refuses is named for the ledger. */
export function applyPage(
  tx: Tx,
  open: OpenConnection,
  page: WindowPage,
  step: PageStep,
): Promise<AppliedPage> {
  return savePageInParts(tx, open, page, step);
}
