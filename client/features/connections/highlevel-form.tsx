import { useState } from "react";
import { Button } from "#client/components/ui/button.tsx";
import { Field, Input } from "#client/components/ui/field.tsx";
import { ConnectErrorNote } from "./connect-error-note.tsx";
import type { ConnectError } from "./connection-types.ts";
import { TokenField } from "./token-field.tsx";

const SCOPES = [
  "calendars.readonly",
  "calendars/events.readonly",
  "contacts.readonly",
  "users.readonly",
  "locations.readonly",
];

/** Token and location on one form: HighLevel's token does not say where it belongs. */
export function HighLevelForm({
  onSubmit,
}: {
  onSubmit: (token: string, locationId: string) => Promise<ConnectError | null>;
}) {
  const [token, setToken] = useState("");
  const [locationId, setLocationId] = useState("");
  const [error, setError] = useState<ConnectError | null>(null);
  const [isBusy, setIsBusy] = useState(false);
  const submit = async () => {
    setIsBusy(true);
    const refusal = await onSubmit(token, locationId);
    setIsBusy(false);
    setError(refusal);
    if (!refusal) setToken("");
  };
  return (
    <form
      className="grid max-w-xl gap-4"
      onSubmit={(event) => {
        event.preventDefault();
        void submit();
      }}
    >
      <TokenField
        label="Private integration token"
        value={token}
        onChange={(text) => setToken(text.trim())}
        hint={
          <>
            Made in the sub-account under Settings › Private integrations, with {SCOPES.join(", ")}. It is
            stored encrypted and never shown again.
          </>
        }
      />
      <Field
        label="Location id"
        hint="In the sub-account under Settings › Business profile, or in its address."
      >
        <Input
          value={locationId}
          autoComplete="off"
          spellCheck={false}
          onChange={(event) => setLocationId(event.target.value.trim())}
          className="font-mono"
        />
      </Field>
      {error && <ConnectErrorNote error={error} />}
      <div>
        <Button type="submit" variant="primary" isBusy={isBusy} disabled={!token || !locationId}>
          Connect HighLevel
        </Button>
      </div>
    </form>
  );
}
