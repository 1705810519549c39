import { useNavigate } from "@tanstack/react-router";
import { Menu, MenuChoice, MenuItem, MenuSeparator, MenuSwitch } from "#client/components/ui/menu.tsx";
import { changePreferences, usePreferences } from "#client/lib/preferences.ts";
import { type CurrentWorkspace, signOut, useSession } from "#client/lib/session.ts";
import { ROLES } from "#client/lib/vocabulary.ts";
import { openShellLayer } from "./layers.ts";

/** The operator: who they are here, how the console looks and behaves for them, and the way out. */
export function MeMenu({ workspace }: { workspace: CurrentWorkspace }) {
  const { user } = useSession();
  const preferences = usePreferences();
  const navigate = useNavigate();
  const initials = user.name
    .split(/\s+/)
    .map((part) => part.charAt(0))
    .slice(0, 2)
    .join("")
    .toUpperCase();
  return (
    <Menu
      trigger={
        <button
          type="button"
          aria-label={`You: ${user.name}`}
          className="grid size-7 flex-none place-items-center rounded-full bg-accent-soft text-2xs font-semibold text-accent"
        >
          {initials}
        </button>
      }
    >
      <div className="px-3 pt-1 pb-1.5">
        <b className="block">{user.name}</b>
        <span className="block text-xs text-ink-3">{user.email}</span>
        <span className="block text-xs text-ink-3">
          {ROLES[workspace.role].label} · {workspace.name}
        </span>
      </div>
      <MenuSeparator />
      <MenuChoice
        label="Theme"
        value={preferences.theme}
        options={[
          { value: "system", label: "As the system" },
          { value: "light", label: "Light" },
          { value: "dark", label: "Dark" },
        ]}
        onChange={(theme) => changePreferences({ theme })}
      />
      <MenuSeparator />
      <MenuSwitch
        checked={preferences.density === "compact"}
        onChange={(isCompact) => changePreferences({ density: isCompact ? "compact" : "comfortable" })}
      >
        Compact rows
      </MenuSwitch>
      <MenuSwitch
        checked={preferences.singleKeys}
        onChange={(singleKeys) => changePreferences({ singleKeys })}
      >
        Single-key shortcuts
      </MenuSwitch>
      <MenuSwitch
        checked={preferences.motion === "reduced"}
        onChange={(isReduced) => changePreferences({ motion: isReduced ? "reduced" : "system" })}
      >
        No motion
      </MenuSwitch>
      <MenuSeparator />
      <MenuItem onSelect={() => openShellLayer("zone")}>Time zone…</MenuItem>
      <MenuItem keys="?" onSelect={() => openShellLayer("keys")}>
        Keyboard shortcuts
      </MenuItem>
      <MenuSeparator />
      <MenuItem onSelect={() => void signOut().then(() => navigate({ to: "/sign-in" }))}>Sign out</MenuItem>
    </Menu>
  );
}
