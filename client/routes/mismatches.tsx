import { EmptyState } from "#client/components/ui/empty-state.tsx";
import { Screen } from "#client/features/shell/screen.tsx";

export function MismatchesScreen() {
  return (
    <Screen title="Mismatches">
      <EmptyState title="Mismatches" />
    </Screen>
  );
}
