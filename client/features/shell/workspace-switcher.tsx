import { useNavigate } from "@tanstack/react-router";
import { Building2 } from "lucide-react";
import { Menu, MenuChoice } from "#client/components/ui/menu.tsx";
import { ALL_WORKSPACES, decideHome } from "#client/lib/permissions.ts";
import { type CurrentWorkspace, findWorkspace, useSession } from "#client/lib/session.ts";

/** Goes to another workspace's home. Absent for those who have only one. */
export function WorkspaceSwitcher({ workspace }: { workspace: CurrentWorkspace }) {
  const session = useSession();
  const navigate = useNavigate();
  const options = [
    ...(session.user.role === "admin" ? [{ value: ALL_WORKSPACES, label: "All workspaces" }] : []),
    ...session.workspaces.map((each) => ({ value: each.slug, label: each.name })),
  ];
  if (options.length < 2) return null;
  return (
    <Menu
      align="start"
      trigger={
        <button
          type="button"
          aria-label={`Workspace: ${workspace.name}`}
          title={workspace.name}
          className="grid size-10 place-items-center rounded-md text-ink-3 hover:bg-hover hover:text-ink"
        >
          <Building2 aria-hidden="true" strokeWidth={1.6} className="size-4.5" />
        </button>
      }
    >
      <MenuChoice
        label="Workspace"
        value={workspace.slug}
        options={options}
        onChange={(slug) => {
          const next = findWorkspace(session, slug);
          if (next) navigate({ to: `/w/$workspace/${decideHome(next.role)}`, params: { workspace: slug } });
        }}
      />
    </Menu>
  );
}
