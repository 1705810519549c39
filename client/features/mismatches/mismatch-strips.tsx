import { Link } from "@tanstack/react-router";
import { Banner } from "#client/components/ui/banner.tsx";
import { Time } from "#client/components/ui/time.tsx";
import { PROVIDERS } from "#client/lib/vocabulary.ts";
import type { MismatchList } from "./words.ts";

/** What limits the list right now: a provider that does not answer, a page that is no longer where it was. */
export function MismatchStrips({
  connections,
  isMoved,
  workspace,
  maySeeConnections,
}: {
  connections: MismatchList["connections"];
  isMoved: boolean;
  workspace: string;
  maySeeConnections: boolean;
}) {
  const troubled = connections.filter(({ state }) => state === "retrying" || state === "action_needed");
  return (
    <>
      {troubled.map((connection) => (
        <Banner
          key={connection.provider}
          placement="strip"
          title={
            <>
              {PROVIDERS[connection.provider].label} is not answering since{" "}
              <Time kind="moment" at={connection.stateSince} />.
            </>
          }
          action={
            maySeeConnections && (
              <Link
                to="/w/$workspace/connections"
                params={{ workspace }}
                className="inline-flex min-h-6 items-center font-medium text-accent hover:underline"
              >
                Fix connection
              </Link>
            )
          }
        >
          Its evidence is frozen; bulk skips what was not checked lately.
        </Banner>
      ))}
      {isMoved && (
        <p role="status" className="border-b border-rule px-5 py-1.5 text-xs text-ink-2">
          That page moved; showing the newest.
        </p>
      )}
    </>
  );
}
