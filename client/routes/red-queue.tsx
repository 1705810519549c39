import { EmptyState } from "#client/components/ui/empty-state.tsx";
import { Screen } from "#client/features/shell/screen.tsx";

export function RedQueueScreen() {
  return (
    <Screen title="Red queue">
      <EmptyState title="Red queue" />
    </Screen>
  );
}
