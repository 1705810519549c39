import { compareText } from "../sorted-index.ts";
import { type HighLevelHandler, refuseOtherQuery, requireLocation } from "./call.ts";
import { refuseLocation, refuseUnknown } from "./errors.ts";
import { renderCalendar, renderLocation, renderUser } from "./render.ts";

export const getLocation: HighLevelHandler = (call) => {
  requireLocation(call, call.params.id);
  return { body: { location: renderLocation(call.location) } };
};

export const listUsers: HighLevelHandler = (call) => {
  requireLocation(call, call.query("locationId"));
  const users = [...call.world.highlevelUsers.values()].filter(
    (user) => user.locationId === call.location.id,
  );
  return { body: { users: users.map(renderUser) } };
};

export const getUser: HighLevelHandler = (call) => {
  const user = call.world.highlevelUsers.get(call.params.id ?? "");
  if (user?.locationId !== call.location.id) throw refuseUnknown("User not found");
  return { body: renderUser(user) };
};

export const listCalendars: HighLevelHandler = (call) => {
  refuseOtherQuery(call, ["locationId", "groupId", "showDrafted"]);
  requireLocation(call, call.query("locationId"));
  const groupId = call.query("groupId");
  const calendars = [...call.world.calendars.values()]
    .filter(
      (row) => row.locationId === call.location.id && row.isListed && (!groupId || row.groupId === groupId),
    )
    .sort((a, b) => compareText(a.id, b.id));
  return { body: { calendars: calendars.map(renderCalendar) } };
};

export const getCalendar: HighLevelHandler = (call) => {
  const calendar = call.world.calendars.get(call.params.id ?? "");
  if (!calendar) throw refuseUnknown("Calendar not found");
  if (calendar.locationId !== call.location.id) throw refuseLocation();
  return { body: { calendar: renderCalendar(calendar) } };
};
