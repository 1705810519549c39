import type { ConnectionState, DeliveryResult, Provider, RefusalWords } from "./trpc.ts";
import { PROVIDERS } from "./vocabulary.ts";

export type ConnectErrorCode =
  | "unauthorized"
  | "role"
  | "scope"
  | "plan"
  | "exists"
  | "rate_limited"
  | "network"
  | "unexpected"
  | "location"
  | "token_kind"
  | "other_account";

type ConnectErrorFacts = {
  code: ConnectErrorCode;
  provider: Provider;
  requiredScopes: readonly string[];
  accountName: string | null;
};

/** What happened and what helps, for every way in which a provider refuses an account. */
export function writeConnectError(error: ConnectErrorFacts): { text: string; effect: string } {
  const name = PROVIDERS[error.provider].label;
  const kept = "Nothing was saved or changed.";
  switch (error.code) {
    case "unauthorized":
      return {
        text: `${name} rejected this token. It was revoked or mistyped.`,
        effect: `${kept} Paste a new one.`,
      };
    case "role":
      return {
        text: "This token only sees its owner's own meetings.",
        effect: "For the whole team use the token of an Owner or Admin.",
      };
    case "scope":
      return {
        text: `This token lacks ${listScopes(error.requiredScopes)}.`,
        effect: `${kept} Tick it at ${name}, then paste the token again.`,
      };
    case "plan":
      return {
        text: `${name} says this account must be upgraded for it.`,
        effect: "Sweeps keep the meetings true without it.",
      };
    case "exists":
      return {
        text: "A webhook for this address already exists.",
        effect: "Its signing key is unknown, so it can be replaced and not adopted.",
      };
    case "rate_limited":
      return { text: `${name} asks us to slow down.`, effect: kept };
    case "network":
      return { text: `We could not reach ${name}.`, effect: `${kept} Try again in a moment.` };
    case "unexpected":
      return {
        text: `${name} answered in a way we do not understand.`,
        effect: `${kept} Try again; if it stays, the log has the shape of the answer.`,
      };
    case "location":
      return {
        text: "This token does not belong to that location.",
        effect: `${kept} Copy the location id from Settings › Business Profile of the same sub-account.`,
      };
    case "token_kind":
      return {
        text: "This is an agency token.",
        effect: `${kept} Create a private integration inside the sub-account and use its token.`,
      };
    case "other_account":
      return {
        text: `This token belongs to ${error.accountName ?? "another account"}.`,
        effect: "The old token goes on working. To change the account, disconnect first.",
      };
    default:
      return error.code satisfies never;
  }
}

function listScopes(scopes: readonly string[]): string {
  if (scopes.length === 0) return "a scope that we need";
  return scopes.length === 1 ? `the scope ${scopes[0]}` : `the scopes ${scopes.join(", ")}`;
}

export type Fix = "new_token" | "recreate_webhook" | "create_webhook" | "test" | null;

/** One cause: a few words for the row, what it does to the data, and the one action that helps. */
type ReasonWords = { short: string; effect: string; fix: Fix };

const UNCHANGED = "What is known stays; nothing new arrives until it is repaired.";

