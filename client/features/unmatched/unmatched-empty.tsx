import { Button } from "#client/components/ui/button.tsx";
import { EmptyState } from "#client/components/ui/empty-state.tsx";
import { countOf } from "./words.ts";

/** Nothing to link, and why: every booking has its lead, or only this list is narrow. */
export function UnmatchedEmpty({
  when,
  otherCount,
  leadName,
  onOther,
}: {
  when: "ahead" | "over";
  /** Bookings on the other side of now. */
  otherCount: number;
  /** Whose bookings are looked for; null: everybody's. */
  leadName: string | null;
  onOther: () => void;
}) {
  const other = otherCount > 0 && (
    <Button onClick={onOther}>
      Show {countOf(otherCount, "booking")} {when === "ahead" ? "over" : "ahead"}
    </Button>
  );
  if (leadName !== null) {
    return (
      <EmptyState
        title={`No booking ${when === "ahead" ? "ahead" : "that is over"} looks like ${leadName}’s.`}
        action={other}
      >
        Show all bookings to find it by another name. {leadName} stays the first choice.
      </EmptyState>
    );
  }
  return (
    <EmptyState
      title={when === "ahead" ? "Every booking ahead has its lead." : "Every past booking has its lead."}
      action={other}
    >
      A booking comes here when no lead has its address, or when several have.
    </EmptyState>
  );
}
