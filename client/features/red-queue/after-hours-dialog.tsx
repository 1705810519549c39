import { ActionButton } from "#client/components/ui/button.tsx";
import { Dialog } from "#client/components/ui/dialog.tsx";
import { useActions } from "#client/lib/actions.ts";
import { useNowMs } from "#client/lib/clock.ts";
import { formatClock } from "#client/lib/time-text.ts";
import { firstName } from "./decide-task-state.ts";
import { GROUP } from "./words.ts";

/** "It is 9:40 PM for Dana. Call anyway?", asked once per lead. */
export function AfterHoursDialog({
  name,
  zone,
  onCall,
  onClose,
}: {
  name: string;
  zone: string;
  onCall: () => void;
  onClose: () => void;
}) {
  const nowMs = useNowMs(60_000);
  const [call, keep] = useActions([
    {
      id: "after-hours.call",
      label: "Call anyway",
      keys: ["mod+enter"],
      scope: "dialog",
      group: GROUP,
      hidden: true,
      run: onCall,
    },
    {
      id: "after-hours.keep",
      label: "Do not call",
      scope: "dialog",
      group: GROUP,
      hidden: true,
      run: onClose,
    },
  ]);
  return (
    <Dialog
      isOpen
      onClose={onClose}
      title={`It is ${formatClock(nowMs, zone)} for ${firstName(name)}. Call anyway?`}
      description="“Call back” sets a time that suits them; it is key 4."
      footer={
        <>
          <ActionButton action={keep} variant="primary" />
          <ActionButton action={call} />
        </>
      }
    />
  );
}
