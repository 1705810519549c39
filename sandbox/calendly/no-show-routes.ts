import * as z from "zod";
import { machineIds } from "../random.ts";
import type { CalendlyInvitee } from "../world-types.ts";
import { ActRefused, markNoShow, undoNoShow } from "./acts.ts";
import { announceActs } from "./announce.ts";
import { type CalendlyCall, type CalendlyHandler, isOwnerOrAdmin } from "./call.ts";
import { refuseArgument, refusePermission, refuseUnknown } from "./errors.ts";
import { renderNoShow } from "./render.ts";
import { lastSegment } from "./uri.ts";

const noShowSchema = z.looseObject({ invitee: z.string().min(1) });

export const postNoShow: CalendlyHandler = (call) => {
  const input = noShowSchema.safeParse(call.body);
  if (!input.success) throw refuseArgument([{ parameter: "invitee", message: "is missing" }]);
  const invitee = call.world.invitees.get(lastSegment(input.data.invitee));
  requireHost(call, invitee);
  try {
    announceActs(
      call.sandbox,
      markNoShow({ world: call.world, nowMs: call.nowMs, ids: machineIds }, invitee),
    );
  } catch (error) {
    if (error instanceof ActRefused) throw refuseArgument([{ parameter: "invitee", message: error.message }]);
    throw error;
  }
  call.sandbox.changed();
  if (!invitee.noShow) throw refuseUnknown();
  return { status: 201, body: { resource: renderNoShow(invitee, invitee.noShow) } };
};

export const getNoShow: CalendlyHandler = (call) => {
  const invitee = call.world.inviteeOfNoShow(call.params.uuid ?? "");
  requireHost(call, invitee);
  if (!invitee.noShow) throw refuseUnknown();
  return { body: { resource: renderNoShow(invitee, invitee.noShow) } };
};

export const deleteNoShow: CalendlyHandler = (call) => {
  const invitee = call.world.inviteeOfNoShow(call.params.uuid ?? "");
  requireHost(call, invitee);
  announceActs(call.sandbox, undoNoShow({ world: call.world, nowMs: call.nowMs, ids: machineIds }, invitee));
  call.sandbox.changed();
  return { status: 204 };
};

function requireHost(
  call: CalendlyCall,
  invitee: CalendlyInvitee | undefined,
): asserts invitee is CalendlyInvitee {
  const event = invitee && call.world.events.get(invitee.eventId);
  if (!event || event.organizationId !== call.caller.organizationId) throw refuseUnknown();
  if (!isOwnerOrAdmin(call.caller) && !event.hostIds.includes(call.caller.id)) throw refusePermission();
}
