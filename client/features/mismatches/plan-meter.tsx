import type { RouterOutput } from "#client/lib/trpc.ts";

type Running = RouterOutput["mismatches"]["running"];

/** Decisions under way, in the header: one may leave, the work goes on. */
export function PlanMeter({ running, onOpen }: { running: Running; onOpen: (receiptId: string) => void }) {
  const [plan] = running;
  if (!plan) return null;
  const percent = plan.total > 0 ? Math.floor((plan.done / plan.total) * 100) : 0;
  const verb = plan.state === "undoing" ? "Undoing" : "Accepting";
  return (
    <button
      type="button"
      onClick={() => onOpen(plan.receiptId)}
      className="inline-flex min-h-6 items-center gap-2 rounded-sm text-xs whitespace-nowrap text-ink-2 hover:text-ink"
    >
      <span
        aria-hidden="true"
        className="keeps-colour h-1 w-13 overflow-hidden rounded-full bg-rule max-md:hidden"
      >
        <span className="block h-full bg-accent" style={{ width: `${percent}%` }} />
      </span>
      <span className="max-md:sr-only">
        {verb} {plan.total.toLocaleString("en-US")} ·{" "}
      </span>
      {percent}%
    </button>
  );
}
