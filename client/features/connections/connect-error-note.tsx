import type { ReactNode } from "react";
import { Time } from "#client/components/ui/time.tsx";
import { writeConnectError } from "#client/lib/connection-words.ts";
import type { ConnectError } from "./connection-types.ts";

/** A provider's refusal beside the form that caused it: cause, effect, and at most one or two ways on. */
export function ConnectErrorNote({ error, children }: { error: ConnectError; children?: ReactNode }) {
  const { text, effect } = writeConnectError(error);
  return (
    <div role="alert" className="grid gap-2 rounded-md border border-doubt bg-doubt-soft px-3.5 py-2.5">
      <p>
        <b>{text}</b>
        {error.code === "rate_limited" && error.at && (
          <>
            {" "}
            Try again at <Time kind="moment" at={error.at} seconds />.
          </>
        )}
        {error.code === "exists" && error.at && (
          <>
            {" "}
            Created <Time kind="date" at={error.at} />.
          </>
        )}
        <span className="block text-ink-2">{effect}</span>
      </p>
      {children && <div className="flex flex-wrap gap-2">{children}</div>}
    </div>
  );
}
