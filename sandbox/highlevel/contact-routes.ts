import { type HighLevelHandler, refuseOtherQuery, requireLocation } from "./call.ts";
import { refuseFields, refuseLocation, refuseRequest } from "./errors.ts";
import { renderContact, renderFoundContact } from "./render.ts";
import { searchContacts, searchSchema, UnknownFilter } from "./search-contacts.ts";

/** An unknown contact is a bad request here, not a missing page. */
export const getContact: HighLevelHandler = (call) => {
  const contact = call.world.contacts.get(call.params.id ?? "");
  if (!contact) throw refuseRequest(`Contact with id ${call.params.id} not found`);
  if (contact.locationId !== call.location.id) throw refuseLocation();
  return { body: { contact: renderContact(contact) } };
};

export const postSearch: HighLevelHandler = (call) => {
  const parsed = searchSchema.safeParse(call.body ?? {});
  if (!parsed.success) {
    throw refuseFields(
      parsed.error.issues.flatMap((issue) =>
        issue.code === "unrecognized_keys"
          ? issue.keys.map((key) => `property ${key} should not exist`)
          : [`${issue.path.join(".")} is missing or malformed`],
      ),
    );
  }
  requireLocation(call, parsed.data.locationId);
  if (parsed.data.page !== undefined && parsed.data.searchAfter !== undefined) {
    throw refuseFields(["page and searchAfter can not be used together"]);
  }
  try {
    const found = searchContacts(call.world, parsed.data);
    return {
      body: {
        contacts: found.rows.map(({ contact, searchAfter }) => renderFoundContact(contact, searchAfter)),
        total: found.total,
      },
    };
  } catch (error) {
    if (error instanceof UnknownFilter) throw refuseRequest(error.message);
    throw error;
  }
};

/** Tries the address first, then the number; additional addresses are not looked at. */
export const findDuplicate: HighLevelHandler = (call) => {
  refuseOtherQuery(call, ["locationId", "email", "number"]);
  requireLocation(call, call.query("locationId"));
  const email = call.query("email");
  const number = call.query("number");
  if (!email && !number) throw refuseFields(["email or number should not be empty"]);
  const look = (field: "email" | "phone", value: string | undefined) =>
    value === undefined
      ? undefined
      : call.world.contactsByAdded.rows(`${field}:${call.location.id}:${value}`)[0];
  const byEmail = look("email", email?.toLowerCase());
  const contact = byEmail ?? look("phone", number);
  return {
    body: contact
      ? { contact: renderContact(contact), matchingField: byEmail ? "email" : "phone" }
      : { contact: null },
  };
};
