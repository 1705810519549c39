import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { Button } from "#client/components/ui/button.tsx";
import { ShapeMark } from "#client/components/ui/state-mark.tsx";
import { WEBHOOK_TESTS } from "#client/lib/connection-words.ts";
import type { WebhookTest } from "./connection-types.ts";

/** Sends our own address a signed delivery when it appears, and on demand. */
export function WebhookTestLine({ onTest }: { onTest: () => Promise<{ outcome: WebhookTest } | null> }) {
  const [attempt, setAttempt] = useState(0);
  const test = useQuery({
    queryKey: ["webhook-test", attempt],
    queryFn: onTest,
    staleTime: 60_000,
    retry: false,
  });
  const outcome = test.data?.outcome;
  return (
    <div className="flex flex-wrap items-baseline gap-2" role="status">
      <ShapeMark
        shape={outcome === "passed" ? "check" : "half"}
        className={outcome === "passed" ? "text-proof" : outcome ? "text-doubt" : "text-ink-3"}
      />
      <span className="min-w-0 flex-1">
        {outcome ? WEBHOOK_TESTS[outcome] : "Sending our own address a signed delivery…"}
      </span>
      <Button size="sm" isBusy={test.isFetching} onClick={() => setAttempt(attempt + 1)}>
        Test again
      </Button>
    </div>
  );
}
