import { useNavigate } from "@tanstack/react-router";
import { useState } from "react";
import { Banner } from "#client/components/ui/banner.tsx";
import { Button } from "#client/components/ui/button.tsx";
import { Dialog } from "#client/components/ui/dialog.tsx";
import { Time } from "#client/components/ui/time.tsx";
import { useNowMs } from "#client/lib/clock.ts";
import { FIXES, writeReason } from "#client/lib/connection-words.ts";
import { formatSpan } from "#client/lib/time-text.ts";
import { showToast } from "#client/lib/toasts.ts";
import { PROVIDERS } from "#client/lib/vocabulary.ts";
import { ConnectErrorNote } from "./connect-error-note.tsx";
import type { ConnectError, ConnectionRow } from "./connection-types.ts";
import type { ConnectionCalls } from "./use-connection-calls.ts";

const MINUTE_MS = 60_000;

/** What is wrong, since when, what it does to the data, and the one button that helps. Absent while all is well. */
export function HealthBanner({
  row,
  calls,
  mayManage,
}: {
  row: ConnectionRow;
  calls: ConnectionCalls;
  mayManage: boolean;
}) {
  const navigate = useNavigate({ from: "/w/$workspace/connections/$provider" });
  const [isAsking, setIsAsking] = useState(false);
  const [isBusy, setIsBusy] = useState(false);
  if (row.state === "healthy" || row.state === "off") return null;
  const name = PROVIDERS[row.provider].label;
  const { short, effect, fix } = writeReason(row.reasonCode, row.state, name, row.everyMin);
  const act = async () => {
    if (fix === "new_token") return void navigate({ to: ".", search: { tab: "token" } });
    if (fix === "create_webhook") return void navigate({ to: ".", search: { tab: "setup" } });
    if (fix === "recreate_webhook") return setIsAsking(true);
    setIsBusy(true);
    await calls.check(row.id);
    setIsBusy(false);
  };
  return (
    <>
      <Banner
        title={<BannerTitle row={row} short={short} />}
        action={
          fix &&
          mayManage && (
            <Button
              variant={row.state === "polling" || fix === "test" ? "default" : "primary"}
              isBusy={isBusy}
              onClick={() => void act()}
            >
              {FIXES[fix]}
            </Button>
          )
        }
      >
        {effect}
        {!mayManage && fix && " An owner of this workspace can repair it."}
      </Banner>
      <RecreateDialog row={row} calls={calls} isOpen={isAsking} onClose={() => setIsAsking(false)} />
    </>
  );
}

function BannerTitle({ row, short }: { row: ConnectionRow; short: string }) {
  const nowMs = useNowMs(MINUTE_MS);
  const sentence = `${short.charAt(0).toUpperCase()}${short.slice(1)}`;
  if (row.state === "polling") return `${sentence}.`;
  const since = row.webhook?.retryStartedAt ?? row.stateSince;
  const turnsOffAt = row.state === "retrying" ? row.webhook?.turnsOffAt : null;
  if (!turnsOffAt) {
    return (
      <>
        {sentence}, since <Time kind="moment" at={since} />.
      </>
    );
  }
  return (
    <>
      {sentence} since <Time kind="moment" at={since} />. It turns this webhook off{" "}
      <Time kind="moment" at={turnsOffAt} />, in {formatSpan(new Date(turnsOffAt).getTime() - nowMs)}.
    </>
  );
}

/** One question with its consequence; the second of two clicks. */
export function RecreateDialog({
  row,
  calls,
  isOpen,
  onClose,
}: {
  row: ConnectionRow;
  calls: Pick<ConnectionCalls, "createWebhook">;
  isOpen: boolean;
  onClose: () => void;
}) {
  const [isBusy, setIsBusy] = useState(false);
  const [refusal, setRefusal] = useState<ConnectError | null>(null);
  // Where deliveries failed, the server knows since when, and reads from there on.
  const hasGap =
    row.webhook !== null && (row.webhook.state !== "active" || row.webhook.retryStartedAt !== null);
  const reader = hasGap ? "backfill" : "sweep";
  const recreate = async () => {
    setIsBusy(true);
    const outcome = await calls.createWebhook(row.id, true);
    setIsBusy(false);
    if (outcome?.ok === false) return setRefusal(outcome.error);
    onClose();
    if (outcome) {
      showToast("Webhook created anew.", {
        description: `A ${reader} reads what was missed. The old key is accepted for 25 h.`,
      });
    }
  };
  return (
    <Dialog
      isOpen={isOpen}
      onClose={onClose}
      title="Re-create the webhook?"
      description={`The new one stands, with a new key, before the old one is removed. A ${reader} then reads everything that may have been missed.`}
      footer={
        <>
          <Button variant="primary" isBusy={isBusy} onClick={() => void recreate()}>
            Re-create webhook
          </Button>
          <Button onClick={onClose}>Cancel</Button>
        </>
      }
    >
      {refusal && <ConnectErrorNote error={refusal} />}
    </Dialog>
  );
}
