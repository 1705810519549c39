import { useId, useLayoutEffect, useMemo, useRef, useSyncExternalStore } from "react";
import { announce } from "./announce.ts";
import { type Chord, isSingleKey, matchesChord, parseKeys } from "./key-chord.ts";
import { readPreferences } from "./preferences.ts";

/** Where a key works: anywhere, while the list or panel has focus, or only inside an open dialog. */
export type ActionScope = "global" | "list" | "panel" | "dialog";

export type Action = {
  id: string;
  label: string;
  /** `["j", "shift+1", "mod+k", "g q"]`; the first is the one that buttons show. */
  keys?: readonly string[];
  scope: ActionScope;
  /** Heading in the palette and the key sheet: "Red queue", "Go to". */
  group: string;
  run: () => void;
  /** Default true. A disabled action says `reason` when its key is pressed. */
  enabled?: boolean;
  reason?: string;
  /** What it will do, shown under the label: "back in 2 h, try 3 of 6". */
  effect?: string;
  /** Left out of the palette (movement keys); still in the key sheet. */
  hidden?: boolean;
  /** Runs again while the key is held. Off for everything that decides something. */
  repeats?: boolean;
  /** Other words that find it in the palette: "ghosted" for No-show. */
  synonyms?: readonly string[];
};

type Registered = { action: Action; order: number };

const registered = new Map<string, Registered>();
const listeners = new Set<() => void>();
let snapshot: readonly Action[] = [];
let nextOrder = 0;

function publish(): void {
  snapshot = [...registered.values()].sort((a, b) => a.order - b.order).map((entry) => entry.action);
  for (const listener of listeners) listener();
}

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

export function readActions(): readonly Action[] {
  return snapshot;
}

/** Everything that can be done right now, in the order it was registered. For the palette and the key sheet. */
export function useActionList(): readonly Action[] {
  return useSyncExternalStore(subscribe, readActions);
}

function isSameAction(a: Action, b: Action): boolean {
  return (
    a.label === b.label &&
    a.enabled === b.enabled &&
    a.reason === b.reason &&
    a.effect === b.effect &&
    a.scope === b.scope &&
    a.group === b.group &&
    a.hidden === b.hidden &&
    (a.keys ?? []).join() === (b.keys ?? []).join()
  );
}

/**
 * Registers actions while the component is mounted and returns them, ready for `<ActionButton>`. One definition feeds
 * the key, the button, the palette and the key sheet. `run` is always the latest one; it need not be memoized.
 */
export function useActions<const T extends readonly Action[]>(actions: T): T {
  const owner = useId();
  const latest = useRef(actions);
  const shown = useRef(new Map<string, Action>());
  // With the commit, not after it: a key pressed the moment a button is on screen does what the button says.
  useLayoutEffect(() => {
    latest.current = actions;
    let changed = false;
    const seen = new Set<string>();
    for (const action of actions) {
      const key = `${owner}${action.id}`;
      seen.add(key);
      const known = shown.current.get(key);
      if (known && isSameAction(known, action)) continue;
      const stored: Action = {
        ...action,
        run: () => latest.current.find((each) => each.id === action.id)?.run(),
      };
      shown.current.set(key, stored);
      registered.set(key, { action: stored, order: registered.get(key)?.order ?? nextOrder++ });
      changed = true;
    }
    for (const key of shown.current.keys()) {
      if (seen.has(key)) continue;
      shown.current.delete(key);
      registered.delete(key);
      changed = true;
    }
    if (changed) publish();
  });
  useLayoutEffect(() => {
    const mine = shown.current;
    return () => {
      for (const key of mine.keys()) registered.delete(key);
      mine.clear();
      publish();
    };
  }, []);
  return actions;
}

/** Runs it, or says why it cannot run. */
export function runAction(action: Action): void {
  if (action.enabled === false) {
    announce(action.reason ?? `${action.label} is not possible now.`);
    return;
  }
  action.run();
}

const SEQUENCE_MS = 1200;

function isTextField(target: Element | null): boolean {
  return (
    target instanceof HTMLElement &&
    (target.isContentEditable ||
      target.matches(
        "textarea, select, input:not([type=checkbox], [type=radio], [type=button], [type=submit], [type=range])",
      ))
  );
}

