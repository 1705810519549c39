import { useState } from "react";
import { Button } from "#client/components/ui/button.tsx";
import { Dialog } from "#client/components/ui/dialog.tsx";
import { Card } from "#client/components/ui/facts.tsx";
import { PROVIDERS } from "#client/lib/vocabulary.ts";
import { count } from "./account-summary.ts";
import type { ConnectionRow, DisconnectResult, ManageFacts } from "./connection-types.ts";
import type { ConnectionCalls } from "./use-connection-calls.ts";

/** What stops and what stays, said before and in the question itself. */
export function DisconnectTab({
  row,
  facts,
  calls,
  onDone,
}: {
  row: ConnectionRow;
  facts: ManageFacts;
  calls: Pick<ConnectionCalls, "disconnect">;
  onDone: (result: DisconnectResult) => void;
}) {
  const [isAsking, setIsAsking] = useState(false);
  const [isBusy, setIsBusy] = useState(false);
  const name = PROVIDERS[row.provider].label;
  const tasks = facts.kept.openRedTasks;
  const disconnect = async () => {
    setIsBusy(true);
    const result = await calls.disconnect(row.id);
    setIsBusy(false);
    setIsAsking(false);
    if (result) onDone(result);
  };
  return (
    <Card title={`Disconnect ${name}`}>
      <div className="grid max-w-xl gap-4">
        <div className="grid gap-4 sm:grid-cols-2">
          <Consequences
            title="Stops now"
            lines={[
              "New meetings and cancellations",
              "Sweeps and checks",
              ...(row.webhook ? [`The webhook at ${name}, which is deleted`] : []),
              "The token, which is erased",
              ...(row.provider === "highlevel" && row.hasSigningKey
                ? ["The secret of its workflows, which are refused from then on"]
                : []),
            ]}
          />
          <Consequences
            title="Stays"
            lines={[
              `${count(facts.kept.meetings, "meeting")} and their history`,
              ...(tasks > 0 ? [`${count(tasks, "open red task")}, which no longer update`] : []),
              "Every lead’s state, as it is",
            ]}
          />
        </div>
        <div>
          <Button variant="danger" onClick={() => setIsAsking(true)}>
            Disconnect {name}…
          </Button>
        </div>
      </div>
      <Dialog
        isOpen={isAsking}
        onClose={() => setIsAsking(false)}
        title={`Disconnect ${name}?`}
        description={`New meetings and cancellations stop arriving now. ${row.webhook ? `The webhook at ${name} is deleted and the token erased.` : "The token is erased."} ${count(facts.kept.meetings, "meeting")}${tasks > 0 ? `, ${count(tasks, "open red task")}` : ""} and all history stay${tasks > 0 ? "; those tasks stop updating" : ""}.`}
        footer={
          <>
            <Button variant="danger" isBusy={isBusy} onClick={() => void disconnect()}>
              Disconnect {name}
            </Button>
            <Button onClick={() => setIsAsking(false)}>Keep</Button>
          </>
        }
      />
    </Card>
  );
}

function Consequences({ title, lines }: { title: string; lines: readonly string[] }) {
  return (
    <div>
      <h3 className="mb-1 font-medium">{title}</h3>
      <ul className="grid gap-1 text-ink-2">
        {lines.map((line) => (
          <li key={line}>{line}</li>
        ))}
      </ul>
    </div>
  );
}
