import { useRef, useState } from "react";
import { Sheet } from "#client/components/ui/dialog.tsx";
import { Kbd } from "#client/components/ui/kbd.tsx";
import { Switch } from "#client/components/ui/switch.tsx";
import { useActionList } from "#client/lib/actions.ts";
import { changePreferences, usePreferences } from "#client/lib/preferences.ts";
import { type KeyGroup, listKeyGroups } from "./list-key-groups.ts";

/** Every key that works right now, the current screen first; and the switch that turns single keys off. */
export function KeySheet({ onClose }: { onClose: () => void }) {
  const actions = useActionList();
  const { singleKeys } = usePreferences();
  const [query, setQuery] = useState("");
  const search = useRef<HTMLInputElement>(null);
  const groups = listKeyGroups(actions, query);
  return (
    <Sheet
      isOpen
      initialFocus={search}
      onClose={onClose}
      title="Keyboard shortcuts"
      description="Keys work while no text field has focus."
      footer={
        <Switch checked={singleKeys} onChange={(next) => changePreferences({ singleKeys: next })}>
          Single-key shortcuts
        </Switch>
      }
    >
      <input
        ref={search}
        type="search"
        aria-label="Search shortcuts"
        placeholder="Search shortcuts…"
        value={query}
        onChange={(event) => setQuery(event.target.value)}
        className="mb-4 h-8 w-full rounded-md border border-control bg-sheet px-2.5"
      />
      <p role="status" className="sr-only">
        {groups.reduce((count, group) => count + group.actions.length, 0)} shortcuts
      </p>
      <div className="grid gap-5">
        {groups.map((group) => (
          <KeyGroupList key={group.name} group={group} />
        ))}
        {groups.length === 0 && <p className="text-ink-2">No shortcut matches “{query}”.</p>}
      </div>
    </Sheet>
  );
}

function KeyGroupList({ group }: { group: KeyGroup }) {
  return (
    <section>
      <h3 className="mb-1 text-xs font-medium text-ink-3">{group.name}</h3>
      <dl>
        {group.actions.map((action) => (
          <div
            key={action.id}
            className="flex min-h-8 items-center justify-between gap-4 border-b border-rule last:border-0"
          >
            <dt>{action.label}</dt>
            <dd className="flex flex-none gap-2">
              {action.keys.map((keys) => (
                <span key={keys}>
                  <span className="sr-only">{keys}</span>
                  <Kbd keys={keys} />
                </span>
              ))}
            </dd>
          </div>
        ))}
      </dl>
    </section>
  );
}
