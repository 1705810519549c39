import { describe, expect, it } from "vitest";
import type { Action } from "#client/lib/actions.ts";
import { listKeyGroups } from "./list-key-groups.ts";
import { listPaletteGroups } from "./list-palette-groups.ts";

function buildAction(overrides: Partial<Action>): Action {
  return { id: "any", label: "Any", scope: "global", group: "Everywhere", run: () => {}, ...overrides };
}

const ACTIONS: Action[] = [
  buildAction({ id: "go.leads", label: "Leads", group: "Go to", keys: ["g l"] }),
  buildAction({ id: "theme", label: "Use the dark theme", group: "Preferences", synonyms: ["night"] }),
  buildAction({
    id: "undo",
    label: "Undo",
    keys: ["z", "mod+z"],
    enabled: false,
    reason: "Nothing to undo here.",
  }),
  buildAction({
    id: "row.next",
    label: "Next row",
    scope: "list",
    group: "Red queue",
    keys: ["j"],
    hidden: true,
  }),
  buildAction({
    id: "no-show",
    label: "No-show",
    scope: "panel",
    group: "Red queue",
    keys: ["2"],
    synonyms: ["ghosted"],
  }),
  buildAction({ id: "confirm", label: "Confirm", scope: "dialog", keys: ["mod+enter"] }),
];
const names = (groups: { items: { label: string }[] }[]) =>
  groups.flatMap((group) => group.items.map((item) => item.label));

describe("listPaletteGroups", () => {
  it("offers what is in front of the person first, preferences last", () => {
    expect(listPaletteGroups(ACTIONS, "", []).map((group) => group.value)).toEqual([
      "Red queue",
      "Go to",
      "Everywhere",
      "Preferences",
    ]);
  });
  it("leaves out movement keys and the actions of dialogs", () => {
    const offered = names(listPaletteGroups(ACTIONS, "", []));
    expect(offered).not.toContain("Next row");
    expect(offered).not.toContain("Confirm");
  });
  it("finds an action by another word for it", () => {
    expect(names(listPaletteGroups(ACTIONS, "ghosted", []))).toEqual(["No-show"]);
  });
  it("finds an action by words in any order", () => {
    expect(names(listPaletteGroups(ACTIONS, "dark use", []))).toEqual(["Use the dark theme"]);
  });
  it("puts what was used lately on top while nothing is typed, and only then", () => {
    expect(listPaletteGroups(ACTIONS, "", ["theme", "gone"])[0]).toMatchObject({
      value: "Recent",
      items: [{ label: "Use the dark theme" }],
    });
    expect(listPaletteGroups(ACTIONS, "dark", ["theme"])[0]?.value).toBe("Preferences");
  });
  it("shows why an action is off", () => {
    expect(listPaletteGroups(ACTIONS, "undo", [])[0]?.items[0]).toMatchObject({
      isOff: true,
      hint: "Nothing to undo here.",
    });
  });
});

describe("listKeyGroups", () => {
  it("puts the current screen before what works everywhere", () => {
    expect(listKeyGroups(ACTIONS, "").map((group) => group.name)).toEqual([
      "Red queue",
      "Go to",
      "Everywhere",
    ]);
  });
  it("puts what decides on the open row before what moves through the list", () => {
    expect(listKeyGroups(ACTIONS, "")[0]?.actions.map(({ label }) => label)).toEqual(["No-show", "Next row"]);
  });
  it("lists movement keys too", () => {
    expect(listKeyGroups(ACTIONS, "next")[0]?.actions).toEqual([
      { id: "row.next", label: "Next row", keys: ["j"] },
    ]);
  });
  it("finds by the key itself", () => {
    expect(listKeyGroups(ACTIONS, "mod+z")[0]?.actions[0]?.label).toBe("Undo");
  });
});
