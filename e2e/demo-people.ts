import { join } from "node:path";

/** The demo's sign-ins, by the word before the @. */
export const PEOPLE = ["setter", "ana", "inbox", "ops", "owner", "admin"] as const;
export type Person = (typeof PEOPLE)[number];

export const DEMO_PASSWORD = "bookproof-demo";

export function emailOf(person: Person): string {
  return `${person}@demo.test`;
}

/** Where the signed-in state of each person is kept during one run; the folder's name reaches workers by environment. */
export function sessionFile(person: Person, folder = process.env.E2E_SESSIONS ?? ""): string {
  return join(folder, `${person}.json`);
}
