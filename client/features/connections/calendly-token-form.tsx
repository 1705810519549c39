import { ExternalLink } from "lucide-react";
import { useState } from "react";
import { Button } from "#client/components/ui/button.tsx";
import { ShapeMark } from "#client/components/ui/state-mark.tsx";
import { describeAccount } from "./account-summary.ts";
import { ConnectErrorNote } from "./connect-error-note.tsx";
import type { CalendlyAccount, ConnectError } from "./connection-types.ts";
import { TokenField } from "./token-field.tsx";
import type { ConnectionCalls } from "./use-connection-calls.ts";

const TOKEN_PAGE = "https://calendly.com/integrations/api_webhooks";

type Found = { token: string; account: CalendlyAccount } | { token: string; error: ConnectError };

/** Paste, see whose it is, agree. Used for the first token and for one that replaces it. */
export function CalendlyTokenForm({
  calls,
  submitLabel,
  onSubmit,
}: {
  calls: Pick<ConnectionCalls, "verifyCalendly">;
  submitLabel: string;
  /** Answers the refusal, if there is one. */
  onSubmit: (token: string) => Promise<ConnectError | null>;
}) {
  const [token, setToken] = useState("");
  const [found, setFound] = useState<Found | null>(null);
  const [busy, setBusy] = useState<"verify" | "submit" | null>(null);
  // What was found belongs to the text that was asked about, not to what is typed meanwhile.
  const current = found?.token === token ? found : null;
  const account = current && "account" in current ? current.account : null;
  const error = current && "error" in current ? current.error : null;

  const verify = async (text: string) => {
    setBusy("verify");
    const outcome = await calls.verifyCalendly(text);
    setBusy(null);
    if (outcome)
      setFound({ token: text, ...(outcome.ok ? { account: outcome.account } : { error: outcome.error }) });
  };
  const submit = async () => {
    setBusy("submit");
    const refusal = await onSubmit(token);
    setBusy(null);
    if (refusal) setFound({ token, error: refusal });
    else setToken("");
  };
  const startOver = () => {
    setToken("");
    setFound(null);
  };
  return (
    <form
      className="grid gap-3"
      onSubmit={(event) => {
        event.preventDefault();
        if (account) void submit();
        else if (token) void verify(token.trim());
      }}
    >
      <TokenField
        label="Personal access token"
        value={token}
        disabled={busy === "submit"}
        onChange={(text) => setToken(text.trim())}
        onPasted={(text) => void verify(text)}
        hint={
          <>
            Made in Calendly under{" "}
            <a href={TOKEN_PAGE} target="_blank" rel="noreferrer" className="text-accent underline">
              Integrations › API and webhooks <ExternalLink aria-hidden="true" className="inline size-3" />
            </a>
            , with users, organizations, event types and scheduled events to read, and webhooks to write. It
            is stored encrypted and never shown again.
          </>
        }
      />
      <div aria-live="polite">
        {busy === "verify" && <p className="text-ink-2">Asking Calendly whose it is…</p>}
        {account && <AccountFound account={account} />}
      </div>
      {error && (
        <ConnectErrorNote error={error}>
          {error.code === "network" || error.code === "rate_limited" || error.code === "unexpected" ? (
            <Button size="sm" onClick={() => void verify(token)}>
              Try again
            </Button>
          ) : (
            <Button size="sm" onClick={startOver}>
              Paste a new one
            </Button>
          )}
        </ConnectErrorNote>
      )}
      <div className="flex gap-2">
        {account ? (
          <Button type="submit" variant="primary" isBusy={busy === "submit"}>
            {submitLabel}
          </Button>
        ) : (
          !error && (
            <Button type="submit" isBusy={busy === "verify"} disabled={!token}>
              Check token
            </Button>
          )
        )}
        {account && (
          <Button variant="quiet" onClick={startOver}>
            Use another
          </Button>
        )}
      </div>
    </form>
  );
}

function AccountFound({ account }: { account: CalendlyAccount }) {
  return (
    <div className="grid gap-1">
      <p className="flex items-baseline gap-2">
        <ShapeMark shape="check" className="text-proof" />
        {describeAccount(account)}
      </p>
      {!account.isFullScope && (
        <p className="pl-5 text-doubt">
          This token only sees {account.ownerName ?? "its owner"}’s own meetings. For the whole team use an
          Owner or Admin token.
        </p>
      )}
      {account.missingScopes.length > 0 && (
        <p className="pl-5 text-ink-2">
          Without {account.missingScopes.join(", ")}
          {account.missingScopes.includes("webhooks:write") && ": changes arrive by sweep, within a minute"}.
        </p>
      )}
    </div>
  );
}
