import { z } from "zod";
import { createHttpClient, type HttpRequest, type ProviderClientOptions } from "../http-client.ts";
import { isForeignPage, parseRows, type RejectedRow } from "../parse-rows.ts";
import { ProviderError } from "../provider-error.ts";
import { path } from "../provider-url.ts";
import type { BucketKey } from "../rate-bucket.ts";
import { createCalendlyDialect } from "./dialect.ts";
import {
  eventSchema,
  eventTypeSchema,
  inviteeSchema,
  membershipSchema,
  organizationSchema,
  pageSchema,
  resourceSchema,
  userSchema,
  webhookSubscriptionSchema,
} from "./schema.ts";
import { lastSegment, toUri } from "./uri.ts";

const PAGE_SIZE = 100;

export type CalendlyClientOptions = ProviderClientOptions & {
  bucket: BucketKey;
  /** The part of the user's limit that is ours; half unless the owner raised it (R32). */
  share?: number;
};

export type CalendlyClient = ReturnType<typeof createCalendlyClient>;

/** Whose: an organization (its owner or admin), or one user; ids or URIs. */
export type CalendlyOwner =
  | { organization: string; user?: string }
  | { user: string; organization?: undefined };

export type ListEventsQuery = CalendlyOwner & {
  minStart: Date;
  maxStart: Date;
  /** Both when absent: leaving canceled ones out would hide reschedules. */
  status?: "active" | "canceled";
  inviteeEmail?: string;
  pageToken?: string;
  sort?: "start_time:asc" | "start_time:desc";
};

export type CreateWebhookInput = {
  url: string;
  scope: "organization" | "user";
  organization: string;
  user?: string;
  signingKey: string;
  events: readonly string[];
};

type Page = { collection: unknown[]; nextPageToken: string | null };

/**
 * Every call answers with `asOf`, the moment it was sent. Ids and URIs are interchangeable in arguments.
 * Lists give one page: send the same question again with `nextPageToken` until it is null, however short a
 * page is. Rows that cannot be read are in `rejected`, not lost in silence.
 */
