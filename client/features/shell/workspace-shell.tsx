import { Outlet } from "@tanstack/react-router";
import { useWorkspace } from "#client/lib/session.ts";
import { Nav } from "./nav.tsx";
import { ShellActions } from "./shell-actions.tsx";
import { ShellLayers } from "./shell-layers.tsx";

/** Everything below `/w/:workspace`: navigation, the keys that work everywhere, the layers over the page. */
export function WorkspaceShell() {
  const workspace = useWorkspace();
  return (
    <div className="flex h-full flex-col sm:flex-row">
      <Nav workspace={workspace} />
      <ShellActions workspace={workspace} />
      <Outlet />
      <ShellLayers workspace={workspace} />
    </div>
  );
}
