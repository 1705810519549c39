import { Dialog } from "#client/components/ui/dialog.tsx";
import type { CurrentWorkspace } from "#client/lib/session.ts";

export function Palette({ workspace, onClose }: { workspace: CurrentWorkspace; onClose: () => void }) {
  return <Dialog isOpen onClose={onClose} title={`Find in ${workspace.name}`} />;
}
