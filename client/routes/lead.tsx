import { EmptyState } from "#client/components/ui/empty-state.tsx";
import { Screen } from "#client/features/shell/screen.tsx";

export function LeadScreen() {
  return (
    <Screen title="Lead">
      <EmptyState title="Lead" />
    </Screen>
  );
}
