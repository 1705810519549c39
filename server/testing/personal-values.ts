import { appendFileSync, mkdirSync } from "node:fs";
import { join } from "node:path";
import type { Db } from "#server/db/client.ts";

/** Shorter ones are words that a log may well say. */
const LEAST_LENGTH = 6;

type Value = string | null | undefined;

/** Remembers what belongs to invented people, and secrets, so that the run's logs can be searched for it (R43). */
export function rememberPersonal(values: Iterable<Value>): void {
  const folder = process.env.TEST_LOGS;
  if (!folder) return;
  const lines = [...new Set(values)]
    .flatMap((value) => (value ? [value.trim()] : []))
    .filter((value) => value.length >= LEAST_LENGTH)
    .map((value) => `${JSON.stringify(value)}\n`);
  if (lines.length === 0) return;
  const held = join(folder, "values");
  mkdirSync(held, { recursive: true });
  appendFileSync(join(held, `${process.pid}.jsonl`), lines.join(""));
}

/** Of an answer of any shape: whatever stands under a name of theirs. A `name` is a person's where an e-mail is beside. */
export function rememberPersonalOf(answer: unknown): void {
  rememberPersonal(findPersonal(answer));
}

function* findPersonal(answer: unknown): Generator<string> {
  if (typeof answer !== "object" || answer === null) return;
  const isPerson = "email" in answer;
  for (const [key, value] of Object.entries(answer)) {
    if (typeof value !== "string") yield* findPersonal(value);
    else if (/^(email|phone|token|signing_?key|secret|reason|text)$/i.test(key)) yield value;
    else if (isPerson && /name$/i.test(key)) yield value;
  }
}

/** Everything personal that a database holds at the end of a test file. */
export async function rememberPersonalIn(db: Db): Promise<void> {
  if (!process.env.TEST_LOGS) return;
  const rows = await db.$queryRaw<{ value: string }[]>`
    SELECT DISTINCT value FROM (
      SELECT unnest(ARRAY[email, phone, "lastName", concat_ws(' ', "firstName", "lastName")]) AS value FROM "Lead"
      UNION ALL
      SELECT unnest(ARRAY["attendeeEmail", "attendeeName", "attendeePhone", "cancelReason", "organizerEmail",
                          "organizerName"]) FROM "Appointment"
      UNION ALL
      SELECT unnest(emails || ARRAY[name, phone]) FROM "RememberedContact"
      UNION ALL
      SELECT unnest(ARRAY["ownerName", "ownerEmail"]) FROM "Connection"
      UNION ALL
      SELECT unnest(ARRAY[email, name]) FROM "User"
      UNION ALL
      SELECT token FROM "Session"
      UNION ALL
      SELECT "emailKey" FROM "LeadAlias"
      UNION ALL
      SELECT note FROM "Task"
      UNION ALL
      SELECT unnest(ARRAY[template, subject]) FROM "FollowUpStep"
    ) held WHERE value IS NOT NULL`;
  rememberPersonal(rows.map(({ value }) => value));
}
