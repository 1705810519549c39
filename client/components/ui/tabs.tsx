import { Link, type LinkProps } from "@tanstack/react-router";
import { clsx } from "clsx";
import { useEffect, useRef } from "react";
import { Kbd } from "./kbd.tsx";

export type Tab = {
  id: string;
  label: string;
  count?: number | undefined;
  link: LinkProps;
  isCurrent: boolean;
  keys?: string;
};

/** The views of one screen, as links: they open in a new tab, and Back works. */
export function Tabs({ label, tabs }: { label: string; tabs: readonly Tab[] }) {
  const nav = useRef<HTMLElement>(null);
  const currentId = tabs.find((tab) => tab.isCurrent)?.id;
  // Counts that arrive later push the current view away again.
  const areCounted = tabs.some(({ count }) => count !== undefined);
  useEffect(() => {
    // On a phone the strip is longer than the screen: the current view must be in it.
    const current = (currentId || areCounted) && nav.current?.querySelector("[aria-current]");
    if (current) current.scrollIntoView?.({ block: "nearest", inline: "center" });
  }, [currentId, areCounted]);
  return (
    <nav
      ref={nav}
      aria-label={label}
      className="-mx-1 flex min-w-0 gap-0.5 overflow-x-auto px-1 py-1 [scrollbar-width:none]"
    >
      {tabs.map((tab) => (
        <Link
          key={tab.id}
          {...tab.link}
          aria-current={tab.isCurrent ? "page" : undefined}
          className={clsx(
            "flex flex-none items-center gap-1.5 rounded-md px-2.5 py-1 whitespace-nowrap",
            tab.isCurrent ? "bg-hover font-medium text-ink" : "text-ink-2 hover:bg-hover hover:text-ink",
          )}
        >
          {tab.label}
          {tab.count !== undefined && (
            <span className={clsx("font-normal", tab.isCurrent ? "text-ink-2" : "text-ink-3")}>
              {tab.count.toLocaleString("en-US")}
            </span>
          )}
          {tab.keys && <Kbd keys={tab.keys} />}
        </Link>
      ))}
    </nav>
  );
}
