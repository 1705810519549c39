import { EmptyState } from "#client/components/ui/empty-state.tsx";
import { Screen } from "#client/features/shell/screen.tsx";

export function ConnectionScreen() {
  return (
    <Screen title="Connection">
      <EmptyState title="Connection" />
    </Screen>
  );
}
