import type { World } from "../world.ts";
import type {
  CalendlyEvent,
  CalendlyEventType,
  CalendlyInvitee,
  CalendlyOrganization,
  CalendlySubscription,
  CalendlyUser,
  Cancellation,
} from "../world-types.ts";
import { calendlyUri, formatTime, inviteeUri } from "./uri.ts";

export type Resource = Record<string, unknown>;

const BUFFER_MS = 0;

export function renderUser(user: CalendlyUser): Resource {
  return {
    ...renderMember(user),
    current_organization: calendlyUri(`organizations/${user.organizationId}`),
    resource_type: "User",
  };
}

/** The user inside a membership: the same without `current_organization`. */
export function renderMember(user: CalendlyUser): Resource {
  return {
    uri: calendlyUri(`users/${user.id}`),
    name: user.name,
    slug: user.slug,
    email: user.email,
    scheduling_url: `https://calendly.com/${user.slug}`,
    timezone: user.timezone,
    avatar_url: null,
    locale: "en",
    time_notation: user.timezone.startsWith("America/") ? "12h" : "24h",
    created_at: formatTime(user.createdMs),
    updated_at: formatTime(user.createdMs),
  };
}

export function renderMembership(user: CalendlyUser): Resource {
  return {
    uri: calendlyUri(`organization_memberships/${user.membershipId}`),
    role: user.role,
    user: renderMember(user),
    organization: calendlyUri(`organizations/${user.organizationId}`),
    created_at: formatTime(user.createdMs),
    updated_at: formatTime(user.createdMs),
  };
}

export function renderOrganization(organization: CalendlyOrganization): Resource {
  return {
    uri: calendlyUri(`organizations/${organization.id}`),
    id: organization.number,
    name: organization.name,
    kind: "single",
    plan: organization.plan,
    stage: organization.plan === "basic" ? "free" : "paid",
    created_at: formatTime(organization.createdMs),
    updated_at: formatTime(organization.createdMs),
  };
}

export function renderEventType(world: World, type: CalendlyEventType): Resource {
  const owner = world.calendlyUsers.get(type.ownerId);
  return {
    uri: calendlyUri(`event_types/${type.id}`),
    name: type.name,
    active: type.active,
    slug: type.slug,
    scheduling_url: `https://calendly.com/${owner?.slug ?? "team"}/${type.slug}`,
    duration: type.durationMinutes,
    duration_options: null,
    kind: type.kind,
    pooling_type: type.poolingType,
    type: "StandardEventType",
    booking_method: "instant",
    color: "#0069ff",
    secret: false,
    position: 0,
    is_paid: false,
    locale: "en",
    locations: [{ kind: type.locationType === "zoom" ? "zoom_conference" : type.locationType }],
    profile: {
      type: type.poolingType ? "Team" : "User",
      name: owner?.name ?? null,
      owner: calendlyUri(`users/${type.ownerId}`),
    },
    custom_questions: [],
    description_plain: null,
    description_html: null,
    internal_note: null,
    admin_managed: false,
    deleted_at: null,
    created_at: formatTime(type.createdMs),
    updated_at: formatTime(type.createdMs),
  };
}

function renderCancellation(cancellation: Cancellation): Resource {
  return {
    canceled_by: cancellation.canceledBy,
    reason: cancellation.reason,
    canceler_type: cancellation.cancelerType,
    created_at: formatTime(cancellation.createdMs),
  };
}

/** `delivery` gives the shape inside webhook payloads: no calendar event, no buffered times. */
export function renderEvent(world: World, event: CalendlyEvent, form: "api" | "delivery" = "api"): Resource {
  const invitees = world.inviteesOf(event);
  const isApi = form === "api";
  return {
    uri: calendlyUri(`scheduled_events/${event.id}`),
    name: event.name,
    meeting_notes_plain: null,
    meeting_notes_html: null,
    status: event.status,
    start_time: formatTime(event.startMs),
    end_time: formatTime(event.endMs),
    event_type: calendlyUri(`event_types/${event.eventTypeId}`),
    location: event.location,
    invitees_counter: {
      total: invitees.length,
      active: invitees.filter((invitee) => invitee.status === "active").length,
      limit: event.seats,
    },
    created_at: formatTime(event.createdMs),
    updated_at: formatTime(event.updatedMs),
    event_memberships: event.hostIds.map((hostId) => {
      const host = world.calendlyUsers.get(hostId);
      return {
        user: calendlyUri(`users/${hostId}`),
        ...(host ? { user_email: host.email, user_name: host.name } : {}),
        ...(isApi
          ? {
              buffered_start_time: formatTime(event.startMs - BUFFER_MS),
              buffered_end_time: formatTime(event.endMs + BUFFER_MS),
            }
          : {}),
      };
    }),
    event_guests: event.guests.map((email) => ({
      email,
      created_at: formatTime(event.createdMs),
      updated_at: formatTime(event.createdMs),
    })),
    ...(event.cancellation ? { cancellation: renderCancellation(event.cancellation) } : {}),
    ...(isApi
      ? {
          calendar_event: {
            kind: "google",
            external_id: event.id.replaceAll("-", "").slice(0, 26).toLowerCase(),
          },
        }
      : {}),
    ...event.overrides,
  };
}

