import type { ReactNode } from "react";
import { Card } from "#client/components/ui/facts.tsx";
import { ShapeMark } from "#client/components/ui/state-mark.tsx";
import type { Provider } from "#client/lib/trpc.ts";
import { PROVIDERS } from "#client/lib/vocabulary.ts";
import { count } from "./account-summary.ts";
import type { DisconnectResult } from "./connection-types.ts";

const NOT_DELETED: Record<string, string> = {
  unauthorized: "token revoked",
  scope: "scope missing",
  role: "role missing",
  plan: "plan",
  rate_limited: "rate limit used up",
  network: "no answer",
};

/** What happened, step by step; what did not work says why and what becomes of it. */
export function DisconnectReport({ provider, result }: { provider: Provider; result: DisconnectResult }) {
  const name = PROVIDERS[provider].label;
  const { webhook, kept } = result;
  return (
    <Card title={`${name} is disconnected`}>
      <ul className="grid gap-1.5">
        {webhook.outcome === "deleted" && <Line isDone>Webhook at {name} deleted.</Line>}
        {webhook.outcome === "not_deleted" && (
          <Line isDone={false}>
            Webhook could not be deleted ({NOT_DELETED[webhook.reason] ?? "refused"}). Its deliveries are
            refused here; it will fail and turn itself off within 24 h.
          </Line>
        )}
        <Line isDone>Token and {provider === "calendly" ? "signing key" : "workflow secret"} erased.</Line>
        <Line isDone>Sweeps and checks stopped.</Line>
        <Line isDone>
          {count(kept.meetings, "meeting")}
          {kept.openRedTasks > 0 && ` and ${count(kept.openRedTasks, "open red task")}`} kept, frozen as they
          are.
        </Line>
      </ul>
    </Card>
  );
}

function Line({ isDone, children }: { isDone: boolean; children: ReactNode }) {
  return (
    <li className="flex items-baseline gap-2.5">
      <ShapeMark shape={isDone ? "check" : "half"} className={isDone ? "text-proof" : "text-doubt"} />
      <span>{children}</span>
    </li>
  );
}
