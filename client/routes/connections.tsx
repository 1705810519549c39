import { EmptyState } from "#client/components/ui/empty-state.tsx";
import { Screen } from "#client/features/shell/screen.tsx";

export function ConnectionsScreen() {
  return (
    <Screen title="Connections">
      <EmptyState title="Connections" />
    </Screen>
  );
}
