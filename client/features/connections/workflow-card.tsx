import { useState } from "react";
import { Banner } from "#client/components/ui/banner.tsx";
import { Button } from "#client/components/ui/button.tsx";
import { CopyButton } from "#client/components/ui/copy-button.tsx";
import { Dialog } from "#client/components/ui/dialog.tsx";
import { Card, Facts } from "#client/components/ui/facts.tsx";
import { Time } from "#client/components/ui/time.tsx";
import type { ConnectionRow, ManageFacts } from "./connection-types.ts";
import type { ConnectionCalls } from "./use-connection-calls.ts";

const HEADER = "X-Bookproof-Secret";

/** What an owner pastes into a HighLevel workflow, so that it calls us; the secret is shown when it is made, and never again. */
export function WorkflowCard({
  row,
  facts,
  calls,
}: {
  row: ConnectionRow;
  facts: ManageFacts;
  calls: Pick<ConnectionCalls, "createWorkflowSecret">;
}) {
  const [secret, setSecret] = useState<string | null>(null);
  const [isAsking, setIsAsking] = useState(false);
  const [isBusy, setIsBusy] = useState(false);
  const create = async () => {
    setIsBusy(true);
    const made = await calls.createWorkflowSecret(row.id);
    setIsBusy(false);
    setIsAsking(false);
    if (made) setSecret(made.secret);
  };
  return (
    <Card title="Key for workflow webhooks">
      <div className="grid max-w-xl gap-4">
        <p className="text-ink-2">
          A HighLevel workflow can tell us of a booking at once; without one, changes arrive by sweep, within
          a minute. Let it start on the appointment status and add the action Webhook with this address and
          header. A Custom Webhook needs a body with appointmentId, status and startTime.
        </p>
        <Facts
          facts={[
            { label: "Address", value: <Copyable text={facts.webhookUrl} what="address" /> },
            { label: "Header", value: <Copyable text={HEADER} what="name of the header" /> },
            { label: "Secret", value: <SecretState row={row} secret={secret} /> },
            ...(row.previousKeyUntil
              ? [
                  {
                    label: "Former secret",
                    value: (
                      <>
                        accepted until <Time kind="moment" at={row.previousKeyUntil} />
                      </>
                    ),
                  },
                ]
              : []),
            {
              label: "Last event",
              value: row.lastEventAt ? <Time kind="moment" at={row.lastEventAt} /> : "none yet",
            },
          ]}
        />
        {secret && <Banner title="Copy the secret now.">It is stored sealed and never shown again.</Banner>}
        {!facts.isReachable && (
          <p className="text-doubt">
            HighLevel cannot reach this address: it exists on this machine only. Set PUBLIC_URL to the public
            one first.
          </p>
        )}
        <div>
          {row.hasSigningKey ? (
            <Button onClick={() => setIsAsking(true)}>Create a new secret…</Button>
          ) : (
            <Button variant="primary" isBusy={isBusy} onClick={() => void create()}>
              Create secret
            </Button>
          )}
        </div>
      </div>
      <Dialog
        isOpen={isAsking}
        onClose={() => setIsAsking(false)}
        title="Create a new secret?"
        description="The former one is accepted for 25 h more. Paste the new one into every workflow before that."
        footer={
          <>
            <Button variant="primary" isBusy={isBusy} onClick={() => void create()}>
              Create a new secret
            </Button>
            <Button onClick={() => setIsAsking(false)}>Cancel</Button>
          </>
        }
      />
    </Card>
  );
}

function SecretState({ row, secret }: { row: ConnectionRow; secret: string | null }) {
  if (secret) return <Copyable text={secret} what="secret" />;
  return row.hasSigningKey ? "stored, never shown" : "none yet";
}

function Copyable({ text, what }: { text: string; what: string }) {
  return (
    <>
      <span className="font-mono text-xs break-all">{text}</span>{" "}
      <CopyButton text={text} label={`Copy the ${what}`} />
    </>
  );
}
