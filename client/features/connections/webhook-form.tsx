import { useState } from "react";
import { Button } from "#client/components/ui/button.tsx";
import { CopyText } from "#client/components/ui/copy-button.tsx";
import { ConnectErrorNote } from "./connect-error-note.tsx";
import type { ConnectError, ConnectionRow, ManageFacts } from "./connection-types.ts";
import type { ConnectionCalls } from "./use-connection-calls.ts";

/** Creates the webhook; where that is refused, says why and what works instead. */
export function WebhookForm({
  row,
  facts,
  calls,
}: {
  row: ConnectionRow;
  facts: ManageFacts;
  calls: Pick<ConnectionCalls, "createWebhook" | "testWebhook">;
}) {
  const [error, setError] = useState<ConnectError | null>(null);
  const [isBusy, setIsBusy] = useState(false);
  const create = async (takeOver: boolean) => {
    setIsBusy(true);
    const outcome = await calls.createWebhook(row.id, takeOver);
    setIsBusy(false);
    setError(outcome && !outcome.ok ? outcome.error : null);
  };
  return (
    <div className="grid gap-3">
      <p className="text-ink-2">
        We create it at Calendly:{" "}
        {row.fullScope ? "the whole organization" : `${row.ownerName ?? "one person"} only`}, booked, canceled
        and no-show, signed with a key of our own.
      </p>
      <p className="flex flex-wrap items-center gap-x-2">
        <span className="text-ink-3">Delivers to</span> <CopyText text={facts.webhookUrl} />
      </p>
      {!facts.isReachable && (
        <p className="text-doubt">
          Calendly cannot reach this address: it exists on this machine only. Set PUBLIC_URL to the public one
          first.
        </p>
      )}
      {error && (
        <ConnectErrorNote error={error}>
          {error.code === "exists" && (
            <Button size="sm" isBusy={isBusy} onClick={() => void create(true)}>
              Replace it
            </Button>
          )}
        </ConnectErrorNote>
      )}
      <div>
        <Button variant="primary" isBusy={isBusy} onClick={() => void create(false)}>
          Create webhook
        </Button>
      </div>
    </div>
  );
}
