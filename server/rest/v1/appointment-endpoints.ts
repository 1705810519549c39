import { z } from "zod";
import type { Deps } from "#server/deps.ts";
import { linkBooking } from "#server/leads/link-booking.ts";
import { setAttendance } from "#server/leads/set-attendance.ts";
import { readId } from "../read-input.ts";
import { appointment, listOf } from "./answers.ts";
import type { ApiRoutes } from "./api-routes.ts";
import { appointmentQuery, findAppointmentRow, listAppointments } from "./appointment-rows.ts";

const attendanceBody = z.strictObject({ mark: z.enum(["showed", "no_show"]).nullable() });

const linkBody = z.strictObject({ leadId: z.uuid(), rememberAlias: z.boolean().default(false) });

export function addAppointmentEndpoints(routes: ApiRoutes, deps: Deps): void {
  routes.get(
    "/appointments",
    {
      summary: "Appointments at any provider, those without a lead too",
      query: appointmentQuery,
      answers: { 200: "Appointments" },
      answer: listOf(appointment),
    },
    async ({ caller, query }) => ({
      status: 200,
      body: await listAppointments(deps, caller.workspaceId, query),
    }),
  );

  routes.post(
    "/appointments/:id/attendance",
    {
      summary: "Say who came to a meeting that is over, where the provider does not; null takes it back",
      body: attendanceBody,
      answers: { 200: "The appointment" },
      answer: appointment,
    },
    async ({ caller: { workspaceId, actor }, params, body }) => {
      const appointmentId = readId(params.id, "Meeting");
      // A key speaks for its whole workspace.
      const viewer = { workspaceId, userId: "", role: "owner" as const };
      await setAttendance(deps, viewer, { appointmentId, mark: body.mark }, actor);
      return { status: 200, body: await findAppointmentRow(deps.db, workspaceId, appointmentId) };
    },
  );

  routes.post(
    "/appointments/:id/link",
    {
      summary:
        "Say whose booking this is, and with rememberAlias of every other under its address or contact",
      body: linkBody,
      answers: { 200: "The appointment" },
      answer: appointment,
    },
    async ({ caller, params, body }) => {
      const appointmentId = readId(params.id, "Meeting");
      await linkBooking(deps, caller, { ...body, appointmentId });
      return { status: 200, body: await findAppointmentRow(deps.db, caller.workspaceId, appointmentId) };
    },
  );
}
