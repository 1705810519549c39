import { useState } from "react";
import { FilterBox } from "#client/components/layout/filter-box.tsx";
import { Button } from "#client/components/ui/button.tsx";
import { Checkbox } from "#client/components/ui/checkbox.tsx";
import { Switch } from "#client/components/ui/switch.tsx";
import type { Provider } from "#client/lib/trpc.ts";
import type { EventTypeRow } from "./connection-types.ts";

/** Which event types or calendars count, with a look at how much each one is used. */
export function EventTypesForm({
  provider,
  eventTypes,
  includeNew: savedIncludeNew,
  areCountsKnown,
  saveLabel,
  onSave,
}: {
  provider: Provider;
  eventTypes: readonly EventTypeRow[];
  includeNew: boolean;
  /** Before the first sweep nobody knows how often they are booked. */
  areCountsKnown: boolean;
  saveLabel: (count: number) => string;
  onSave: (choice: { selected: string[]; includeNew: boolean }) => Promise<unknown>;
}) {
  const [selected, setSelected] = useState(
    () => new Set(eventTypes.filter((type) => type.selected).map((type) => type.providerId)),
  );
  const [includeNew, setIncludeNew] = useState(savedIncludeNew);
  const [filter, setFilter] = useState("");
  const [isSaving, setIsSaving] = useState(false);
  const noun = provider === "calendly" ? "event types" : "calendars";
  const shown = eventTypes.filter((type) => type.name.toLowerCase().includes(filter.trim().toLowerCase()));
  const areAllSelected = shown.every((type) => selected.has(type.providerId));

  const toggle = (ids: readonly string[], isOn: boolean) => {
    const next = new Set(selected);
    for (const id of ids) isOn ? next.add(id) : next.delete(id);
    setSelected(next);
  };
  const save = async () => {
    setIsSaving(true);
    await onSave({ selected: [...selected], includeNew });
    setIsSaving(false);
  };
  return (
    <div className="grid gap-3">
      <div className="flex flex-wrap items-center gap-3">
        <FilterBox label={`Filter ${noun}`} value={filter} onChange={setFilter} />
        <Checkbox
          checked={areAllSelected && shown.length > 0}
          indeterminate={!areAllSelected && shown.some((type) => selected.has(type.providerId))}
          onChange={(isOn) =>
            toggle(
              shown.map((type) => type.providerId),
              isOn,
            )
          }
        >
          {filter ? `The ${shown.length} shown` : `All ${eventTypes.length}`}
        </Checkbox>
      </div>
      <ul className="max-h-80 overflow-y-auto rounded-md border border-rule bg-sheet" aria-label={noun}>
        {shown.map((type) => (
          <li
            key={type.providerId}
            className="flex items-center justify-between gap-3 border-b border-rule px-3 py-1.5 last:border-b-0"
          >
            <Checkbox
              checked={selected.has(type.providerId)}
              onChange={(isOn) => toggle([type.providerId], isOn)}
            >
              {type.name}
              {type.durationMin !== null && <span className="text-ink-3"> · {type.durationMin} min</span>}
              {!type.active && <span className="text-ink-3"> · inactive</span>}
            </Checkbox>
            {areCountsKnown && (
              <span className="flex-none text-xs text-ink-3">
                {type.bookedLast30Days === 1 ? "1 booking" : `${type.bookedLast30Days} bookings`} in 30 d
              </span>
            )}
          </li>
        ))}
        {shown.length === 0 && <li className="px-3 py-3 text-ink-2">No {noun} match this filter.</li>}
      </ul>
      <Switch checked={includeNew} onChange={setIncludeNew}>
        Include new {noun} automatically
      </Switch>
      <p className="text-xs text-ink-3">
        A booking of a known lead on another one is still evidence, and says so.
      </p>
      <div>
        <Button
          variant="primary"
          isBusy={isSaving}
          disabled={selected.size === 0}
          onClick={save}
          title={selected.size === 0 ? "Select at least one." : undefined}
        >
          {saveLabel(selected.size)}
        </Button>
      </div>
    </div>
  );
}
