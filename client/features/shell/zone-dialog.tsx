import { useState } from "react";
import { Button } from "#client/components/ui/button.tsx";
import { Dialog } from "#client/components/ui/dialog.tsx";
import { Field, Input } from "#client/components/ui/field.tsx";
import { useActions } from "#client/lib/actions.ts";
import { useNowMs } from "#client/lib/clock.ts";
import { changePreferences, usePreferences } from "#client/lib/preferences.ts";
import { formatClock, isKnownZone } from "#client/lib/time-text.ts";

const ZONES = Intl.supportedValuesOf("timeZone");

/** The operator's own zone, for "your time" beside every lead's. */
export function ZoneDialog({ onClose }: { onClose: () => void }) {
  const preferences = usePreferences();
  const browserZone = Intl.DateTimeFormat().resolvedOptions().timeZone;
  const [zone, setZone] = useState(preferences.zone ?? browserZone);
  const nowMs = useNowMs(60_000);
  const isKnown = isKnownZone(zone);
  const save = () => {
    if (!isKnown) return;
    changePreferences({ zone: zone === browserZone ? null : zone });
    onClose();
  };
  useActions([
    {
      id: "zone.save",
      label: "Save time zone",
      keys: ["mod+enter"],
      scope: "dialog",
      group: "Dialog",
      run: save,
    },
  ]);
  return (
    <Dialog
      isOpen
      onClose={onClose}
      title="Your time zone"
      description={`The browser says ${browserZone.replaceAll("_", " ")}.`}
      footer={
        <>
          <Button variant="primary" keys="mod+enter" onClick={save} disabled={!isKnown}>
            Save time zone
          </Button>
          <Button onClick={onClose}>Cancel</Button>
        </>
      }
    >
      <Field
        label="Time zone"
        hint={isKnown ? `It is ${formatClock(nowMs, zone)} there.` : undefined}
        error={isKnown ? null : "No zone has this name. Pick one from the list, such as America/Chicago."}
      >
        <Input list="zones" value={zone} onChange={(event) => setZone(event.target.value)} />
      </Field>
      <datalist id="zones">
        {ZONES.map((each) => (
          <option key={each} value={each} />
        ))}
      </datalist>
    </Dialog>
  );
}
