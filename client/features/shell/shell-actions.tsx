import { useNavigate } from "@tanstack/react-router";
import { useState } from "react";
import { useActionKeys, useActions } from "#client/lib/actions.ts";
import { useLiveConnection, useLivePause } from "#client/lib/live/live.ts";
import { maySee } from "#client/lib/permissions.ts";
import { changePreferences, isDarkNow, usePreferences } from "#client/lib/preferences.ts";
import { type CurrentWorkspace, useSession } from "#client/lib/session.ts";
import { useNewestUndo } from "#client/lib/toasts.ts";
import { SCREENS } from "#client/lib/vocabulary.ts";
import { openShellLayer } from "./layers.ts";
import { SCREEN_ITEMS } from "./screens.ts";

/** The actions that exist on every screen, and the one listener that turns keys into actions. Renders nothing. */
export function ShellActions({ workspace }: { workspace: CurrentWorkspace }) {
  const navigate = useNavigate();
  const preferences = usePreferences();
  const undo = useNewestUndo();
  const { user } = useSession();
  const [isPaused, setIsPaused] = useState(false);
  useLiveConnection(user.id, workspace.slug);
  useLivePause(isPaused ? "by you" : null);
  useActionKeys();
  const isDark = isDarkNow(preferences);
  useActions([
    ...SCREEN_ITEMS.filter(({ screen }) => maySee(workspace, screen)).map(({ screen, keys }) => ({
      id: `go.${screen}`,
      label: SCREENS[screen].label,
      keys: [keys],
      scope: "global" as const,
      group: "Go to",
      run: () => navigate({ to: `/w/$workspace/${screen}`, params: { workspace: workspace.slug } }),
    })),
    {
      id: "palette",
      label: "Find an action or a lead",
      keys: ["mod+k"],
      scope: "global",
      group: "Everywhere",
      hidden: true,
      run: () => openShellLayer("palette"),
    },
    {
      id: "keys",
      label: "Keyboard shortcuts",
      keys: ["?"],
      scope: "global",
      group: "Everywhere",
      synonyms: ["help", "hotkeys"],
      run: () => openShellLayer("keys"),
    },
    {
      id: "filter",
      label: "Filter this list",
      keys: ["/"],
      scope: "global",
      group: "Everywhere",
      synonyms: ["search"],
      run: focusFilter,
    },
    {
      id: "live.pause",
      label: isPaused ? "Resume updates" : "Pause updates",
      keys: ["u"],
      scope: "global",
      group: "Everywhere",
      synonyms: ["live", "freeze"],
      run: () => setIsPaused(!isPaused),
    },
    {
      id: "undo",
      label: undo ? `Undo: ${undo.title}` : "Undo",
      keys: ["z", "mod+z"],
      scope: "global",
      group: "Everywhere",
      enabled: undo !== null,
      reason: "Nothing to undo here.",
      run: () => undo?.run(),
    },
    {
      id: "theme",
      label: isDark ? "Use the light theme" : "Use the dark theme",
      scope: "global",
      group: "Preferences",
      synonyms: ["night", "appearance"],
      run: () => changePreferences({ theme: isDark ? "light" : "dark" }),
    },
    {
      id: "density",
      label: preferences.density === "compact" ? "Use comfortable rows" : "Use compact rows",
      scope: "global",
      group: "Preferences",
      synonyms: ["density", "dense"],
      run: () =>
        changePreferences({ density: preferences.density === "compact" ? "comfortable" : "compact" }),
    },
    {
      id: "single-keys",
      label: preferences.singleKeys ? "Turn single-key shortcuts off" : "Turn single-key shortcuts on",
      scope: "global",
      group: "Preferences",
      run: () => changePreferences({ singleKeys: !preferences.singleKeys }),
    },
    {
      id: "zone",
      label: "Time zone…",
      scope: "global",
      group: "Preferences",
      run: () => openShellLayer("zone"),
    },
  ]);
  return null;
}

function focusFilter(): void {
  const box = document.querySelector<HTMLInputElement>("main [data-filter-box]");
  box?.focus();
  box?.select();
}