export function createCalendlyClient(options: CalendlyClientOptions) {
  const http = createHttpClient(createCalendlyDialect(options.share), options.bucket, options);

  async function getOne<T>(endpoint: string, url: string, schema: z.ZodType<T>) {
    const { data, asOf } = await http.request({
      method: "GET",
      endpoint,
      path: url,
      isById: true,
      schema: resourceSchema(schema),
    });
    return { resource: data.resource, asOf };
  }

  async function getPage<T>(
    request: Pick<HttpRequest<Page>, "endpoint" | "path" | "query">,
    schema: z.ZodType<T>,
  ): Promise<{ asOf: Date; rows: T[]; rejected: RejectedRow[]; nextPageToken: string | null }> {
    const query = { ...request.query, count: PAGE_SIZE };
    const { data, asOf } = await http.request({ ...request, method: "GET", query, schema: pageSchema });
    const page = parseRows(data.collection, schema, (row) =>
      typeof row.uri === "string" ? lastSegment(row.uri) : null,
    );
    if (isForeignPage(page)) {
      throw new ProviderError(
        "calendly",
        "unexpected",
        `${request.endpoint} has rows in a form that is not known.`,
        {
          details: { reason: "schema", faults: page.rejected[0]?.faults },
        },
      );
    }
    return { asOf, ...page, nextPageToken: data.nextPageToken };
  }

  return {
    clockSkewMs: http.clockSkewMs,

    /** The token's owner. */
    async me() {
      const { resource, asOf } = await getOne("/users/me", "/users/me", userSchema);
      return { asOf, user: resource };
    },

    async organization(id: string) {
      const url = path`/organizations/${lastSegment(id)}`;
      const { resource, asOf } = await getOne("/organizations/:id", url, organizationSchema);
      return { asOf, organization: resource };
    },

    async memberships(query: { organization: string; user?: string; pageToken?: string }) {
      const { rows, ...page } = await getPage(
        {
          endpoint: "/organization_memberships",
          path: "/organization_memberships",
          query: { ...ownerQuery(query), page_token: query.pageToken },
        },
        membershipSchema,
      );
      return { ...page, memberships: rows };
    },

    async eventTypes(query: CalendlyOwner & { pageToken?: string }) {
      const { rows, ...page } = await getPage(
        {
          endpoint: "/event_types",
          path: "/event_types",
          query: { ...ownerQuery(query), page_token: query.pageToken },
        },
        eventTypeSchema,
      );
      return { ...page, eventTypes: rows };
    },

    async listEvents(query: ListEventsQuery) {
      const { rows, ...page } = await getPage(
        {
          endpoint: "/scheduled_events",
          path: "/scheduled_events",
          query: {
            ...ownerQuery(query),
            min_start_time: query.minStart.toISOString(),
            max_start_time: query.maxStart.toISOString(),
            status: query.status,
            invitee_email: query.inviteeEmail,
            sort: query.sort ?? "start_time:asc",
            page_token: query.pageToken,
          },
        },
        eventSchema,
      );
      return { ...page, events: rows };
    },

    async event(id: string) {
      const url = path`/scheduled_events/${lastSegment(id)}`;
      const { resource, asOf } = await getOne("/scheduled_events/:id", url, eventSchema);
      return { asOf, event: resource };
    },

    async listInvitees(eventId: string, query: { pageToken?: string; email?: string } = {}) {
      const { rows, ...page } = await getPage(
        {
          endpoint: "/scheduled_events/:id/invitees",
          path: path`/scheduled_events/${lastSegment(eventId)}/invitees`,
          query: { email: query.email, page_token: query.pageToken },
        },
        inviteeSchema,
      );
      return { ...page, invitees: rows };
    },

    async invitee(eventId: string, inviteeId: string) {
      const url = path`/scheduled_events/${lastSegment(eventId)}/invitees/${lastSegment(inviteeId)}`;
      const { resource, asOf } = await getOne("/scheduled_events/:id/invitees/:id", url, inviteeSchema);
      return { asOf, invitee: resource };
    },

    /** Writes, and is sent once: after an unclear failure look with `listWebhooks` before trying again. */
    async createWebhook(input: CreateWebhookInput) {
      const { data, asOf } = await http.request({
        method: "POST",
        endpoint: "/webhook_subscriptions",
        path: "/webhook_subscriptions",
        body: {
          url: input.url,
          events: input.events,
          scope: input.scope,
          organization: toUri("organizations", input.organization),
          user: input.scope === "user" && input.user ? toUri("users", input.user) : undefined,
          signing_key: input.signingKey,
        },
        schema: resourceSchema(webhookSubscriptionSchema),
      });
      return { asOf, webhook: data.resource };
    },

    async listWebhooks(query: {
      organization: string;
      scope: "organization" | "user";
      user?: string;
      pageToken?: string;
    }) {
      const { rows, ...page } = await getPage(
        {
          endpoint: "/webhook_subscriptions",
          path: "/webhook_subscriptions",
          query: { ...ownerQuery(query), scope: query.scope, page_token: query.pageToken },
        },
        webhookSubscriptionSchema,
      );
      return { ...page, webhooks: rows };
    },

    async webhook(id: string) {
      const url = path`/webhook_subscriptions/${lastSegment(id)}`;
      const { resource, asOf } = await getOne("/webhook_subscriptions/:id", url, webhookSubscriptionSchema);
      return { asOf, webhook: resource };
    },

    async deleteWebhook(id: string): Promise<void> {
      await http.request({
        method: "DELETE",
        endpoint: "/webhook_subscriptions/:id",
        path: path`/webhook_subscriptions/${lastSegment(id)}`,
        isById: true,
        schema: z.unknown(),
      });
    },
  };
}

/** Another user's events are only given together with the organization. */
function ownerQuery(owner: { organization?: string; user?: string }) {
  return {
    organization: owner.organization ? toUri("organizations", owner.organization) : undefined,
    user: owner.user ? toUri("users", owner.user) : undefined,
  };
}
