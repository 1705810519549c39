import { describe, expect, it } from "vitest";
import { describeKeys, isSingleKey, type KeyFacts, matchesChord, parseKeys } from "./key-chord.ts";

function press(key: string, overrides: Partial<KeyFacts> = {}): KeyFacts {
  return { key, code: "", ctrlKey: false, metaKey: false, altKey: false, shiftKey: false, ...overrides };
}

function matches(keys: string, event: KeyFacts): boolean {
  const [chord] = parseKeys(keys);
  return chord !== undefined && matchesChord(chord, event);
}

describe("matchesChord", () => {
  const cases: [string, string, KeyFacts, boolean][] = [
    ["a letter matches what it prints", "j", press("j", { code: "KeyC" }), true],
    ["a letter with Caps Lock is the same letter", "j", press("J"), true],
    ["a shifted letter is another key", "j", press("J", { shiftKey: true }), false],
    ["Shift is asked for by name", "shift+j", press("J", { shiftKey: true }), true],
    ["a digit matches its key on a French keyboard", "1", press("&", { code: "Digit1" }), true],
    ["a digit matches on the number pad", "1", press("1", { code: "Numpad1" }), true],
    [
      "a shifted digit opens a tab, not an outcome",
      "1",
      press("!", { code: "Digit1", shiftKey: true }),
      false,
    ],
    ["shift+1 matches whatever it prints", "shift+1", press("!", { code: "Digit1", shiftKey: true }), true],
    ["a sign may need Shift", "?", press("?", { shiftKey: true }), true],
    [
      "a sign may need AltGr, which reports Ctrl and Alt",
      "[",
      press("[", { ctrlKey: true, altKey: true, getModifierState: (key) => key === "AltGraph" }),
      true,
    ],
    ["mod is Ctrl", "mod+k", press("k", { ctrlKey: true }), true],
    ["mod is ⌘", "mod+k", press("k", { metaKey: true }), true],
    ["Ctrl+J is not J", "j", press("j", { ctrlKey: true }), false],
    ["Alt+J is not J", "j", press("j", { altKey: true }), false],
    ["space has a name", "space", press(" "), true],
    ["escape may be written short", "esc", press("Escape"), true],
  ];
  it.each(cases)("%s", (_, keys, event, expected) => {
    expect(matches(keys, event)).toBe(expected);
  });
});

describe("isSingleKey", () => {
  it.each([
    ["j", true],
    ["shift+1", true],
    ["?", true],
    ["mod+k", false],
    ["escape", false],
    ["f6", false],
    ["space", false],
  ])("%s → %s", (keys, expected) => {
    const [chord] = parseKeys(keys);
    expect(chord && isSingleKey(chord)).toBe(expected);
  });
});

describe("describeKeys", () => {
  it("draws ⌘ on a Mac and Ctrl elsewhere", () => {
    expect(describeKeys("mod+k", true)).toEqual(["⌘", "K"]);
    expect(describeKeys("mod+enter", false)).toEqual(["Ctrl", "↵"]);
  });
  it("draws a sequence as its keys in order", () => {
    expect(describeKeys("g q", false)).toEqual(["G", "Q"]);
  });
});
