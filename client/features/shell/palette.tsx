import { Autocomplete } from "@base-ui/react/autocomplete";
import { Dialog } from "@base-ui/react/dialog";
import { clsx } from "clsx";
import { useState } from "react";
import { Kbd } from "#client/components/ui/kbd.tsx";
import { useReturnFocus } from "#client/components/ui/use-return-focus.ts";
import { runAction, useActionList } from "#client/lib/actions.ts";
import { listPaletteGroups, type PaletteGroup, type PaletteItem } from "./list-palette-groups.ts";
import { readRecentActions, rememberAction } from "./recent-actions.ts";
import { type SearchLeads, useLeadSearch } from "./use-lead-search.ts";

/** Every action of this moment and, from two characters on, leads: one box for "I know what I want". */
export function Palette({
  searchLeads,
  onOpenLead,
  onClose,
}: {
  searchLeads?: SearchLeads | undefined;
  onOpenLead: (id: string) => void;
  onClose: () => void;
}) {
  const actions = useActionList();
  const returnFocus = useReturnFocus(true);
  const [query, setQuery] = useState("");
  const [recentIds] = useState(readRecentActions);
  const leads = useLeadSearch(query, searchLeads);
  const leadGroup: PaletteGroup = {
    value: "Leads",
    items: leads.hits.map((lead) => ({
      id: `lead:${lead.id}`,
      label: lead.name,
      hint: [lead.company, lead.email].filter(Boolean).join(" · "),
      keys: null,
      isOff: false,
      run: () => onOpenLead(lead.id),
    })),
  };
  const groups = [
    ...listPaletteGroups(actions, query, recentIds),
    ...(leadGroup.items.length > 0 ? [leadGroup] : []),
  ];
  const count = groups.reduce((sum, group) => sum + group.items.length, 0);

  const choose = (item: PaletteItem) => {
    onClose();
    // After the dialog has given focus back: the action may move it further.
    requestAnimationFrame(() => {
      const action = actions.find((each) => item.id.endsWith(`:${each.id}`));
      if (!action) {
        item.run();
        return;
      }
      rememberAction(action.id);
      runAction(action);
    });
  };

  return (
    <Dialog.Root open onOpenChange={(open) => !open && onClose()}>
      <Dialog.Portal>
        <Dialog.Backdrop className="fixed inset-0 z-40 bg-veil" />
        <Dialog.Viewport className="fixed inset-0 z-40 flex justify-center px-3 pt-[12dvh] pb-3">
          <Dialog.Popup
            data-action-scope="dialog"
            finalFocus={returnFocus}
            aria-label="Find an action or a lead"
            className="flex max-h-full w-full max-w-140 flex-col self-start overflow-hidden rounded-lg border border-rule bg-sheet shadow-pop outline-none"
          >
            <Autocomplete.Root
              open
              inline
              items={groups}
              filter={null}
              value={query}
              onValueChange={(next, details) => details.reason !== "item-press" && setQuery(next)}
              itemToStringValue={(item: PaletteItem) => item.label}
              autoHighlight="always"
              keepHighlight
            >
              <Autocomplete.Input
                aria-label="Find an action or a lead"
                placeholder="Find an action or a lead…"
                className="h-11 w-full flex-none border-b border-rule bg-transparent px-4 text-md outline-none"
              />
              <Autocomplete.Status className="sr-only">
                {count === 1 ? "1 result" : `${count} results`}
                {leads.state === "searching" && ", searching leads"}
              </Autocomplete.Status>
              <Autocomplete.List className="max-h-[50dvh] min-h-0 overflow-y-auto overscroll-contain py-1.5 empty:hidden">
                {(group: PaletteGroup) => (
                  <Autocomplete.Group key={group.value} items={group.items}>
                    <Autocomplete.GroupLabel className="px-4 pt-2 pb-1 text-xs text-ink-3">
                      {group.value}
                    </Autocomplete.GroupLabel>
                    <Autocomplete.Collection>
                      {(item: PaletteItem) => (
                        <Autocomplete.Item
                          key={item.id}
                          value={item}
                          onClick={() => choose(item)}
                          aria-disabled={item.isOff || undefined}
                          className={clsx(
                            "flex min-h-8 cursor-default items-center gap-3 px-4 py-1 outline-none data-highlighted:bg-accent-soft",
                            item.isOff && "text-ink-3",
                          )}
                        >
                          <span className="flex-none truncate">{item.label}</span>
                          <span className="min-w-0 flex-1 truncate text-xs text-ink-3">{item.hint}</span>
                          {item.keys && <Kbd keys={item.keys} />}
                        </Autocomplete.Item>
                      )}
                    </Autocomplete.Collection>
                  </Autocomplete.Group>
                )}
              </Autocomplete.List>
              {count === 0 && leads.state !== "searching" && (
                <p className="px-4 py-4 text-ink-2">Nothing here is called “{query}”.</p>
              )}
              {leads.state === "failed" && (
                <p className="px-4 py-3 text-doubt">Leads could not be searched. Type again to retry.</p>
              )}
            </Autocomplete.Root>
          </Dialog.Popup>
        </Dialog.Viewport>
      </Dialog.Portal>
    </Dialog.Root>
  );
}
