import { Link } from "@tanstack/react-router";
import { clsx } from "clsx";
import { Tooltip } from "#client/components/ui/tooltip.tsx";
import { maySee } from "#client/lib/permissions.ts";
import type { CurrentWorkspace } from "#client/lib/session.ts";
import { SCREENS } from "#client/lib/vocabulary.ts";
import { Mark } from "./mark.tsx";
import { SCREEN_ITEMS } from "./screens.ts";
import { WorkspaceSwitcher } from "./workspace-switcher.tsx";

/** The screens this role can use: a rail at the side, a bar at the bottom where the window is narrow. */
export function Nav({ workspace }: { workspace: CurrentWorkspace }) {
  return (
    <nav
      aria-label="Screens"
      className="flex flex-none items-center gap-0.5 border-rule max-sm:order-last max-sm:h-13 max-sm:justify-around max-sm:border-t max-sm:px-2 sm:w-14 sm:flex-col sm:border-r sm:py-2.5"
    >
      <Mark className="size-7.5 max-sm:hidden sm:mb-3" />
      {SCREEN_ITEMS.filter(({ screen }) => maySee(workspace, screen)).map(({ screen, icon: Icon, keys }) => (
        <Tooltip key={screen} text={SCREENS[screen].label} keys={keys} side="right">
          <Link
            to={`/w/$workspace/${screen}`}
            params={{ workspace: workspace.slug }}
            aria-label={SCREENS[screen].label}
            activeProps={{ "aria-current": "page" }}
            className={clsx(
              "relative grid size-10 place-items-center rounded-md text-ink-3 hover:bg-hover hover:text-ink aria-[current=page]:bg-hover aria-[current=page]:text-ink",
              "before:absolute before:rounded-full aria-[current=page]:before:bg-ink max-sm:before:inset-x-2.5 max-sm:before:-top-1.5 max-sm:before:h-0.5 sm:before:inset-y-2.5 sm:before:-left-2 sm:before:w-0.5",
            )}
          >
            <Icon aria-hidden="true" strokeWidth={1.6} className="size-4.5" />
          </Link>
        </Tooltip>
      ))}
      <span className="sm:mt-auto">
        <WorkspaceSwitcher workspace={workspace} />
      </span>
    </nav>
  );
}
