import type { ReactNode } from "react";
import { Button } from "./button.tsx";
import { CopyText } from "./copy-button.tsx";
import { ShapeMark } from "./state-mark.tsx";

/** What happened · what it means for the data · what to do · an id to quote. */
export function ErrorState({
  title,
  effect,
  onRetry,
  action,
  id,
}: {
  title: ReactNode;
  effect?: ReactNode;
  onRetry?: (() => void) | undefined;
  action?: ReactNode;
  id?: string | undefined;
}) {
  return (
    <div role="alert" className="grid max-w-prose grid-cols-[auto_1fr] gap-x-3 px-5 py-8">
      <ShapeMark shape="half" className="mt-1.5 text-doubt" />
      <div className="grid justify-items-start gap-1.5">
        <p className="text-md font-semibold">{title}</p>
        {effect && <p className="text-ink-2">{effect}</p>}
        <div className="flex flex-wrap items-center gap-3 pt-2">
          {onRetry && <Button onClick={onRetry}>Try again</Button>}
          {action}
          {id && (
            <span className="text-xs text-ink-3">
              id <CopyText text={id} />
            </span>
          )}
        </div>
      </div>
    </div>
  );
}
