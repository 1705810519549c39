import { type FormEvent, useState } from "react";
import { Button } from "#client/components/ui/button.tsx";
import { Field, Input } from "#client/components/ui/field.tsx";
import { type SignInResult, signIn } from "#client/lib/session.ts";
import { Mark } from "./mark.tsx";

const DEMO_PASSWORD = "bookproof-demo";
const DEMO_SIGN_INS = [
  { email: "setter@demo.test", role: "Setter", job: "re-books canceled meetings" },
  { email: "inbox@demo.test", role: "Inbox manager", job: "reads leads and their evidence" },
  { email: "ops@demo.test", role: "Ops lead", job: "decides mismatches" },
  { email: "owner@demo.test", role: "Owner", job: "keeps connections healthy" },
  { email: "admin@demo.test", role: "Admin", job: "runs backfills everywhere" },
];

const FAILURES: Record<Exclude<SignInResult, { ok: true }>["reason"], string> = {
  rejected: "This e-mail and password do not belong together. Check both and try again.",
  too_many: "Too many tries from here. Wait a minute, then try again.",
  unreachable: "The server did not answer. Nothing is wrong with your password; try again in a moment.",
};

export function SignInCard({ isDemo, onSignedIn }: { isDemo: boolean; onSignedIn: () => Promise<void> }) {
  const [email, setEmail] = useState("");
  const [password, setPassword] = useState("");
  const [failure, setFailure] = useState<string | null>(null);
  const [busyWith, setBusyWith] = useState<string | null>(null);

  async function enter(as: { email: string; password: string }): Promise<void> {
    setBusyWith(as.email);
    setFailure(null);
    const result = await signIn(as.email, as.password);
    if (result.ok) await onSignedIn();
    else setFailure(FAILURES[result.reason]);
    setBusyWith(null);
  }

  function handleSubmit(event: FormEvent): void {
    event.preventDefault();
    void enter({ email: email.trim(), password });
  }

  return (
    <main className="grid h-full place-items-center overflow-y-auto p-4">
      <div className="w-full max-w-92 rounded-lg border border-rule bg-sheet p-6 shadow-pop">
        <Mark className="-ml-1.5 size-9" />
        <h1 className="mt-3 text-lg font-semibold tracking-tight">Bookproof</h1>
        <p className="text-ink-2">Booked is what a provider says.</p>
        <form onSubmit={handleSubmit} className="mt-5 grid gap-3.5">
          <Field label="E-mail">
            <Input
              type="email"
              autoComplete="username"
              required
              value={email}
              onChange={(event) => setEmail(event.target.value)}
            />
          </Field>
          <Field label="Password" error={failure}>
            <Input
              type="password"
              autoComplete="current-password"
              required
              value={password}
              onChange={(event) => setPassword(event.target.value)}
            />
          </Field>
          <Button type="submit" variant="primary" isBusy={busyWith !== null && busyWith === email.trim()}>
            Sign in
          </Button>
        </form>
        {isDemo && (
          <section aria-labelledby="demo-title" className="mt-6 border-t border-rule pt-4">
            <h2 id="demo-title" className="mb-1.5 text-xs font-medium text-ink-3">
              Demo sign-ins
            </h2>
            <ul className="-mx-2 grid">
              {DEMO_SIGN_INS.map((each) => (
                <li key={each.email}>
                  <button
                    type="button"
                    aria-busy={busyWith === each.email || undefined}
                    onClick={() => void enter({ email: each.email, password: DEMO_PASSWORD })}
                    className="flex min-h-9 w-full items-baseline gap-2 rounded-md px-2 py-1.5 text-left hover:bg-hover"
                  >
                    <b className="flex-none">{each.role}</b>
                    <span className="min-w-0 flex-1 truncate text-ink-2">{each.job}</span>
                  </button>
                </li>
              ))}
            </ul>
          </section>
        )}
      </div>
    </main>
  );
}