export function renderInvitee(invitee: CalendlyInvitee): Resource {
  return {
    uri: inviteeUri({ eventId: invitee.eventId, inviteeId: invitee.id }),
    event: calendlyUri(`scheduled_events/${invitee.eventId}`),
    email: invitee.email,
    name: invitee.name,
    first_name: invitee.firstName,
    last_name: invitee.lastName,
    status: invitee.status,
    timezone: invitee.timezone,
    questions_and_answers: invitee.answers,
    tracking: {
      utm_campaign: null,
      utm_source: null,
      utm_medium: null,
      utm_content: null,
      utm_term: null,
      salesforce_uuid: null,
      ...invitee.tracking,
    },
    text_reminder_number: invitee.textReminderNumber,
    rescheduled: invitee.rescheduled,
    old_invitee: invitee.oldInvitee ? inviteeUri(invitee.oldInvitee) : null,
    new_invitee: invitee.newInvitee ? inviteeUri(invitee.newInvitee) : null,
    cancel_url: `https://calendly.com/cancellations/${invitee.id}`,
    reschedule_url: `https://calendly.com/reschedulings/${invitee.id}`,
    routing_form_submission: null,
    ...(invitee.cancellation ? { cancellation: renderCancellation(invitee.cancellation) } : {}),
    payment: null,
    no_show: invitee.noShow ? renderNoShowMark(invitee.noShow) : null,
    reconfirmation: null,
    scheduling_method: invitee.schedulingMethod,
    invitee_scheduled_by: null,
    created_at: formatTime(invitee.createdMs),
    updated_at: formatTime(invitee.updatedMs),
    ...invitee.overrides,
  };
}

function renderNoShowMark(noShow: { id: string; createdMs: number }): Resource {
  return { uri: calendlyUri(`invitee_no_shows/${noShow.id}`), created_at: formatTime(noShow.createdMs) };
}

/** The no-show as a resource of its own, which also names its invitee. */
export function renderNoShow(invitee: CalendlyInvitee, noShow: { id: string; createdMs: number }): Resource {
  return {
    ...renderNoShowMark(noShow),
    invitee: inviteeUri({ eventId: invitee.eventId, inviteeId: invitee.id }),
  };
}

export function renderSubscription(subscription: CalendlySubscription): Resource {
  return {
    uri: calendlyUri(`webhook_subscriptions/${subscription.id}`),
    callback_url: subscription.callbackUrl,
    created_at: formatTime(subscription.createdMs),
    updated_at: formatTime(subscription.updatedMs),
    retry_started_at: subscription.retryStartedMs === null ? null : formatTime(subscription.retryStartedMs),
    state: subscription.state,
    events: subscription.events,
    scope: subscription.scope,
    organization: calendlyUri(`organizations/${subscription.organizationId}`),
    user: subscription.userId ? calendlyUri(`users/${subscription.userId}`) : null,
    group: null,
    creator: calendlyUri(`users/${subscription.creatorId}`),
  };
}

/** The body of a delivery: the whole invitee, with the event inside it. Times are whole seconds. */
export function renderDelivery(
  world: World,
  input: { event: string; invitee: CalendlyInvitee; creatorId: string; createdMs: number },
): Resource {
  const meeting = world.events.get(input.invitee.eventId);
  return {
    created_at: formatTime(Math.floor(input.createdMs / 1000) * 1000),
    created_by: calendlyUri(`users/${input.creatorId}`),
    event: input.event,
    payload: {
      ...renderInvitee(input.invitee),
      scheduled_event: meeting ? renderEvent(world, meeting, "delivery") : null,
    },
  };
}
