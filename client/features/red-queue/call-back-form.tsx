import { type FormEvent, useEffect, useRef, useState } from "react";
import { ActionButton, Button } from "#client/components/ui/button.tsx";
import { Field, Input } from "#client/components/ui/field.tsx";
import { Time } from "#client/components/ui/time.tsx";
import { useActions } from "#client/lib/actions.ts";
import { readNowMs } from "#client/lib/clock.ts";
import { abbreviateZone } from "#client/lib/time-text.ts";
import { listCallBackTimes, readWallTime, writeWallTime } from "./wall-time.ts";
import { GROUP } from "./words.ts";

const LATEST_MS = 90 * 24 * 3_600_000;

/** When they want to be called, on their clock; one's own time stands beneath. */
export function CallBackForm({
  zone,
  isGuessedZone,
  onLog,
  onCancel,
}: {
  zone: string;
  /** Their zone is unknown: the workspace's stands in. */
  isGuessedZone: boolean;
  onLog: (at: string) => void;
  onCancel: () => void;
}) {
  const [nowMs] = useState(readNowMs);
  const [text, setText] = useState(() => {
    const tomorrow = listCallBackTimes(nowMs, zone).find(({ label }) => label === "Tomorrow 9 AM");
    return writeWallTime(tomorrow?.at.getTime() ?? nowMs, zone);
  });
  const first = useRef<HTMLDivElement>(null);
  useEffect(() => first.current?.querySelector("button")?.focus(), []);
  const [cancel] = useActions([
    {
      id: "call-back.cancel",
      label: "Back",
      keys: ["escape"],
      scope: "panel",
      group: GROUP,
      hidden: true,
      run: onCancel,
    },
  ]);
  const at = readWallTime(text, zone);
  const problem = describeProblem(at, nowMs);
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (at && problem === null) onLog(at.toISOString());
  };
  return (
    <form onSubmit={submit} className="grid gap-2">
      <div className="flex items-center justify-between gap-3">
        <p className="font-medium">
          Call back, {isGuessedZone ? "zone unknown, using the workspace's" : "on their clock"} (
          {abbreviateZone(nowMs, zone)})
        </p>
        <ActionButton action={cancel} size="sm" variant="quiet" />
      </div>
      <div ref={first} className="flex flex-wrap gap-1.5">
        {listCallBackTimes(nowMs, zone).map((time) => (
          <Button key={time.label} size="sm" onClick={() => onLog(time.at.toISOString())}>
            {time.label}
          </Button>
        ))}
      </div>
      <div className="flex items-end gap-2">
        <Field
          label={<span className="sr-only">Date and time on their clock</span>}
          error={problem}
          className="flex-1"
        >
          <Input
            type="datetime-local"
            value={text}
            min={writeWallTime(nowMs, zone)}
            onChange={(event) => setText(event.currentTarget.value)}
          />
        </Field>
        <Button type="submit" variant="primary" disabled={problem !== null}>
          Call back then
        </Button>
      </div>
      {at && problem === null && (
        <small className="text-xs text-ink-3">
          <Time kind="meeting" at={at} zone={zone} /> · <Time kind="meeting-mine" at={at} zone={zone} />
        </small>
      )}
    </form>
  );
}

function describeProblem(at: Date | null, nowMs: number): string | null {
  if (at === null) return "Give a date and a time.";
  if (at.getTime() <= nowMs) return "That time has passed.";
  if (at.getTime() > nowMs + LATEST_MS) return "Choose a time within 90 days.";
  return null;
}
