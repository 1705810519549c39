import { ShapeMark } from "#client/components/ui/state-mark.tsx";

/** Whether the page follows what others do. */
export function LiveChip() {
  return (
    <span role="status" className="inline-flex items-center gap-1.5 text-xs text-ink-2">
      <ShapeMark shape="dot" className="text-proof" /> Live
    </span>
  );
}
