import { Button } from "#client/components/ui/button.tsx";
import { Time } from "#client/components/ui/time.tsx";
import { PROVIDERS } from "#client/lib/vocabulary.ts";
import { isEnded, type Run } from "./run.ts";
import { writeCount, writeErrorReason } from "./run-text.ts";
import type { RunActions } from "./use-run-actions.ts";

/** What needs attention, by reason: how much, an example, and the retry of that reason alone. */
export function RunErrors({ run, actions }: { run: Run; actions: RunActions }) {
  if (run.errors.length === 0) return null;
  const canRetry = actions.mayRun && isEnded(run) && run.state !== "canceled";
  return (
    <table className="mt-4 w-full border-separate border-spacing-0">
      <thead>
        <tr className="text-left text-xs text-ink-2">
          <th className="border-b border-rule py-2 font-medium">Needs attention</th>
          <th className="w-20 border-b border-rule py-2 text-right font-medium">Records</th>
          <th className="w-24 border-b border-rule py-2">
            <span className="sr-only">Retry</span>
          </th>
        </tr>
      </thead>
      <tbody>
        {run.errors.map((error) => (
          <tr key={`${error.code}.${error.provider}`}>
            <td className="border-b border-rule py-2 pr-3">
              {writeErrorReason(error.code)}
              <small className="block text-xs text-ink-3">
                {PROVIDERS[error.provider].label}, {error.example.replace(/\.$/, "")}, last on{" "}
                <Time kind="date" at={error.exampleDay} />
              </small>
            </td>
            <td className="border-b border-rule py-2 text-right">{writeCount(error.records)}</td>
            <td className="border-b border-rule py-2 text-right">
              {canRetry && (
                <Button
                  size="sm"
                  variant="quiet"
                  className="text-accent"
                  isBusy={actions.isBusy}
                  onClick={() => actions.retryGroup(error.code)}
                >
                  Retry {writeCount(error.records)}
                </Button>
              )}
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}
