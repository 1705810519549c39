import { PROVIDERS } from "#client/lib/vocabulary.ts";
import type { CalendlyAccount, ConnectionRow } from "./connection-types.ts";

const PLANS: Record<string, string> = { basic: "Free", standard: "Standard", teams: "Teams" };

/** `Dana Ruiz · Acme · Owner · Teams plan. Sees 9 event types, 14 people.` */
export function describeAccount(account: CalendlyAccount): string {
  const who = [account.ownerName, account.organizationName, roleWord(account.role), planWord(account.plan)];
  return `${who.filter(Boolean).join(" · ")}. Sees ${count(account.eventTypes.length, "event type")}, ${
    account.isFullScope ? count(account.people ?? 0, "person", "people") : "only its owner's meetings"
  }.`;
}

export function describeConnection(row: ConnectionRow): string {
  const noun = row.provider === "calendly" ? "event type" : "calendar";
  const who =
    row.provider === "calendly"
      ? [row.ownerName, row.accountName, roleWord(row.ownerRole), planWord(row.plan)]
      : [row.accountName ?? PROVIDERS.highlevel.label];
  const people = row.fullScope ? count(row.seesPeople ?? 0, "person", "people") : "only its owner's meetings";
  return `${who.filter(Boolean).join(" · ")}. Sees ${count(row.eventTypes.total, noun)}, ${people}.`;
}

export function roleWord(role: string | null): string | null {
  if (role === "owner") return "Owner";
  if (role === "admin") return "Admin";
  return role === "user" ? "Member" : role;
}

export function planWord(plan: string | null): string | null {
  return plan && `${PLANS[plan] ?? plan} plan`;
}

export function count(value: number, one: string, many = `${one}s`): string {
  return `${value.toLocaleString("en-US")} ${value === 1 ? one : many}`;
}
