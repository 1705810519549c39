import { readAgain } from "#client/lib/live/read-again.ts";
import { showErrorToast, showToast } from "#client/lib/toasts.ts";
import { queryClient, type RouterOutput, readError, trpc, trpcClient } from "#client/lib/trpc.ts";
import { countOf, describeProblem, type ReceiptDetail } from "./words.ts";

const POLL_MS = 500;

type Place = { workspace: string; receiptId: string };

/**
 * Follows a decision until it is applied or taken back and says what became of it, wherever the person is by then. The
 * work is the server's: closing the page loses this sentence and nothing else; the receipt keeps it.
 */
export async function watchPlan(place: Place, openReceipt: (receiptId: string) => void): Promise<void> {
  const receipt = await waitForEnd(place);
  await refreshMismatches();
  if (!receipt) return;
  if (receipt.state === "undone") {
    sayUndone(receipt);
    return;
  }
  const undo = () => void undoReceipt(place, openReceipt);
  const notApplied = receipt.failed > 0 ? `, ${receipt.failed.toLocaleString("en-US")} not` : "";
  showToast(`${receipt.applied.toLocaleString("en-US")} accepted${notApplied}.`, {
    ...(receipt.failed > 0 ? { description: describeItems(receipt) } : {}),
    undo,
    action: {
      label: receipt.failed > 0 ? `See ${receipt.failed.toLocaleString("en-US")}` : "Receipt",
      run: () => openReceipt(place.receiptId),
    },
  });
}

/** Takes a receipt back, at once or as a job, and says what was restored and what was kept. */
export async function undoReceipt(place: Place, openReceipt: (receiptId: string) => void): Promise<void> {
  try {
    const { state } = await trpcClient.mismatches.undo.mutate(place);
    if (state === "undoing") {
      await watchPlan(place, openReceipt);
      return;
    }
    sayUndone(await trpcClient.mismatches.receipt.query(place));
  } catch (error) {
    showErrorToast("Not undone.", { description: `${readError(error).message} Nothing was changed.` });
  }
  await refreshMismatches();
}

function sayUndone(receipt: ReceiptDetail): void {
  const kept = receipt.kept.reduce((sum, each) => sum + each.count, 0);
  const what = receipt.lead ? receipt.lead.name : (receipt.restored ?? 0).toLocaleString("en-US");
  if (receipt.restored === 0 && kept > 0) {
    showErrorToast(`Nothing restored. ${countOf(kept, "lead")} kept.`, {
      description: describeItems(receipt),
    });
    return;
  }
  showToast(
    `Restored ${what}.`,
    kept > 0 ? { description: `${countOf(kept, "lead")} kept: ${describeItems(receipt)}` } : {},
  );
}

/** Who moved what was left alone: "Ana Costa changed it since", by name where somebody is known. */
function describeItems(receipt: ReceiptDetail): string {
  const left = receipt.items.filter((item) => item.problem !== null);
  const names = [...new Set(left.flatMap((item) => (item.changedBy ? [item.changedBy] : [])))];
  const problems = [...new Set(left.map((item) => describeProblem(item.problem ?? "")))];
  return names.length > 0 ? `changed by ${names.join(", ")}.` : `${problems.join(", ")}.`;
}

async function waitForEnd(place: Place): Promise<ReceiptDetail | null> {
  for (;;) {
    try {
      const receipt = await trpcClient.mismatches.receipt.query(place);
      if (receipt.state === "applied" || receipt.state === "undone") return receipt;
      await queryClient.invalidateQueries(
        trpc.mismatches.running.queryFilter({ workspace: place.workspace }),
      );
    } catch (error) {
      // Out of reach for a moment: the job goes on without us. A refusal will not change.
      const { status } = readError(error);
      if (status !== null && status < 500) return null;
    }
    await new Promise((resolve) => setTimeout(resolve, POLL_MS));
  }
}

/** Takes a decided lead out of every page that was read before its decision: coming back to one must not show it again. */
export function forgetMismatch(leadId: string): void {
  queryClient.setQueriesData<RouterOutput["mismatches"]["list"]>(
    trpc.mismatches.list.pathFilter(),
    (page) => page && { ...page, rows: page.rows.filter(({ id }) => id !== leadId) },
  );
}

/** Asks again for all that the screen shows; resolves when the answers are there. */
export function refreshMismatches(): Promise<void> {
  return readAgain(trpc.mismatches.pathFilter());
}
