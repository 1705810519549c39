import type { HighLevelContact } from "./schema.ts";

/** What is remembered of a contact, since events name no person (R8). Addresses are lower-cased. */
export type ContactReading = {
  contactId: string;
  email: string | null;
  additionalEmails: string[];
  name: string | null;
  phone: string | null;
  /** Null also when it is set: searches do not tell, only the contact by its id does. */
  timezone: string | null;
  updatedAt: Date | null;
};

export function mapContact(contact: HighLevelContact): ContactReading {
  const email = readEmail(contact.email);
  const additional = (contact.additionalEmails ?? []).map((item) =>
    readEmail(typeof item === "string" ? item : item.email),
  );
  const distinct = new Set(additional.filter((address) => address !== null && address !== email));
  return {
    contactId: contact.id,
    email,
    additionalEmails: [...distinct].filter((address) => address !== null),
    // `contactName` comes in lower case: the parts look better.
    name: textOrNull(contact.name) ?? joinName(contact) ?? textOrNull(contact.contactName),
    phone: textOrNull(contact.phone),
    timezone: textOrNull(contact.timezone),
    updatedAt: contact.dateUpdated ?? null,
  };
}

/** `email` in lower case. */
export function hasEmail(contact: HighLevelContact, email: string): boolean {
  const reading = mapContact(contact);
  return reading.email === email || reading.additionalEmails.includes(email);
}

function readEmail(text: string | null | undefined): string | null {
  return textOrNull(text)?.trim().toLowerCase() ?? null;
}

function joinName({ firstName, lastName }: HighLevelContact): string | null {
  return textOrNull([firstName, lastName].filter(Boolean).join(" "));
}

function textOrNull(text: string | null | undefined): string | null {
  return text?.trim() ? text : null;
}
