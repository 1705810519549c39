import { type ReactNode, useEffect, useRef } from "react";
import { type Tab, Tabs } from "#client/components/ui/tabs.tsx";
import { useWorkspace } from "#client/lib/session.ts";
import { useMedia } from "#client/lib/use-media.ts";
import { MeMenu } from "./me-menu.tsx";
import { StaleStrip } from "./stale-strip.tsx";
import { StatusCorner } from "./status-corner.tsx";

/**
 * The frame of every screen: title and tabs, the status corner, a bar for filter and next step, strips (selection,
 * banners), then the list with its footer and, beside it, the panel. The page's title follows.
 */
export function Screen({
  title,
  subtitle,
  documentTitle,
  tabs,
  actions,
  bar,
  strip,
  children,
  footer,
  panel,
}: {
  title: string;
  subtitle?: ReactNode;
  /** For the browser tab, where it differs: `59% · Backfill 42`. */
  documentTitle?: string;
  tabs?: readonly Tab[];
  /** Buttons of the screen itself, right of the live chip: Pause, Start backfill. */
  actions?: ReactNode;
  bar?: ReactNode;
  strip?: ReactNode;
  children: ReactNode;
  footer?: ReactNode;
  panel?: ReactNode;
}) {
  const workspace = useWorkspace();
  const main = useRef<HTMLElement>(null);
  const isPanelFull = !useMedia("(width >= 56.25rem)");
  useEffect(() => {
    document.title = `${documentTitle ?? title} · Bookproof`;
  }, [documentTitle, title]);
  useEffect(() => {
    // After a change of screen the link that led here may be gone; focus must not fall to the body.
    if (document.activeElement === document.body) main.current?.focus({ preventScroll: true });
  }, []);
  return (
    <main
      ref={main}
      tabIndex={-1}
      data-action-scope="open"
      className="flex min-h-0 min-w-0 flex-1 flex-col outline-none"
    >
      <header className="flex flex-none flex-wrap items-center gap-x-4 border-b border-rule px-4 sm:px-5 md:h-13 md:flex-nowrap">
        <div className="flex min-w-0 flex-1 items-center gap-x-4 gap-y-0 max-md:basis-full max-md:flex-wrap md:contents">
          <div className="flex min-h-11 min-w-0 items-center gap-3 max-md:flex-1 md:h-auto">
            <h1 title={title} className="min-w-0 truncate text-md font-semibold">
              {title}
            </h1>
            {subtitle && <div className="min-w-0 truncate text-ink-2 max-sm:hidden">{subtitle}</div>}
          </div>
          <div className="ml-auto flex flex-none items-center gap-2 py-1.5 md:order-last md:gap-3 md:py-0">
            <StatusCorner workspace={workspace} />
            {actions}
            <MeMenu workspace={workspace} />
          </div>
          {tabs && tabs.length > 0 && (
            <div className="min-w-0 max-md:basis-full max-md:pb-1.5 md:flex-1">
              <Tabs label={`${title}: views`} tabs={tabs} />
            </div>
          )}
        </div>
      </header>
      {bar && (
        <div className="flex flex-none flex-wrap items-center gap-x-3 gap-y-2 border-b border-rule px-4 py-2 text-ink-2 sm:px-5">
          {bar}
        </div>
      )}
      <div className="relative flex min-h-0 flex-1">
        <div className="flex min-h-0 min-w-0 flex-1 flex-col" inert={isPanelFull && Boolean(panel)}>
          <StaleStrip />
          {strip}
          <div className="min-h-0 flex-1">{children}</div>
          {footer && <div className="flex-none border-t border-rule">{footer}</div>}
        </div>
        {panel}
      </div>
    </main>
  );
}
