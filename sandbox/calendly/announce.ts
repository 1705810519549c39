import type { Notice } from "../deliveries.ts";
import type { Sandbox } from "../sandbox.ts";
import type { Announcement } from "./acts.ts";
import { renderDelivery } from "./render.ts";

/** Tells every subscription that listens to these events; bodies are snapshots of this moment. */
export function announceActs(sandbox: Sandbox, announcements: Announcement[]): void {
  const { world } = sandbox;
  const createdMs = sandbox.clock.nowMs();
  const notices: Notice[] = [];
  for (const subscription of world.subscriptions.values()) {
    // What happens while a subscription is disabled is lost for it.
    if (subscription.state !== "active") continue;
    for (const { event, invitee } of announcements) {
      const meeting = world.events.get(invitee.eventId);
      if (!meeting || meeting.organizationId !== subscription.organizationId) continue;
      if (!subscription.events.includes(event)) continue;
      if (subscription.userId && !meeting.hostIds.includes(subscription.userId)) continue;
      const body = renderDelivery(world, { event, invitee, creatorId: subscription.creatorId, createdMs });
      notices.push({
        subscription,
        event,
        inviteeId: invitee.id,
        body: JSON.stringify(body),
        meetingEndMs: meeting.endMs,
      });
    }
  }
  if (notices.length > 0) sandbox.deliveries.announce(notices);
}
