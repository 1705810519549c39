import type { CalendlyUser } from "../world-types.ts";
import { answerPage, type CalendlyCall, type CalendlyHandler, isOwnerOrAdmin, readCount } from "./call.ts";
import { refuseArgument, refusePermission, refuseUnknown } from "./errors.ts";
import { takePage } from "./paging.ts";
import { renderEventType, renderMembership, renderOrganization, renderUser } from "./render.ts";
import { lastSegment } from "./uri.ts";

export const getUser: CalendlyHandler = (call) => {
  const id = call.params.uuid;
  if (id === "me") return { body: { resource: renderUser(call.caller) } };
  const user = call.world.calendlyUsers.get(id ?? "");
  if (!user) throw refuseUnknown();
  if (user.organizationId !== call.caller.organizationId)
    throw refusePermission("This user is not in your organization");
  return { body: { resource: renderUser(user) } };
};

export const getOrganization: CalendlyHandler = (call) => {
  const organization = call.world.organizations.get(call.params.uuid ?? "");
  if (!organization) throw refuseUnknown();
  requireOwnOrganization(call, organization.id);
  return { body: { resource: renderOrganization(organization) } };
};

export const listMemberships: CalendlyHandler = (call) => {
  const organization = call.query("organization");
  const user = call.query("user");
  if (!organization && !user) {
    throw refuseArgument([{ parameter: "organization", message: "organization or user must be given" }]);
  }
  if (organization) requireOwnOrganization(call, lastSegment(organization));
  if (
    user &&
    call.world.calendlyUsers.get(lastSegment(user))?.organizationId !== call.caller.organizationId
  ) {
    throw refusePermission("This user is not in your organization");
  }
  const email = call.query("email")?.toLowerCase();
  const role = call.query("role");
  const rows = colleagues(call).filter(
    (member) =>
      (!user || member.id === lastSegment(user)) &&
      (!email || member.email.toLowerCase() === email) &&
      (!role || member.role === role) &&
      (isOwnerOrAdmin(call.caller) || member.id === call.caller.id),
  );
  return answerPage(call, pageByPosition(call, rows), renderMembership);
};

export const listEventTypes: CalendlyHandler = (call) => {
  const organization = call.query("organization");
  const user = call.query("user");
  if (!organization && !user) {
    throw refuseArgument([{ parameter: "organization", message: "organization or user must be given" }]);
  }
  if (organization) requireOwnOrganization(call, lastSegment(organization));
  const active = call.query("active");
  const rows = [...call.world.eventTypes.values()]
    .filter(
      (type) =>
        type.organizationId === call.caller.organizationId &&
        (!user || type.ownerId === lastSegment(user)) &&
        (active === undefined || String(type.active) === active),
    )
    .sort((a, b) => a.name.localeCompare(b.name));
  return answerPage(call, pageByPosition(call, rows), (type) => renderEventType(call.world, type));
};

export function requireOwnOrganization(call: CalendlyCall, organizationId: string): void {
  if (organizationId !== call.caller.organizationId) {
    throw refusePermission("You do not have permission to access this resource.");
  }
}

export function colleagues(call: CalendlyCall): CalendlyUser[] {
  return [...call.world.calendlyUsers.values()].filter(
    (user) => user.organizationId === call.caller.organizationId,
  );
}

/** Short lists have no sort value of their own; their place in the list is one. */
export function pageByPosition<T extends { id: string }>(call: CalendlyCall, rows: T[]) {
  const places = new Map(rows.map((row, at) => [row.id, at]));
  return takePage({
    rows,
    sortValue: (row) => places.get(row.id) ?? 0,
    descending: false,
    count: readCount(call),
    token: call.query("page_token"),
  });
}
