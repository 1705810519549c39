import type { ReactNode } from "react";

/** A screen that is read rather than worked through: one run, one connection. Scrolls by itself. */
export function Page({ children }: { children: ReactNode }) {
  return (
    <div data-action-scope="list" className="h-full overflow-y-auto">
      <div className="grid max-w-6xl grid-cols-1 content-start gap-6 px-4 py-6 sm:px-8">{children}</div>
    </div>
  );
}
