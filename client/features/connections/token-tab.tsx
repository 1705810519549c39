import { useState } from "react";
import { Button } from "#client/components/ui/button.tsx";
import { CopyButton } from "#client/components/ui/copy-button.tsx";
import { Card, Facts } from "#client/components/ui/facts.tsx";
import { Time } from "#client/components/ui/time.tsx";
import { showToast } from "#client/lib/toasts.ts";
import { describeConnection } from "./account-summary.ts";
import { CalendlyTokenForm } from "./calendly-token-form.tsx";
import { ConnectErrorNote } from "./connect-error-note.tsx";
import type { ConnectError, ConnectionRow, ManageFacts } from "./connection-types.ts";
import { RecreateDialog } from "./health-banner.tsx";
import { TokenField } from "./token-field.tsx";
import type { ConnectionCalls } from "./use-connection-calls.ts";
import { WorkflowCard } from "./workflow-card.tsx";

/** The two secrets of a connection: each can be replaced, neither can be read again. */
export function TokenTab({
  row,
  facts,
  calls,
}: {
  row: ConnectionRow;
  facts: ManageFacts;
  calls: ConnectionCalls;
}) {
  const [isAsking, setIsAsking] = useState(false);
  const rotate = async (token: string): Promise<ConnectError | null> => {
    const outcome = await calls.rotateToken(row.id, token);
    if (outcome && !outcome.ok) return outcome.error;
    if (outcome) showToast("Token replaced.", { description: "The new one was verified first." });
    return null;
  };
  return (
    <>
      <Card title="Token">
        <div className="grid max-w-xl gap-4">
          <p>{describeConnection(row)}</p>
          <p className="text-ink-2">
            Saved <Time kind="date" at={row.tokenChangedAt ?? row.createdAt} />. A new one is verified first,
            then swapped; the old one works until then.
          </p>
          {row.provider === "calendly" ? (
            <CalendlyTokenForm calls={calls} submitLabel="Replace token" onSubmit={rotate} />
          ) : (
            <HighLevelTokenForm onSubmit={rotate} />
          )}
        </div>
      </Card>
      {row.provider === "highlevel" && <WorkflowCard row={row} facts={facts} calls={calls} />}
      {row.provider === "calendly" && (
        <Card title="Signing key">
          <div className="grid max-w-xl gap-4">
            <Facts
              facts={[
                { label: "State", value: row.hasSigningKey ? "stored, never shown" : "none yet" },
                ...(row.webhook?.createdAt
                  ? [{ label: "Since", value: <Time kind="moment" at={row.webhook.createdAt} /> }]
                  : []),
                ...(row.previousKeyUntil
                  ? [
                      {
                        label: "Former key",
                        value: (
                          <>
                            accepted until <Time kind="moment" at={row.previousKeyUntil} />
                          </>
                        ),
                      },
                    ]
                  : []),
                {
                  label: "Address",
                  value: (
                    <>
                      <span className="font-mono text-xs break-all">{facts.webhookUrl}</span>{" "}
                      <CopyButton text={facts.webhookUrl} label="Copy the address" />
                    </>
                  ),
                },
              ]}
            />
            {row.webhook && (
              <div>
                <Button onClick={() => setIsAsking(true)}>Create a new key…</Button>
              </div>
            )}
          </div>
          <RecreateDialog row={row} calls={calls} isOpen={isAsking} onClose={() => setIsAsking(false)} />
        </Card>
      )}
    </>
  );
}

function HighLevelTokenForm({ onSubmit }: { onSubmit: (token: string) => Promise<ConnectError | null> }) {
  const [token, setToken] = useState("");
  const [error, setError] = useState<ConnectError | null>(null);
  const [isBusy, setIsBusy] = useState(false);
  const submit = async () => {
    setIsBusy(true);
    const refusal = await onSubmit(token);
    setIsBusy(false);
    setError(refusal);
    if (!refusal) setToken("");
  };
  return (
    <form
      className="grid gap-3"
      onSubmit={(event) => {
        event.preventDefault();
        void submit();
      }}
    >
      <TokenField
        label="Private integration token"
        value={token}
        onChange={(text) => setToken(text.trim())}
      />
      {error && <ConnectErrorNote error={error} />}
      <div>
        <Button type="submit" variant="primary" isBusy={isBusy} disabled={!token}>
          Replace token
        </Button>
      </div>
    </form>
  );
}
