import { EmptyState } from "#client/components/ui/empty-state.tsx";
import { Screen } from "#client/features/shell/screen.tsx";

export function BackfillScreen() {
  return (
    <Screen title="Backfill">
      <EmptyState title="Backfill" />
    </Screen>
  );
}