/** Enter and Space belong to the button, link or box that has focus. */
function isActivation(chord: Chord): boolean {
  return !chord.mod && (chord.key === "enter" || chord.key === " ");
}

function isControl(target: Element | null): boolean {
  return target?.matches("button, a[href], summary, input, select, [role=button], [role=checkbox]") ?? false;
}

type Place = "open" | "list" | "panel" | "dialog" | "elsewhere";

/**
 * Where focus is. Nothing focused, or the screen outside its list and panel, is the open page: the first `J` of a
 * session enters the list.
 */
function findPlace(target: Element | null): Place {
  if (!target || target === document.body || target === document.documentElement) return "open";
  if (target.closest("[role=menu], [role=listbox]")) return "elsewhere";
  const scope = target.closest<HTMLElement>("[data-action-scope]")?.dataset.actionScope;
  return scope === "dialog" || scope === "list" || scope === "panel" || scope === "open"
    ? scope
    : "elsewhere";
}

// Which scopes answer in which place, the most specific first. List and panel work as one desk: digits decide on the
// open task while focus is still on its row, and J moves on while focus is in the panel.
const ANSWERING: Record<Place, readonly ActionScope[]> = {
  dialog: ["dialog"],
  list: ["list", "panel", "global"],
  panel: ["panel", "list", "global"],
  open: ["panel", "list", "global"],
  elsewhere: ["global"],
};

type KeyBinding = { action: Action; chords: Chord[] };

function listBindings(place: Place): KeyBinding[] {
  const scopes = ANSWERING[place];
  return [...snapshot]
    .reverse()
    .filter((action) => scopes.includes(action.scope))
    .sort((a, b) => scopes.indexOf(a.scope) - scopes.indexOf(b.scope))
    .flatMap((action) => (action.keys ?? []).map((keys) => ({ action, chords: parseKeys(keys) })));
}

/**
 * The one key listener. Ignores text fields (except for chords with ⌘/Ctrl, Escape and function keys), composition,
 * events somebody already handled, and repeats of anything that decides. Single keys obey the preference.
 */
export function createKeyListener() {
  let pending: KeyboardEvent | null = null;

  return function handleKeyDown(event: KeyboardEvent): void {
    if (event.defaultPrevented || event.isComposing) return;
    if (["Shift", "Control", "Alt", "Meta"].includes(event.key)) return;
    const target = event.target instanceof Element ? event.target : null;
    const inText = isTextField(target);
    const allowSingle = readPreferences().singleKeys && !inText;
    const bindings = listBindings(findPlace(target)).filter(({ chords }) => {
      const [first] = chords;
      if (!first) return false;
      if (isSingleKey(first)) return allowSingle;
      if (isActivation(first) && isControl(target)) return false;
      // Undo and select-all belong to the field while one types.
      if (inText && first.mod) return !["z", "a", "x", "c", "v"].includes(first.key);
      return !inText || first.key === "escape" || /^f\d+$/.test(first.key);
    });

    // When they were pressed counts, not when a busy page came to them.
    const prefix = pending && event.timeStamp - pending.timeStamp < SEQUENCE_MS ? pending : null;
    pending = null;
    if (prefix) {
      const sequence = bindings.find(
        ({ chords: [first, second] }) =>
          first && second && matchesChord(first, prefix) && matchesChord(second, event),
      );
      if (sequence) {
        press(sequence.action, event);
        return;
      }
    }
    if (bindings.some(({ chords: [first, second] }) => first && second && matchesChord(first, event))) {
      pending = event;
      return;
    }
    const matching = bindings.filter(
      ({ chords: [first, second] }) => first && !second && matchesChord(first, event),
    );
    // A disabled action gives way to an enabled one on the same key; alone, it explains itself.
    const chosen = matching.find(({ action }) => action.enabled !== false) ?? matching[0];
    if (chosen) press(chosen.action, event);
  };
}

function press(action: Action, event: KeyboardEvent): void {
  event.preventDefault();
  if (event.repeat && !action.repeats) return;
  runAction(action);
}

/** Listens for the whole page; the shell mounts it once. */
export function useActionKeys(): void {
  const handleKeyDown = useMemo(() => createKeyListener(), []);
  useLayoutEffect(() => {
    document.addEventListener("keydown", handleKeyDown);
    return () => document.removeEventListener("keydown", handleKeyDown);
  }, [handleKeyDown]);
}
