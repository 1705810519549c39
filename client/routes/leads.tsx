import { EmptyState } from "#client/components/ui/empty-state.tsx";
import { Screen } from "#client/features/shell/screen.tsx";

export function LeadsScreen() {
  return (
    <Screen title="Leads">
      <EmptyState title="Leads" />
    </Screen>
  );
}
