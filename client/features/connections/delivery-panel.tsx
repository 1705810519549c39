import { useState } from "react";
import { Panel } from "#client/components/layout/panel.tsx";
import { Button } from "#client/components/ui/button.tsx";
import { Facts, Section } from "#client/components/ui/facts.tsx";
import { Time } from "#client/components/ui/time.tsx";
import { showToast } from "#client/lib/toasts.ts";
import type { DeliveryDetail } from "./connection-types.ts";
import { eventWord, LeadLink, resultWord } from "./deliveries-table.tsx";
import type { ConnectionCalls } from "./use-connection-calls.ts";

/** One delivery: how it was received, what it caused, and its shape without the person's words. */
export function DeliveryPanel({
  delivery,
  calls,
  onClose,
}: {
  delivery: DeliveryDetail;
  calls: Pick<ConnectionCalls, "reprocess">;
  onClose: () => void;
}) {
  const [isBusy, setIsBusy] = useState(false);
  const headers = Object.entries(delivery.headers);
  const canReprocess =
    delivery.payload !== null && delivery.result !== "refused" && delivery.processedAt !== null;
  const reprocess = async () => {
    setIsBusy(true);
    const answer = await calls.reprocess(delivery.id);
    setIsBusy(false);
    if (answer !== null) {
      showToast("Delivery is in line again.", { description: "The booking is read anew at its provider." });
    }
  };
  return (
    <Panel
      title={eventWord(delivery)}
      subtitle={resultWord(delivery)}
      group="Connections"
      onClose={onClose}
      footer={
        canReprocess && (
          <Button isBusy={isBusy} onClick={() => void reprocess()}>
            Reprocess
          </Button>
        )
      }
    >
      <Section title="Received">
        <Facts
          facts={[
            { label: "At", value: <Time kind="moment" at={delivery.receivedAt} seconds /> },
            {
              label: "Signed",
              value: delivery.signedAt ? (
                <>
                  <Time kind="moment" at={delivery.signedAt} seconds />, with{" "}
                  {delivery.keyIndex === 1 ? "the former key" : "the current key"}
                </>
              ) : delivery.keyIndex === null ? (
                "not believed"
              ) : (
                `not signed; sent with ${delivery.keyIndex === 1 ? "the former secret" : "the secret"}, looked up and not believed`
              ),
            },
            { label: "Size", value: `${delivery.bodyBytes.toLocaleString("en-US")} bytes` },
            { label: "Repeats", value: delivery.duplicates },
            { label: "Tries", value: delivery.tries },
          ]}
        />
      </Section>
      <Section title="What it caused">
        <p>
          Lead: <LeadLink row={delivery} />
        </p>
      </Section>
      {headers.length > 0 && (
        <Section title="Headers" aside="of a signature, its form alone">
          <Facts
            facts={headers.map(([label, value]) => ({
              label,
              value: <span className="font-mono text-2xs break-all">{value}</span>,
            }))}
          />
        </Section>
      )}
      <Section title="Payload" aside="personal values are hidden">
        {delivery.payload === null ? (
          <p className="text-ink-2">Refused deliveries are kept by headers, size and hash only.</p>
        ) : (
          <pre className="rounded-md bg-well p-3 font-mono text-2xs break-words whitespace-pre-wrap">
            {JSON.stringify(delivery.payload, null, 2)}
          </pre>
        )}
      </Section>
    </Panel>
  );
}
