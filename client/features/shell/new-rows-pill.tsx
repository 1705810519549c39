import { ActionButton } from "#client/components/ui/button.tsx";
import { useActions } from "#client/lib/actions.ts";

/** Newcomers wait behind this pill so that nothing moves under the cursor: `12 new · show R`. */
export function NewRowsPill({ count, onShow, group }: { count: number; onShow: () => void; group: string }) {
  const [show] = useActions([
    {
      id: "rows.show-new",
      label: count > 0 ? `${count} new · show` : "Show new rows",
      keys: ["r"],
      scope: "list",
      group,
      enabled: count > 0,
      reason: "No new rows wait.",
      run: onShow,
    },
  ]);
  if (count === 0) return null;
  return <ActionButton action={show} size="sm" className="rounded-full border-accent text-accent" />;
}
