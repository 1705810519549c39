/** One pressable combination. `key` is a letter, a digit, a sign or a DOM key name, lower-cased. */
export type Chord = { key: string; mod: boolean; shift: boolean; alt: boolean };

/** What a listener needs of a KeyboardEvent. */
export type KeyFacts = Pick<KeyboardEvent, "key" | "code" | "ctrlKey" | "metaKey" | "altKey" | "shiftKey"> & {
  getModifierState?: (key: string) => boolean;
};

const ALIASES: Record<string, string> = { esc: "escape", space: " ", up: "arrowup", down: "arrowdown" };

/** `"g q"` is two chords, one after the other; `"mod+k"` is ⌘ on a Mac and Ctrl elsewhere. */
export function parseKeys(keys: string): Chord[] {
  return keys.split(" ").map((part) => {
    const pieces = part.toLowerCase().split("+");
    // "shift++" names the plus sign itself.
    const name = pieces.at(-1) || "+";
    return {
      key: ALIASES[name] ?? name,
      mod: pieces.includes("mod"),
      shift: pieces.includes("shift"),
      alt: pieces.includes("alt"),
    };
  });
}

const isLetterOrNamed = (key: string) => /^[a-z]$/.test(key) || key.length > 1 || key === " ";

/** Letters and signs match what the key prints, digits match the key itself, so `1` works on a French keyboard too. */
export function matchesChord(chord: Chord, event: KeyFacts): boolean {
  const isAltGraph = event.getModifierState?.("AltGraph") ?? false;
  const mod = (event.metaKey || event.ctrlKey) && !isAltGraph;
  if (mod !== chord.mod) return false;
  if (/^\d$/.test(chord.key)) {
    const digit = /^(?:Digit|Numpad)(\d)$/.exec(event.code)?.[1];
    return digit === chord.key && event.shiftKey === chord.shift && event.altKey === chord.alt;
  }
  if (event.key.toLowerCase() !== chord.key) return false;
  // A sign may need Shift or AltGr to be typed at all; only letters and named keys care about them.
  return !isLetterOrNamed(chord.key) || (event.shiftKey === chord.shift && event.altKey === chord.alt);
}

/** True for keys that would type a character: the ones that the single-keys switch turns off. */
export function isSingleKey(chord: Chord): boolean {
  return !chord.mod && !chord.alt && chord.key.length === 1 && chord.key !== " ";
}

export function isMac(): boolean {
  return typeof navigator !== "undefined" && /mac|iphone|ipad/i.test(navigator.platform);
}

const CAPS: Record<string, string> = {
  enter: "↵",
  escape: "Esc",
  " ": "Space",
  arrowup: "↑",
  arrowdown: "↓",
  arrowleft: "←",
  arrowright: "→",
  pageup: "PgUp",
  pagedown: "PgDn",
};

/** The caps to draw for a key string. */
export function describeKeys(keys: string, mac = isMac()): string[] {
  return parseKeys(keys).flatMap((chord) => {
    const name =
      CAPS[chord.key] ?? (chord.key.length === 1 ? chord.key.toUpperCase() : capitalize(chord.key));
    return [
      ...(chord.mod ? [mac ? "⌘" : "Ctrl"] : []),
      ...(chord.alt ? [mac ? "⌥" : "Alt"] : []),
      ...(chord.shift ? ["⇧"] : []),
      name,
    ];
  });
}

function capitalize(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}

/** The value of `aria-keyshortcuts` for a key string; a sequence has no ARIA notation and yields undefined. */
export function ariaKeyshortcuts(keys: string, mac = isMac()): string | undefined {
  const [chord, ...rest] = parseKeys(keys);
  if (!chord || rest.length > 0) return undefined;
  const modifiers = [chord.mod && (mac ? "Meta" : "Control"), chord.alt && "Alt", chord.shift && "Shift"];
  const name =
    chord.key === " " ? "Space" : chord.key.length === 1 ? chord.key.toUpperCase() : capitalize(chord.key);
  return [...modifiers.filter(Boolean), name].join("+");
}
