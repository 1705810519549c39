import type { IncomingHttpHeaders } from "node:http";

/** What tells senders apart; anything else could hold what is nobody's business. */
const SHOWN = ["content-type", "content-length", "user-agent"];
/** What a sender proves itself with, today or in former years: kept by its form, which tells why it was refused. */
const PROOFS = ["calendly-webhook-signature", "x-ghl-signature", "x-wh-signature", "x-bookproof-secret"];
const LONGEST = 200;

export type HeaderNote = Record<string, string>;

/** What is kept of a request's headers: a few by name, cut short, and never a proof itself. */
export function describeHeaders(headers: IncomingHttpHeaders): HeaderNote {
  const note: HeaderNote = {};
  for (const name of SHOWN) {
    const value = headers[name];
    if (typeof value === "string") note[name] = toPrintable(value).slice(0, LONGEST);
  }
  for (const name of PROOFS) {
    const value = headers[name];
    if (typeof value === "string") note[name] = describeProof(value);
  }
  return note;
}

/** Calendly's is `t=…,v1=…`: when it was signed is no secret. */
function describeProof(value: string): string {
  const timestamp = /(?:^|,)\s*(t=\d{1,12})/.exec(value)?.[1];
  const form = `${value.length} characters`;
  return timestamp ? `${timestamp}, ${form}` : form;
}

/** PostgreSQL takes no NUL in a text, and nobody needs the other control characters. */
function toPrintable(value: string): string {
  return value.replace(/\p{Cc}/gu, " ");
}
