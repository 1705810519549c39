import { useSyncExternalStore } from "react";

export type Preferences = {
  theme: "system" | "light" | "dark";
  density: "comfortable" | "compact";
  /** Off: no key that types a character does anything outside a text field. */
  singleKeys: boolean;
  /** IANA name; null follows the browser. */
  zone: string | null;
  motion: "system" | "reduced";
};

const STORAGE_KEY = "bookproof:preferences";
const DEFAULTS: Preferences = {
  theme: "system",
  density: "comfortable",
  singleKeys: true,
  zone: null,
  motion: "system",
};

const listeners = new Set<() => void>();
let current = readStored();

function readStored(): Preferences {
  try {
    const stored: unknown = JSON.parse(localStorage.getItem(STORAGE_KEY) ?? "{}");
    return typeof stored === "object" && stored !== null ? { ...DEFAULTS, ...stored } : DEFAULTS;
  } catch {
    // Storage blocked or its content damaged: the defaults serve, and the next save repairs it.
    return DEFAULTS;
  }
}

/** What the theme comes to: the choice, or the system's. */
export function isDarkNow({ theme }: Preferences): boolean {
  if (theme !== "system") return theme === "dark";
  return typeof matchMedia === "function" && matchMedia("(prefers-color-scheme: dark)").matches;
}

/** Puts theme, density and motion on the root element, where the style sheet reads them. */
export function applyPreferences(): void {
  const root = document.documentElement;
  root.dataset.theme = isDarkNow(current) ? "dark" : "light";
  root.dataset.density = current.density;
  root.dataset.motion = current.motion;
}

/** Applies the preferences now, when the system's theme changes, and when another tab changes them. */
export function startPreferences(): void {
  applyPreferences();
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", applyPreferences);
  window.addEventListener("storage", (event) => {
    if (event.key !== STORAGE_KEY) return;
    current = readStored();
    applyPreferences();
    for (const listener of listeners) listener();
  });
}

export function readPreferences(): Preferences {
  return current;
}

export function changePreferences(change: Partial<Preferences>): void {
  current = { ...current, ...change };
  try {
    localStorage.setItem(STORAGE_KEY, JSON.stringify(current));
  } catch {
    // Without storage the choice lasts until the page closes.
  }
  applyPreferences();
  for (const listener of listeners) listener();
}

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

export function usePreferences(): Preferences {
  return useSyncExternalStore(subscribe, readPreferences);
}

/** The operator's zone: the chosen one, else the browser's. */
export function readMyZone(): string {
  return current.zone ?? Intl.DateTimeFormat().resolvedOptions().timeZone;
}

export function useMyZone(): string {
  return usePreferences().zone ?? Intl.DateTimeFormat().resolvedOptions().timeZone;
}
