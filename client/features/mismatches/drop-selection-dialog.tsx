import { Button } from "#client/components/ui/button.tsx";
import { Dialog } from "#client/components/ui/dialog.tsx";

/** Another filter shows other rows: whoever has selected some is asked before they are forgotten. */
export function DropSelectionDialog({
  isOpen,
  selectedCount,
  onDrop,
  onKeep,
}: {
  isOpen: boolean;
  selectedCount: number;
  onDrop: () => void;
  onKeep: () => void;
}) {
  return (
    <Dialog
      isOpen={isOpen}
      onClose={onKeep}
      title={`Drop the selection of ${selectedCount.toLocaleString("en-US")}?`}
      description="Another filter shows other rows; what is selected now would be forgotten."
      footer={
        <>
          <Button variant="primary" onClick={onDrop}>
            Change the filter
          </Button>
          <Button onClick={onKeep}>Keep the selection</Button>
        </>
      }
    />
  );
}
