import { Phone } from "lucide-react";
import { CopyButton } from "#client/components/ui/copy-button.tsx";
import { Time } from "#client/components/ui/time.tsx";
import { formatPhone } from "#client/lib/phone-text.ts";
import type { RedTask } from "./red-queue-types.ts";

/** Who they are, what time it is there, and how to reach them. */
export function ContactLine({
  task,
  email,
  workspaceZone,
  isCallable,
  onCall,
}: {
  task: RedTask;
  /** Absent while the panel's facts are on their way. */
  email: string | undefined;
  workspaceZone: string;
  isCallable: boolean;
  /** Asked before a call is placed; answers whether to go on. */
  onCall: () => boolean;
}) {
  const { company, phone, timezone } = task.lead;
  return (
    <div className="grid grid-cols-1 gap-0.5">
      <p className="flex flex-wrap items-center gap-x-1.5">
        {company && <span>{company} ·</span>}
        <Time kind="clock" zone={timezone} workspaceZone={workspaceZone} afterHours={!isCallable} />
        <span className={isCallable ? "text-proof" : "text-ink-3"}>
          {isCallable ? "ok to call" : "after hours"}
        </span>
      </p>
      <p className="flex flex-wrap items-center gap-x-1">
        {phone ? (
          <>
            <a
              href={telLink(phone)}
              onClick={(event) => {
                if (!onCall()) event.preventDefault();
              }}
              className="inline-flex min-h-6 items-center gap-1.5 rounded-sm font-medium text-ink hover:underline"
            >
              <Phone aria-hidden="true" className="size-3.5 text-ink-3" />
              {formatPhone(phone)}
            </a>
            <CopyButton text={phone} label="Copy phone number" />
          </>
        ) : (
          <span className="mr-2 text-ink-3">no phone number</span>
        )}
        {email && (
          <span className="inline-flex max-w-full min-w-0 items-center">
            <a href={`mailto:${email}`} className="truncate rounded-sm hover:underline">
              {email}
            </a>
            <CopyButton text={email} label="Copy e-mail address" />
          </span>
        )}
      </p>
    </div>
  );
}

export function telLink(phone: string): string {
  return `tel:${phone.replace(/[^\d+]/g, "")}`;
}
