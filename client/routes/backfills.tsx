import { EmptyState } from "#client/components/ui/empty-state.tsx";
import { Screen } from "#client/features/shell/screen.tsx";

export function BackfillsScreen() {
  return (
    <Screen title="Backfills">
      <EmptyState title="Backfills" />
    </Screen>
  );
}