/** The reason codes of a connection; `name` is the provider's. */
export function writeReason(
  code: string | null,
  state: ConnectionState,
  name: string,
  everyMin = { hot: 1, warm: 15 },
): ReasonWords {
  const polling = `Checking ${formatEvery(everyMin.hot)} for the next two weeks' meetings, ${formatEvery(everyMin.warm)} for the rest.`;
  switch (code) {
    case "unauthorized":
      return { short: `${name} rejects the token`, effect: UNCHANGED, fix: "new_token" };
    case "scope":
    case "scope_missing":
      return { short: "the token lost a scope that we need", effect: UNCHANGED, fix: "new_token" };
    case "role_lost":
      return { short: "the token no longer sees the whole team", effect: UNCHANGED, fix: "new_token" };
    case "plan":
      return { short: `the ${name} plan no longer allows it`, effect: UNCHANGED, fix: "new_token" };
    case "wrong_location":
      return { short: "the token no longer reaches the location", effect: UNCHANGED, fix: "new_token" };
    case "token_kind":
      return { short: "the token is of the wrong kind", effect: UNCHANGED, fix: "new_token" };
    case "other_account":
      return { short: "the token belongs to another account now", effect: UNCHANGED, fix: "new_token" };
    case "webhook_disabled":
      return {
        short: `${name} turned the webhook off after 24 h of failures`,
        effect: "Sweeps still find new meetings and cancellations, later.",
        fix: "recreate_webhook",
      };
    case "webhook_gone":
      return {
        short: `somebody deleted the webhook at ${name}`,
        effect: "Sweeps still find new meetings and cancellations, later.",
        fix: "recreate_webhook",
      };
    case "webhook_retrying":
      return {
        short: `${name} fails to reach us`,
        effect: "Cancellations after that may be missing from the red queue. Sweeps still find them, later.",
        fix: "recreate_webhook",
      };
    case "provider_unreachable":
      return {
        short: `${name} does not answer`,
        effect: "Evidence is as of the last sweep. We go on trying.",
        fix: "test",
      };
    case "no_events":
      return { short: "no events for longer than usual", effect: "Sweeps go on as always.", fix: "test" };
    case "webhook_not_created":
      return { short: "no webhook yet", effect: polling, fix: "create_webhook" };
    case "no_webhook_scope":
      return { short: "no webhook: the token lacks webhooks:write", effect: polling, fix: "new_token" };
    case "webhook_plan":
      return { short: `no webhook: the ${name} plan has none`, effect: polling, fix: "create_webhook" };
    case "webhook_refused":
      return { short: `no webhook: ${name} refused it`, effect: polling, fix: "create_webhook" };
    default:
      return {
        short: state === "polling" ? "no webhook" : "",
        effect: state === "polling" ? polling : "",
        fix: null,
      };
  }
}

/** `every minute`, `every 15 min`, `every hour`, `every 4 h`, `weekly`. */
export function formatEvery(minutes: number): string {
  if (minutes === 1) return "every minute";
  if (minutes === 60) return "every hour";
  if (minutes === 7 * 24 * 60) return "weekly";
  return minutes % 60 === 0 ? `every ${minutes / 60} h` : `every ${minutes} min`;
}

export const FIXES: Record<Exclude<Fix, null>, string> = {
  new_token: "Paste a new token",
  recreate_webhook: "Re-create and fill the gap",
  create_webhook: "Create webhook",
  test: "Test now",
};

export const EVENTS: Record<string, string> = {
  "invitee.created": "Booked",
  "invitee.canceled": "Canceled",
  "invitee_no_show.created": "No-show",
  "invitee_no_show.deleted": "No-show removed",
  AppointmentCreate: "Booked",
  AppointmentUpdate: "Changed",
  AppointmentDelete: "Deleted",
  ContactCreate: "Contact added",
  ContactUpdate: "Contact changed",
  ContactDelete: "Contact deleted",
  "workflow.appointment": "Workflow",
  workflow: "Workflow",
};

/** The server's words for refusals, which its incidents use too: others do not compile. */
const REFUSALS: RefusalWords = {
  missing: "no signature",
  wrong: "wrong signature",
  stale: "signature over a day old",
  future: "signature from the future",
  no_key: "no key",
  foreign_organization: "another organization",
  foreign_location: "another location",
  no_secret: "no secret",
  wrong_secret: "wrong secret",
};

/** Why a delivery ended as it did, after its result word. */
export const DELIVERY_REASONS: Record<string, string> = {
  late: "late, used as a trigger",
  unknown_event: "unknown event",
  connection_off: "connection was off",
  event_type_off: "event type off",
  malformed: "not JSON",
  unreadable: "unknown form",
  provider_unavailable: "provider did not answer",
  ...REFUSALS,
  no_appointment: "names no appointment",
  not_known: "gone before it was known",
  not_found: "not found at the provider",
  not_stored: "could not be stored",
  contact_without_booking: "no booking of this contact",
};

export const DELIVERY_FILTERS: readonly { value: DeliveryResult | "all"; label: string }[] = [
  { value: "all", label: "All results" },
  { value: "accepted", label: "Accepted" },
  { value: "duplicate", label: "With repeats" },
  { value: "ignored", label: "Ignored" },
  { value: "refused", label: "Refused" },
  { value: "failed", label: "Failed" },
];

export const WEBHOOK_TESTS: Record<"passed" | "refused" | "unreachable" | "no_key", string> = {
  passed: "Our address answered to a delivery signed with the stored key.",
  refused: "Our address answered, but refused our own signature. Another server may stand there.",
  unreachable: "Nobody answers at our own address. Check PUBLIC_URL.",
  no_key: "There is no signing key yet. Create the webhook first.",
};
