-- CreateSchema
CREATE SCHEMA IF NOT EXISTS "public";

-- CreateEnum
CREATE TYPE "Provider" AS ENUM ('calendly', 'highlevel');

-- CreateEnum
CREATE TYPE "AppointmentStatus" AS ENUM ('confirmed', 'canceled', 'rescheduled', 'showed', 'no_show', 'vanished');

-- CreateEnum
CREATE TYPE "Standing" AS ENUM ('live', 'held', 'canceled', 'no_show', 'vanished', 'superseded', 'copy');

-- CreateEnum
CREATE TYPE "MeetingState" AS ENUM ('none', 'booked', 'held', 'canceled', 'no_show', 'vanished');

-- CreateEnum
CREATE TYPE "Source" AS ENUM ('webhook', 'reconcile', 'backfill', 'auto_book', 'operator', 'import');

-- CreateEnum
CREATE TYPE "LeadStatus" AS ENUM ('new', 'qualified', 'meeting_requested', 'meeting_booked', 'not_interested', 'blacklisted', 'unqualified');

-- CreateEnum
CREATE TYPE "Sentiment" AS ENUM ('new', 'meeting_booked', 'meeting_requested', 'call_requested', 'information_requested', 'objection', 'not_interested', 'blacklist', 'follow_up', 'out_of_office', 'automated_reply', 'interested', 'neutral', 'snoozed');

-- CreateEnum
CREATE TYPE "TaskType" AS ENUM ('meeting_canceled', 'meeting_no_show', 'meeting_rescheduled', 'email', 'call', 'sms', 'linkedin');

-- CreateEnum
CREATE TYPE "TaskStatus" AS ENUM ('pending', 'snoozed', 'completed', 'skipped', 'canceled');

-- CreateEnum
CREATE TYPE "TaskOutcome" AS ENUM ('rebooked', 'no_answer', 'left_voicemail', 'call_back', 'not_interested', 'bad_contact', 'already_booked');

-- CreateEnum
CREATE TYPE "InstanceStatus" AS ENUM ('active', 'paused', 'completed', 'canceled');

-- CreateEnum
CREATE TYPE "SequenceTrigger" AS ENUM ('manual', 'lead_replied', 'no_response', 'meeting_booked', 'meeting_canceled', 'meeting_no_show');

-- CreateEnum
CREATE TYPE "StepChannel" AS ENUM ('email', 'call', 'sms', 'linkedin');

-- CreateEnum
CREATE TYPE "BackfillState" AS ENUM ('queued', 'running', 'waiting', 'pausing', 'paused', 'canceling', 'canceled', 'succeeded', 'succeeded_with_exceptions', 'incomplete');

-- CreateEnum
CREATE TYPE "SliceState" AS ENUM ('pending', 'running', 'done', 'failed', 'canceled');

-- CreateEnum
CREATE TYPE "BackfillMode" AS ENUM ('sweep', 'lookup');

-- CreateEnum
CREATE TYPE "ConnectionState" AS ENUM ('healthy', 'quiet', 'retrying', 'action_needed', 'polling', 'off');

-- CreateEnum
CREATE TYPE "DeliveryResult" AS ENUM ('accepted', 'duplicate', 'ignored', 'refused', 'failed');

-- CreateEnum
CREATE TYPE "Decision" AS ENUM ('accept', 'keep', 'link', 'recheck', 'needs_info');

-- CreateEnum
CREATE TYPE "MismatchCause" AS ENUM ('provider_missed_cancel', 'rescheduled_not_linked', 'other_identity', 'outside_window', 'feed_gap', 'calendar_not_connected', 'status_protected', 'set_by_hand', 'canceled_after_claim', 'link_sent_not_booked', 'no_trace');

-- CreateEnum
CREATE TYPE "Role" AS ENUM ('owner', 'ops_lead', 'inbox_manager', 'setter');

-- CreateEnum
CREATE TYPE "ResponseMode" AS ENUM ('automated', 'person', 'unknown');

-- CreateEnum
CREATE TYPE "TimezoneSource" AS ENUM ('given', 'calendly', 'highlevel', 'phone', 'unknown');

-- CreateEnum
CREATE TYPE "MessageDirection" AS ENUM ('inbound', 'outbound');

-- CreateEnum
CREATE TYPE "ActorKind" AS ENUM ('operator', 'system', 'api');

-- CreateEnum
CREATE TYPE "PlanState" AS ENUM ('preview', 'applying', 'applied', 'undoing', 'undone', 'failed');

-- CreateEnum
CREATE TYPE "PlanOutcome" AS ENUM ('will_change', 'no_change', 'skipped', 'held_back');

-- CreateEnum
CREATE TYPE "JobState" AS ENUM ('running', 'succeeded', 'failed');

-- CreateTable
CREATE TABLE "Workspace" (
    "id" UUID NOT NULL DEFAULT gen_random_uuid(),
    "slug" TEXT NOT NULL,
    "externalId" TEXT,
    "name" TEXT NOT NULL,
    "timezone" TEXT NOT NULL DEFAULT 'America/Chicago',
    "paused" BOOLEAN NOT NULL DEFAULT false,
    "bookingProvider" "Provider" NOT NULL DEFAULT 'highlevel',
    "businessOpen" TEXT NOT NULL DEFAULT '09:00',
    "businessClose" TEXT NOT NULL DEFAULT '18:00',
    "businessDays" INTEGER[] DEFAULT ARRAY[1, 2, 3, 4, 5]::INTEGER[],
    "lookbackDays" INTEGER NOT NULL DEFAULT 90,
    "lookaheadDays" INTEGER NOT NULL DEFAULT 90,
    "freshnessDays" INTEGER NOT NULL DEFAULT 14,
    "heldGateDays" INTEGER NOT NULL DEFAULT 90,
    "strictEventTypes" BOOLEAN NOT NULL DEFAULT false,
    "movedReview" BOOLEAN NOT NULL DEFAULT true,
    "attemptLimit" INTEGER NOT NULL DEFAULT 6,
    "flagAttendance" BOOLEAN NOT NULL DEFAULT false,
    "autoAcceptKinds" INTEGER[] DEFAULT ARRAY[]::INTEGER[],
    "autoBook" BOOLEAN NOT NULL DEFAULT false,
    "bulkEvidenceMinutes" INTEGER NOT NULL DEFAULT 30,
    "calendlySchedulingLink" TEXT,
    "createdAt" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "updatedAt" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "Workspace_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "Membership" (
    "id" UUID NOT NULL DEFAULT gen_random_uuid(),
    "workspaceId" UUID NOT NULL,
    "userId" TEXT NOT NULL,
    "role" "Role" NOT NULL,
    "createdAt" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "Membership_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "ApiKey" (
    "id" UUID NOT NULL DEFAULT gen_random_uuid(),
    "workspaceId" UUID NOT NULL,
    "name" TEXT NOT NULL,
    "prefix" TEXT NOT NULL,
    "hash" TEXT NOT NULL,
    "createdById" TEXT,
    "createdAt" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "lastUsedAt" TIMESTAMPTZ(3),
    "revokedAt" TIMESTAMPTZ(3),

    CONSTRAINT "ApiKey_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "User" (
    "id" TEXT NOT NULL,
    "name" TEXT NOT NULL,
    "email" TEXT NOT NULL,
    "emailVerified" BOOLEAN NOT NULL DEFAULT false,
    "image" TEXT,
    "createdAt" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "updatedAt" TIMESTAMPTZ(3) NOT NULL,
    "role" TEXT DEFAULT 'user',
    "banned" BOOLEAN DEFAULT false,
    "banReason" TEXT,
    "banExpires" TIMESTAMPTZ(3),
    "timezone" TEXT,

    CONSTRAINT "User_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "Session" (
    "id" TEXT NOT NULL,
    "expiresAt" TIMESTAMPTZ(3) NOT NULL,
    "token" TEXT NOT NULL,
    "createdAt" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "updatedAt" TIMESTAMPTZ(3) NOT NULL,
    "ipAddress" TEXT,
    "userAgent" TEXT,
    "userId" TEXT NOT NULL,
    "impersonatedBy" TEXT,

    CONSTRAINT "Session_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "Account" (
    "id" TEXT NOT NULL,
    "accountId" TEXT NOT NULL,
    "providerId" TEXT NOT NULL,
    "userId" TEXT NOT NULL,
    "accessToken" TEXT,
    "refreshToken" TEXT,
    "idToken" TEXT,
    "accessTokenExpiresAt" TIMESTAMPTZ(3),
    "refreshTokenExpiresAt" TIMESTAMPTZ(3),
    "scope" TEXT,
    "password" TEXT,
    "createdAt" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "updatedAt" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "Account_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "Verification" (
    "id" TEXT NOT NULL,
    "identifier" TEXT NOT NULL,
    "value" TEXT NOT NULL,
    "expiresAt" TIMESTAMPTZ(3) NOT NULL,
    "createdAt" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "updatedAt" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "Verification_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "RateLimit" (
    "id" TEXT NOT NULL,
    "key" TEXT NOT NULL,
    "count" INTEGER NOT NULL,
    "lastRequest" BIGINT NOT NULL,

    CONSTRAINT "RateLimit_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "Connection" (
    "id" UUID NOT NULL DEFAULT gen_random_uuid(),
    "workspaceId" UUID NOT NULL,
    "provider" "Provider" NOT NULL,
    "state" "ConnectionState" NOT NULL DEFAULT 'healthy',
    "reasonCode" TEXT,
    "reasonText" TEXT,
    "stateSince" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "tokenSealed" TEXT,
    "tokenChangedAt" TIMESTAMPTZ(3),
    "ownerId" TEXT,
    "ownerName" TEXT,
    "ownerEmail" TEXT,
    "ownerRole" TEXT,
    "accountName" TEXT,
    "plan" TEXT,
    "organizationId" TEXT,
    "locationId" TEXT,
    "timezone" TEXT,
    "fullScope" BOOLEAN NOT NULL DEFAULT true,
    "scopes" TEXT[] DEFAULT ARRAY[]::TEXT[],
    "seesPeople" INTEGER,
    "includeNewEventTypes" BOOLEAN NOT NULL DEFAULT true,
    "eventTypesChosenAt" TIMESTAMPTZ(3),
    "webhookId" TEXT,
    "webhookState" TEXT,
    "webhookScope" TEXT,
    "webhookCreatedAt" TIMESTAMPTZ(3),
    "webhookCheckedAt" TIMESTAMPTZ(3),
    "retryStartedAt" TIMESTAMPTZ(3),
    "signingKeySealed" TEXT,
    "previousSigningKeySealed" TEXT,
    "previousKeyUntil" TIMESTAMPTZ(3),
    "lastEventAt" TIMESTAMPTZ(3),
    "lastCheckAt" TIMESTAMPTZ(3),
    "lastSweepAt" TIMESTAMPTZ(3),
    "hotSweptAt" TIMESTAMPTZ(3),
    "warmSweptAt" TIMESTAMPTZ(3),
    "coldSweptAt" TIMESTAMPTZ(3),
    "failures" INTEGER NOT NULL DEFAULT 0,
    "breakerUntil" TIMESTAMPTZ(3),
    "rateLimit" INTEGER,
    "createdAt" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "createdById" TEXT,
    "disconnectedAt" TIMESTAMPTZ(3),
    "disconnectedById" TEXT,
    "version" INTEGER NOT NULL DEFAULT 1,

    CONSTRAINT "Connection_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "ConnectionEventType" (
    "connectionId" UUID NOT NULL,
    "providerId" TEXT NOT NULL,
    "name" TEXT NOT NULL,
    "active" BOOLEAN NOT NULL DEFAULT true,
    "selected" BOOLEAN NOT NULL DEFAULT true,
    "durationMin" INTEGER,
    "seenAt" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "ConnectionEventType_pkey" PRIMARY KEY ("connectionId","providerId")
);

-- CreateTable
CREATE TABLE "Coverage" (
    "connectionId" UUID NOT NULL,
    "day" DATE NOT NULL,
    "verifiedAt" TIMESTAMPTZ(3) NOT NULL,
    "fullScope" BOOLEAN NOT NULL,

    CONSTRAINT "Coverage_pkey" PRIMARY KEY ("connectionId","day")
);

-- CreateTable
CREATE TABLE "EventWatermark" (
    "connectionId" UUID NOT NULL,
    "eventId" TEXT NOT NULL,
    "providerUpdatedAt" TIMESTAMPTZ(3) NOT NULL,
    "inviteesTotal" INTEGER NOT NULL,
    "inviteesActive" INTEGER NOT NULL,
    "startAt" TIMESTAMPTZ(3) NOT NULL,
    "endAt" TIMESTAMPTZ(3) NOT NULL,
    "inviteesReadAt" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "EventWatermark_pkey" PRIMARY KEY ("connectionId","eventId")
);

-- CreateTable
CREATE TABLE "RememberedContact" (
    "workspaceId" UUID NOT NULL,
    "contactId" TEXT NOT NULL,
    "emails" TEXT[] DEFAULT ARRAY[]::TEXT[],
    "name" TEXT,
    "phone" TEXT,
    "company" TEXT,
    "timezone" TEXT,
    "providerUpdatedAt" TIMESTAMPTZ(3),
    "readAt" TIMESTAMPTZ(3) NOT NULL,
    "gone" BOOLEAN NOT NULL DEFAULT false,

    CONSTRAINT "RememberedContact_pkey" PRIMARY KEY ("workspaceId","contactId")
);

-- CreateTable
CREATE TABLE "Lead" (
    "id" UUID NOT NULL DEFAULT gen_random_uuid(),
    "workspaceId" UUID NOT NULL,
    "externalId" TEXT,
    "email" TEXT NOT NULL,
    "emailKey" TEXT GENERATED ALWAYS AS (lower(email)) STORED,
    "firstName" TEXT,
    "lastName" TEXT,
    "company" TEXT,
    "phone" TEXT,
    "timezone" TEXT,
    "timezoneSource" "TimezoneSource" NOT NULL DEFAULT 'unknown',
    "status" "LeadStatus" NOT NULL DEFAULT 'new',
    "statusAt" TIMESTAMPTZ(3) NOT NULL,
    "statusSource" "Source" NOT NULL DEFAULT 'import',
    "sentiment" "Sentiment" NOT NULL DEFAULT 'new',
    "sentimentAt" TIMESTAMPTZ(3) NOT NULL,
    "claimAt" TIMESTAMPTZ(3) GENERATED ALWAYS AS (CASE WHEN sentiment = 'meeting_booked' THEN "sentimentAt" WHEN status = 'meeting_booked' THEN "statusAt" END) STORED,
    "claimCheckedAt" TIMESTAMPTZ(3),
    "lastInboundAt" TIMESTAMPTZ(3),
    "lastMessageAt" TIMESTAMPTZ(3),
    "lastMessageDirection" "MessageDirection",
    "lastMessageChannel" TEXT,
    "linkSentAt" TIMESTAMPTZ(3),
    "crmOwnerEmail" TEXT,
    "highValue" BOOLEAN NOT NULL DEFAULT false,
    "responseMode" "ResponseMode" NOT NULL DEFAULT 'unknown',
    "autoBook" BOOLEAN NOT NULL DEFAULT false,
    "assignedToId" TEXT,
    "badContactAt" TIMESTAMPTZ(3),
    "sharedBooking" BOOLEAN NOT NULL DEFAULT false,
    "meetingState" "MeetingState" NOT NULL DEFAULT 'none',
    "primaryId" UUID,
    "meetingProvider" "Provider",
    "meetingStatus" "AppointmentStatus",
    "meetingStartAt" TIMESTAMPTZ(3),
    "meetingEndAt" TIMESTAMPTZ(3),
    "meetingCanceledAt" TIMESTAMPTZ(3),
    "meetingBookedAt" TIMESTAMPTZ(3),
    "meetingSource" "Source",
    "meetingAsOf" TIMESTAMPTZ(3),
    "lostAt" TIMESTAMPTZ(3),
    "meetingChangedAt" TIMESTAMPTZ(3),
    "redecideAt" TIMESTAMPTZ(3),
    "lookedUpAt" TIMESTAMPTZ(3),
    -- R21, in its order of precedence: 4, 3, 1, 2.
    "mismatchKind" INTEGER GENERATED ALWAYS AS (
        CASE
            WHEN "meetingState" = 'vanished' AND status = 'meeting_booked' THEN 4
            WHEN "meetingState" IN ('canceled', 'no_show') AND status = 'meeting_booked' THEN 3
            WHEN (sentiment = 'meeting_booked' OR status = 'meeting_booked') AND ("meetingState" = 'none' OR ("meetingState" IN ('canceled', 'no_show') AND (CASE WHEN sentiment = 'meeting_booked' THEN "sentimentAt" WHEN status = 'meeting_booked' THEN "statusAt" END) > "lostAt")) AND ("claimCheckedAt" IS NOT NULL AND "claimCheckedAt" > (CASE WHEN sentiment = 'meeting_booked' THEN "sentimentAt" WHEN status = 'meeting_booked' THEN "statusAt" END)) THEN 1
            WHEN "meetingState" IN ('booked', 'held') AND status <> 'meeting_booked' THEN 2
        END) STORED,
    -- R22: would be kind 1 if it had been checked since the claim.
    "claimUnverified" BOOLEAN GENERATED ALWAYS AS (
        NOT ("meetingState" IN ('canceled', 'no_show') AND status = 'meeting_booked') AND (sentiment = 'meeting_booked' OR status = 'meeting_booked') AND ("meetingState" = 'none' OR ("meetingState" IN ('canceled', 'no_show') AND (CASE WHEN sentiment = 'meeting_booked' THEN "sentimentAt" WHEN status = 'meeting_booked' THEN "statusAt" END) > "lostAt")) AND NOT ("claimCheckedAt" IS NOT NULL AND "claimCheckedAt" > (CASE WHEN sentiment = 'meeting_booked' THEN "sentimentAt" WHEN status = 'meeting_booked' THEN "statusAt" END))) STORED,
    "mismatchSince" TIMESTAMPTZ(3) GENERATED ALWAYS AS (
        CASE
            WHEN "meetingState" = 'vanished' AND status = 'meeting_booked' THEN "meetingChangedAt"
            WHEN "meetingState" IN ('canceled', 'no_show') AND status = 'meeting_booked' THEN "lostAt"
            WHEN (sentiment = 'meeting_booked' OR status = 'meeting_booked') AND ("meetingState" = 'none' OR ("meetingState" IN ('canceled', 'no_show') AND (CASE WHEN sentiment = 'meeting_booked' THEN "sentimentAt" WHEN status = 'meeting_booked' THEN "statusAt" END) > "lostAt")) AND ("claimCheckedAt" IS NOT NULL AND "claimCheckedAt" > (CASE WHEN sentiment = 'meeting_booked' THEN "sentimentAt" WHEN status = 'meeting_booked' THEN "statusAt" END)) THEN (CASE WHEN sentiment = 'meeting_booked' THEN "sentimentAt" WHEN status = 'meeting_booked' THEN "statusAt" END)
            WHEN "meetingState" IN ('booked', 'held') AND status <> 'meeting_booked' THEN "meetingChangedAt"
        END) STORED,
    "mismatchCause" "MismatchCause",
    "causeKind" INTEGER,
    "causeAt" TIMESTAMPTZ(3),
    "attendanceUnrecorded" BOOLEAN NOT NULL DEFAULT false,
    "decision" "Decision",
    "decisionReason" TEXT,
    "decisionAt" TIMESTAMPTZ(3),
    "decisionById" TEXT,
    "decisionUntil" TIMESTAMPTZ(3),
    "version" INTEGER NOT NULL DEFAULT 1,
    "createdAt" TIMESTAMPTZ(3) NOT NULL,
    "updatedAt" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "Lead_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "LeadAlias" (
    "workspaceId" UUID NOT NULL,
    "emailKey" TEXT NOT NULL,
    "leadId" UUID NOT NULL,
    "confirmedById" TEXT,
    "source" "Source" NOT NULL,
    "createdAt" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "LeadAlias_pkey" PRIMARY KEY ("workspaceId","emailKey","leadId")
);

-- CreateTable
CREATE TABLE "LeadContact" (
    "workspaceId" UUID NOT NULL,
    "contactId" TEXT NOT NULL,
    "leadId" UUID NOT NULL,

    CONSTRAINT "LeadContact_pkey" PRIMARY KEY ("workspaceId","contactId")
);

-- CreateTable
CREATE TABLE "Appointment" (
    "id" UUID NOT NULL DEFAULT gen_random_uuid(),
    "workspaceId" UUID NOT NULL,
    "connectionId" UUID,
    "provider" "Provider" NOT NULL,
    "providerId" TEXT NOT NULL,
    "eventId" TEXT NOT NULL,
    "calendarId" TEXT,
    "title" TEXT,
    "onConfiguredType" BOOLEAN NOT NULL DEFAULT true,
    "startAt" TIMESTAMPTZ(3) NOT NULL,
    "endAt" TIMESTAMPTZ(3) NOT NULL,
    "attendeeEmail" TEXT,
    "attendeeKey" TEXT GENERATED ALWAYS AS (lower("attendeeEmail")) STORED,
    "attendeeName" TEXT,
    "attendeePhone" TEXT,
    "attendeeTimezone" TEXT,
    "contactId" TEXT,
    "status" "AppointmentStatus" NOT NULL,
    "providerStatus" TEXT NOT NULL,
    "unrecognised" BOOLEAN NOT NULL DEFAULT false,
    "canceledAt" TIMESTAMPTZ(3),
    "canceledBy" TEXT,
    "canceledByType" TEXT,
    "cancelReason" TEXT,
    "noShowAt" TIMESTAMPTZ(3),
    "rescheduledFromId" TEXT,
    "rescheduledToId" TEXT,
    "rescheduledToEventId" TEXT,
    "movedFromAt" TIMESTAMPTZ(3),
    "mirrorOfId" UUID,
    "standing" "Standing",
    "attendanceMark" "AppointmentStatus",
    "attendanceMarkById" TEXT,
    "attendanceMarkAt" TIMESTAMPTZ(3),
    "organizerEmail" TEXT,
    "organizerName" TEXT,
    "providerCreatedAt" TIMESTAMPTZ(3),
    "providerUpdatedAt" TIMESTAMPTZ(3),
    "asOf" TIMESTAMPTZ(3) NOT NULL,
    "source" "Source" NOT NULL,
    "firstSeenAt" TIMESTAMPTZ(3) NOT NULL,
    "lossSeenAt" TIMESTAMPTZ(3),
    "leadId" UUID,
    "linkedBy" TEXT,
    "ambiguous" BOOLEAN NOT NULL DEFAULT false,
    "updatedAt" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "Appointment_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "AppointmentChange" (
    "id" BIGSERIAL NOT NULL,
    "workspaceId" UUID NOT NULL,
    "appointmentId" UUID NOT NULL,
    "leadId" UUID,
    "at" TIMESTAMPTZ(3) NOT NULL,
    "kind" TEXT NOT NULL,
    "fromStatus" "AppointmentStatus",
    "toStatus" "AppointmentStatus" NOT NULL,
    "diff" JSONB NOT NULL DEFAULT '{}',
    "asOf" TIMESTAMPTZ(3) NOT NULL,
    "source" "Source" NOT NULL,
    "reason" TEXT,
    "backfillId" UUID,

    CONSTRAINT "AppointmentChange_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "WebhookDelivery" (
    "id" UUID NOT NULL DEFAULT gen_random_uuid(),
    "workspaceId" UUID NOT NULL,
    "connectionId" UUID,
    "provider" "Provider" NOT NULL,
    "eventType" TEXT,
    "dedupeKey" TEXT,
    "bodySealed" TEXT,
    "bodyHash" TEXT NOT NULL,
    "bodyBytes" INTEGER NOT NULL,
    "result" "DeliveryResult" NOT NULL,
    "resultReason" TEXT,
    "keyIndex" INTEGER,
    "signedAt" TIMESTAMPTZ(3),
    "receivedAt" TIMESTAMPTZ(3) NOT NULL,
    "processedAt" TIMESTAMPTZ(3),
    "tookMs" INTEGER,
    "duplicates" INTEGER NOT NULL DEFAULT 0,
    "tries" INTEGER NOT NULL DEFAULT 0,
    "appointmentId" UUID,
    "leadId" UUID,

    CONSTRAINT "WebhookDelivery_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "Message" (
    "id" UUID NOT NULL DEFAULT gen_random_uuid(),
    "workspaceId" UUID NOT NULL,
    "leadId" UUID NOT NULL,
    "externalId" TEXT NOT NULL,
    "direction" "MessageDirection" NOT NULL,
    "at" TIMESTAMPTZ(3) NOT NULL,
    "channel" TEXT,
    "sentiment" "Sentiment",
    "sentLink" BOOLEAN NOT NULL DEFAULT false,

    CONSTRAINT "Message_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "FollowUpSequence" (
    "id" UUID NOT NULL DEFAULT gen_random_uuid(),
    "workspaceId" UUID NOT NULL,
    "name" TEXT NOT NULL,
    "trigger" "SequenceTrigger" NOT NULL,
    "active" BOOLEAN NOT NULL DEFAULT true,
    "createdAt" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "FollowUpSequence_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "FollowUpStep" (
    "id" UUID NOT NULL DEFAULT gen_random_uuid(),
    "sequenceId" UUID NOT NULL,
    "position" INTEGER NOT NULL,
    "dayOffset" INTEGER NOT NULL,
    "minuteOffset" INTEGER NOT NULL DEFAULT 0,
    "channel" "StepChannel" NOT NULL,
    "template" TEXT NOT NULL,
    "subject" TEXT,

    CONSTRAINT "FollowUpStep_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "FollowUpInstance" (
    "id" UUID NOT NULL DEFAULT gen_random_uuid(),
    "workspaceId" UUID NOT NULL,
    "leadId" UUID NOT NULL,
    "sequenceId" UUID NOT NULL,
    "status" "InstanceStatus" NOT NULL DEFAULT 'active',
    "trigger" "SequenceTrigger" NOT NULL,
    "nextStep" INTEGER NOT NULL DEFAULT 0,
    "nextStepAt" TIMESTAMPTZ(3),
    "startedAt" TIMESTAMPTZ(3) NOT NULL,
    "endedAt" TIMESTAMPTZ(3),
    "reason" TEXT,
    "startedById" TEXT,

    CONSTRAINT "FollowUpInstance_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "Task" (
    "id" UUID NOT NULL DEFAULT gen_random_uuid(),
    "workspaceId" UUID NOT NULL,
    "leadId" UUID NOT NULL,
    "type" "TaskType" NOT NULL,
    "status" "TaskStatus" NOT NULL DEFAULT 'pending',
    "instanceId" UUID,
    "stepId" UUID,
    "dueAt" TIMESTAMPTZ(3) NOT NULL,
    "createdAt" TIMESTAMPTZ(3) NOT NULL,
    "updatedAt" TIMESTAMPTZ(3) NOT NULL,
    "closedAt" TIMESTAMPTZ(3),
    "closedReason" TEXT,
    "closedById" TEXT,
    "ownerId" TEXT,
    "leaseUntil" TIMESTAMPTZ(3),
    "attempts" INTEGER NOT NULL DEFAULT 0,
    "lastOutcome" "TaskOutcome",
    "lastOutcomeAt" TIMESTAMPTZ(3),
    "lastOutcomeById" TEXT,
    "awaitsEvidence" BOOLEAN NOT NULL DEFAULT false,
    "note" TEXT,
    "version" INTEGER NOT NULL DEFAULT 1,

    CONSTRAINT "Task_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "TaskMeeting" (
    "taskId" UUID NOT NULL,
    "appointmentId" UUID NOT NULL,
    "kind" TEXT NOT NULL,
    "lostAt" TIMESTAMPTZ(3),
    "addedAt" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "TaskMeeting_pkey" PRIMARY KEY ("taskId","appointmentId")
);

-- CreateTable
CREATE TABLE "SlotOffer" (
    "id" UUID NOT NULL DEFAULT gen_random_uuid(),
    "workspaceId" UUID NOT NULL,
    "leadId" UUID NOT NULL,
    "provider" "Provider" NOT NULL,
    "startAt" TIMESTAMPTZ(3) NOT NULL,
    "offeredAt" TIMESTAMPTZ(3) NOT NULL,
    "source" "Source" NOT NULL,
    "clearedAt" TIMESTAMPTZ(3),

    CONSTRAINT "SlotOffer_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "Backfill" (
    "id" UUID NOT NULL DEFAULT gen_random_uuid(),
    "number" SERIAL NOT NULL,
    "workspaceId" UUID,
    "workspaceIds" UUID[],
    "providers" "Provider"[],
    "from" DATE NOT NULL,
    "to" DATE NOT NULL,
    "mode" "BackfillMode" NOT NULL DEFAULT 'sweep',
    "dryRun" BOOLEAN NOT NULL DEFAULT false,
    "skipSideEffects" BOOLEAN NOT NULL DEFAULT false,
    "note" TEXT,
    "state" "BackfillState" NOT NULL DEFAULT 'queued',
    "desired" TEXT NOT NULL DEFAULT 'running',
    "stateSince" TIMESTAMPTZ(3) NOT NULL,
    "stateById" TEXT,
    "waitUntil" TIMESTAMPTZ(3),
    "waitReason" TEXT,
    "estimate" JSONB NOT NULL,
    "attempt" INTEGER NOT NULL DEFAULT 0,
    "heartbeatAt" TIMESTAMPTZ(3),
    "rateSamples" JSONB NOT NULL DEFAULT '[]',
    "createdAt" TIMESTAMPTZ(3) NOT NULL,
    "createdById" TEXT,
    "startedAt" TIMESTAMPTZ(3),
    "endedAt" TIMESTAMPTZ(3),
    "version" INTEGER NOT NULL DEFAULT 1,

    CONSTRAINT "Backfill_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "BackfillSlice" (
    "id" UUID NOT NULL DEFAULT gen_random_uuid(),
    "backfillId" UUID NOT NULL,
    "workspaceId" UUID NOT NULL,
    "connectionId" UUID NOT NULL,
    "provider" "Provider" NOT NULL,
    "day" DATE NOT NULL,
    "state" "SliceState" NOT NULL DEFAULT 'pending',
    "cursor" TEXT,
    "page" INTEGER NOT NULL DEFAULT 0,
    "done" INTEGER NOT NULL DEFAULT 0,
    "known" INTEGER NOT NULL DEFAULT 0,
    "failed" INTEGER NOT NULL DEFAULT 0,
    "effects" JSONB NOT NULL DEFAULT '{}',
    "attempts" INTEGER NOT NULL DEFAULT 0,
    "errorCode" TEXT,
    "startedAt" TIMESTAMPTZ(3),
    "endedAt" TIMESTAMPTZ(3),

    CONSTRAINT "BackfillSlice_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "BackfillError" (
    "id" UUID NOT NULL DEFAULT gen_random_uuid(),
    "backfillId" UUID NOT NULL,
    "sliceId" UUID NOT NULL,
    "code" TEXT NOT NULL,
    "message" TEXT NOT NULL,
    "providerRef" TEXT,
    "at" TIMESTAMPTZ(3) NOT NULL,
    "resolvedAt" TIMESTAMPTZ(3),

    CONSTRAINT "BackfillError_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "BulkPlan" (
    "id" UUID NOT NULL DEFAULT gen_random_uuid(),
    "workspaceId" UUID NOT NULL,
    "decision" "Decision" NOT NULL,
    "reason" TEXT,
    "scope" JSONB NOT NULL,
    "state" "PlanState" NOT NULL DEFAULT 'preview',
    "counts" JSONB NOT NULL,
    "frozenAt" TIMESTAMPTZ(3) NOT NULL,
    "createdById" TEXT NOT NULL,
    "idempotencyKey" TEXT,
    "applied" INTEGER NOT NULL DEFAULT 0,
    "total" INTEGER NOT NULL DEFAULT 0,
    "errorCode" TEXT,

    CONSTRAINT "BulkPlan_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "PlanItem" (
    "planId" UUID NOT NULL,
    "leadId" UUID NOT NULL,
    "position" INTEGER NOT NULL,
    "kind" INTEGER NOT NULL,
    "outcome" "PlanOutcome" NOT NULL,
    "reason" TEXT,
    "leadVersion" INTEGER NOT NULL,
    "before" JSONB,
    "after" JSONB,
    "effects" JSONB,
    "appliedVersion" INTEGER,
    "appliedAt" TIMESTAMPTZ(3),
    "undoneAt" TIMESTAMPTZ(3),
    "problem" TEXT,

    CONSTRAINT "PlanItem_pkey" PRIMARY KEY ("planId","leadId")
);

-- CreateTable
CREATE TABLE "Receipt" (
    "id" UUID NOT NULL DEFAULT gen_random_uuid(),
    "workspaceId" UUID NOT NULL,
    "planId" UUID NOT NULL,
    "actorId" TEXT NOT NULL,
    "at" TIMESTAMPTZ(3) NOT NULL,
    "applied" INTEGER NOT NULL DEFAULT 0,
    "failed" INTEGER NOT NULL DEFAULT 0,
    "undoUntil" TIMESTAMPTZ(3) NOT NULL,
    "undoneAt" TIMESTAMPTZ(3),
    "undoneById" TEXT,
    "restored" INTEGER,
    "kept" JSONB,

    CONSTRAINT "Receipt_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "SavedView" (
    "id" UUID NOT NULL DEFAULT gen_random_uuid(),
    "workspaceId" UUID NOT NULL,
    "screen" TEXT NOT NULL,
    "name" TEXT NOT NULL,
    "userId" TEXT,
    "state" JSONB NOT NULL,
    "createdAt" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "SavedView_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "Incident" (
    "id" UUID NOT NULL DEFAULT gen_random_uuid(),
    "workspaceId" UUID NOT NULL,
    "connectionId" UUID,
    "kind" TEXT NOT NULL,
    "subject" TEXT NOT NULL,
    "cause" TEXT NOT NULL,
    "action" TEXT NOT NULL,
    "firstSeenAt" TIMESTAMPTZ(3) NOT NULL,
    "lastSeenAt" TIMESTAMPTZ(3) NOT NULL,
    "count" INTEGER NOT NULL DEFAULT 1,
    "closedAt" TIMESTAMPTZ(3),
    "details" JSONB NOT NULL DEFAULT '{}',

    CONSTRAINT "Incident_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "JobRun" (
    "id" BIGSERIAL NOT NULL,
    "job" TEXT NOT NULL,
    "workspaceId" UUID,
    "connectionId" UUID,
    "trigger" TEXT NOT NULL,
    "state" "JobState" NOT NULL DEFAULT 'running',
    "startedAt" TIMESTAMPTZ(3) NOT NULL,
    "endedAt" TIMESTAMPTZ(3),
    "way" TEXT,
    "why" TEXT,
    "counters" JSONB NOT NULL DEFAULT '{}',
    "errorCode" TEXT,

    CONSTRAINT "JobRun_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "RateBucket" (
    "key" TEXT NOT NULL,
    "windowMs" INTEGER NOT NULL,
    "limit" INTEGER NOT NULL,
    "calls" BIGINT[] DEFAULT ARRAY[]::BIGINT[],
    "cooldownUntil" TIMESTAMPTZ(3),
    "dailyLimit" INTEGER,
    "dailyUsed" INTEGER NOT NULL DEFAULT 0,
    "dailyResetAt" TIMESTAMPTZ(3),
    "updatedAt" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "RateBucket_pkey" PRIMARY KEY ("key")
);

-- CreateTable
CREATE TABLE "IdempotencyKey" (
    "scope" TEXT NOT NULL,
    "key" TEXT NOT NULL,
    "requestHash" TEXT NOT NULL,
    "status" INTEGER,
    "body" JSONB,
    "createdAt" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "IdempotencyKey_pkey" PRIMARY KEY ("scope","key")
);

-- CreateTable
CREATE TABLE "OutboxEvent" (
    "id" BIGSERIAL NOT NULL,
    "txid" BIGINT NOT NULL DEFAULT (pg_current_xact_id()::text)::bigint,
    "workspaceId" UUID NOT NULL,
    "kind" TEXT NOT NULL,
    "ids" TEXT[],
    "at" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "OutboxEvent_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "AuditEntry" (
    "id" BIGSERIAL NOT NULL,
    "workspaceId" UUID,
    "at" TIMESTAMPTZ(3) NOT NULL,
    "actorKind" "ActorKind" NOT NULL,
    "actorId" TEXT,
    "verb" TEXT NOT NULL,
    "subjectType" TEXT NOT NULL,
    "subjectId" TEXT NOT NULL,
    "leadId" UUID,
    "before" JSONB,
    "after" JSONB,
    "source" "Source" NOT NULL,
    "reason" TEXT,
    "receiptId" UUID,

    CONSTRAINT "AuditEntry_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "CallMetrics" (
    "workspaceId" UUID NOT NULL,
    "emailKey" TEXT NOT NULL,
    "leadId" UUID,
    "booked" INTEGER NOT NULL,
    "completed" INTEGER NOT NULL,
    "noShow" INTEGER NOT NULL,
    "canceled" INTEGER NOT NULL,
    "rescheduled" INTEGER NOT NULL,
    "showRate" DOUBLE PRECISION,
    "lastCallAt" TIMESTAMPTZ(3),
    "nextCallAt" TIMESTAMPTZ(3),
    "assignedManager" TEXT,
    "assignedManagerEmail" TEXT,
    "syncedAt" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "CallMetrics_pkey" PRIMARY KEY ("workspaceId","emailKey")
);

-- CreateTable
CREATE TABLE "CallAlert" (
    "id" UUID NOT NULL DEFAULT gen_random_uuid(),
    "workspaceId" UUID NOT NULL,
    "emailKey" TEXT NOT NULL,
    "kind" TEXT NOT NULL,
    "firstSeenAt" TIMESTAMPTZ(3) NOT NULL,
    "closedAt" TIMESTAMPTZ(3),

    CONSTRAINT "CallAlert_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "AvailabilityCache" (
    "workspaceId" UUID NOT NULL,
    "provider" "Provider" NOT NULL,
    "calendarId" TEXT NOT NULL,
    "slots" JSONB NOT NULL,
    "fetchedAt" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "AvailabilityCache_pkey" PRIMARY KEY ("workspaceId","provider","calendarId")
);

-- CreateTable
CREATE TABLE "Notification" (
    "id" UUID NOT NULL DEFAULT gen_random_uuid(),
    "workspaceId" UUID NOT NULL,
    "userId" TEXT NOT NULL,
    "kind" TEXT NOT NULL,
    "subjectType" TEXT NOT NULL,
    "subjectId" TEXT NOT NULL,
    "at" TIMESTAMPTZ(3) NOT NULL,
    "doneAt" TIMESTAMPTZ(3),

    CONSTRAINT "Notification_pkey" PRIMARY KEY ("id")
);

-- CreateIndex
CREATE UNIQUE INDEX "Workspace_slug_key" ON "Workspace"("slug");

-- CreateIndex
CREATE UNIQUE INDEX "Workspace_externalId_key" ON "Workspace"("externalId");

-- CreateIndex
CREATE INDEX "Membership_userId_idx" ON "Membership"("userId");

-- CreateIndex
CREATE UNIQUE INDEX "Membership_workspaceId_userId_key" ON "Membership"("workspaceId", "userId");

-- CreateIndex
CREATE UNIQUE INDEX "ApiKey_hash_key" ON "ApiKey"("hash");

-- CreateIndex
CREATE INDEX "ApiKey_workspaceId_idx" ON "ApiKey"("workspaceId");

-- CreateIndex
CREATE UNIQUE INDEX "User_email_key" ON "User"("email");

-- CreateIndex
CREATE UNIQUE INDEX "Session_token_key" ON "Session"("token");

-- CreateIndex
CREATE INDEX "Session_userId_idx" ON "Session"("userId");

-- CreateIndex
CREATE INDEX "Account_userId_idx" ON "Account"("userId");

-- CreateIndex
CREATE INDEX "Verification_identifier_idx" ON "Verification"("identifier");

-- CreateIndex
CREATE UNIQUE INDEX "RateLimit_key_key" ON "RateLimit"("key");

-- CreateIndex
CREATE INDEX "Connection_workspaceId_provider_idx" ON "Connection"("workspaceId", "provider");

-- CreateIndex
CREATE INDEX "EventWatermark_connectionId_startAt_idx" ON "EventWatermark"("connectionId", "startAt");

-- CreateIndex
CREATE INDEX "Lead_workspaceId_emailKey_idx" ON "Lead"("workspaceId", "emailKey");

-- CreateIndex
CREATE INDEX "Lead_workspaceId_updatedAt_id_idx" ON "Lead"("workspaceId", "updatedAt", "id");

-- CreateIndex
CREATE INDEX "Lead_workspaceId_meetingState_idx" ON "Lead"("workspaceId", "meetingState");

-- CreateIndex
CREATE INDEX "Lead_assignedToId_idx" ON "Lead"("assignedToId");

-- CreateIndex
CREATE UNIQUE INDEX "Lead_workspaceId_externalId_key" ON "Lead"("workspaceId", "externalId");

-- CreateIndex
CREATE INDEX "LeadAlias_leadId_idx" ON "LeadAlias"("leadId");

-- CreateIndex
CREATE INDEX "LeadContact_leadId_idx" ON "LeadContact"("leadId");

-- CreateIndex
CREATE INDEX "Appointment_leadId_idx" ON "Appointment"("leadId");

-- CreateIndex
CREATE INDEX "Appointment_workspaceId_attendeeKey_idx" ON "Appointment"("workspaceId", "attendeeKey");

-- CreateIndex
CREATE INDEX "Appointment_workspaceId_contactId_idx" ON "Appointment"("workspaceId", "contactId");

-- CreateIndex
CREATE INDEX "Appointment_connectionId_startAt_idx" ON "Appointment"("connectionId", "startAt");

-- CreateIndex
CREATE INDEX "Appointment_workspaceId_provider_rescheduledToId_idx" ON "Appointment"("workspaceId", "provider", "rescheduledToId");

-- CreateIndex
CREATE INDEX "Appointment_workspaceId_provider_rescheduledFromId_idx" ON "Appointment"("workspaceId", "provider", "rescheduledFromId");

-- CreateIndex
CREATE UNIQUE INDEX "Appointment_workspaceId_provider_providerId_key" ON "Appointment"("workspaceId", "provider", "providerId");

-- CreateIndex
CREATE INDEX "AppointmentChange_appointmentId_id_idx" ON "AppointmentChange"("appointmentId", "id");

-- CreateIndex
CREATE INDEX "AppointmentChange_leadId_id_idx" ON "AppointmentChange"("leadId", "id");

-- CreateIndex
CREATE INDEX "WebhookDelivery_workspaceId_receivedAt_idx" ON "WebhookDelivery"("workspaceId", "receivedAt");

-- CreateIndex
CREATE INDEX "WebhookDelivery_connectionId_receivedAt_idx" ON "WebhookDelivery"("connectionId", "receivedAt");

-- CreateIndex
CREATE UNIQUE INDEX "WebhookDelivery_workspaceId_dedupeKey_key" ON "WebhookDelivery"("workspaceId", "dedupeKey");

-- CreateIndex
CREATE INDEX "Message_leadId_at_idx" ON "Message"("leadId", "at");

-- CreateIndex
CREATE UNIQUE INDEX "Message_workspaceId_externalId_key" ON "Message"("workspaceId", "externalId");

-- CreateIndex
CREATE UNIQUE INDEX "FollowUpSequence_workspaceId_name_key" ON "FollowUpSequence"("workspaceId", "name");

-- CreateIndex
CREATE UNIQUE INDEX "FollowUpStep_sequenceId_position_key" ON "FollowUpStep"("sequenceId", "position");

-- CreateIndex
CREATE INDEX "FollowUpInstance_leadId_idx" ON "FollowUpInstance"("leadId");

-- CreateIndex
CREATE INDEX "FollowUpInstance_workspaceId_status_nextStepAt_idx" ON "FollowUpInstance"("workspaceId", "status", "nextStepAt");

-- CreateIndex
CREATE INDEX "Task_leadId_idx" ON "Task"("leadId");

-- CreateIndex
CREATE INDEX "Task_workspaceId_closedAt_idx" ON "Task"("workspaceId", "closedAt");

-- CreateIndex
CREATE UNIQUE INDEX "Task_instanceId_stepId_key" ON "Task"("instanceId", "stepId");

-- CreateIndex
CREATE INDEX "SlotOffer_leadId_idx" ON "SlotOffer"("leadId");

-- CreateIndex
CREATE UNIQUE INDEX "Backfill_number_key" ON "Backfill"("number");

-- CreateIndex
CREATE INDEX "Backfill_state_idx" ON "Backfill"("state");

-- CreateIndex
CREATE INDEX "Backfill_workspaceId_createdAt_idx" ON "Backfill"("workspaceId", "createdAt");

-- CreateIndex
CREATE INDEX "BackfillSlice_backfillId_state_idx" ON "BackfillSlice"("backfillId", "state");

-- CreateIndex
CREATE UNIQUE INDEX "BackfillSlice_backfillId_connectionId_day_key" ON "BackfillSlice"("backfillId", "connectionId", "day");

-- CreateIndex
CREATE INDEX "BackfillError_backfillId_resolvedAt_idx" ON "BackfillError"("backfillId", "resolvedAt");

-- CreateIndex
CREATE UNIQUE INDEX "BulkPlan_workspaceId_idempotencyKey_key" ON "BulkPlan"("workspaceId", "idempotencyKey");

-- CreateIndex
CREATE INDEX "PlanItem_planId_outcome_position_idx" ON "PlanItem"("planId", "outcome", "position");

-- CreateIndex
CREATE UNIQUE INDEX "Receipt_planId_key" ON "Receipt"("planId");

-- CreateIndex
CREATE INDEX "Receipt_workspaceId_at_idx" ON "Receipt"("workspaceId", "at");

-- CreateIndex
CREATE INDEX "SavedView_workspaceId_screen_idx" ON "SavedView"("workspaceId", "screen");

-- CreateIndex
CREATE INDEX "Incident_workspaceId_closedAt_idx" ON "Incident"("workspaceId", "closedAt");

-- CreateIndex
CREATE INDEX "JobRun_job_startedAt_idx" ON "JobRun"("job", "startedAt");

-- CreateIndex
CREATE INDEX "JobRun_connectionId_startedAt_idx" ON "JobRun"("connectionId", "startedAt");

-- CreateIndex
CREATE INDEX "IdempotencyKey_createdAt_idx" ON "IdempotencyKey"("createdAt");

-- CreateIndex
CREATE INDEX "OutboxEvent_txid_id_idx" ON "OutboxEvent"("txid", "id");

-- CreateIndex
CREATE INDEX "OutboxEvent_at_idx" ON "OutboxEvent"("at");

-- CreateIndex
CREATE INDEX "AuditEntry_workspaceId_at_idx" ON "AuditEntry"("workspaceId", "at");

-- CreateIndex
CREATE INDEX "AuditEntry_leadId_id_idx" ON "AuditEntry"("leadId", "id");

-- CreateIndex
CREATE INDEX "AuditEntry_subjectType_subjectId_idx" ON "AuditEntry"("subjectType", "subjectId");

-- CreateIndex
CREATE INDEX "CallAlert_workspaceId_closedAt_idx" ON "CallAlert"("workspaceId", "closedAt");

-- CreateIndex
CREATE INDEX "Notification_userId_doneAt_idx" ON "Notification"("userId", "doneAt");

-- AddForeignKey
ALTER TABLE "Membership" ADD CONSTRAINT "Membership_workspaceId_fkey" FOREIGN KEY ("workspaceId") REFERENCES "Workspace"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "Membership" ADD CONSTRAINT "Membership_userId_fkey" FOREIGN KEY ("userId") REFERENCES "User"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "ApiKey" ADD CONSTRAINT "ApiKey_workspaceId_fkey" FOREIGN KEY ("workspaceId") REFERENCES "Workspace"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "Session" ADD CONSTRAINT "Session_userId_fkey" FOREIGN KEY ("userId") REFERENCES "User"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "Account" ADD CONSTRAINT "Account_userId_fkey" FOREIGN KEY ("userId") REFERENCES "User"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "Connection" ADD CONSTRAINT "Connection_workspaceId_fkey" FOREIGN KEY ("workspaceId") REFERENCES "Workspace"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "ConnectionEventType" ADD CONSTRAINT "ConnectionEventType_connectionId_fkey" FOREIGN KEY ("connectionId") REFERENCES "Connection"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "Coverage" ADD CONSTRAINT "Coverage_connectionId_fkey" FOREIGN KEY ("connectionId") REFERENCES "Connection"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "EventWatermark" ADD CONSTRAINT "EventWatermark_connectionId_fkey" FOREIGN KEY ("connectionId") REFERENCES "Connection"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "Lead" ADD CONSTRAINT "Lead_workspaceId_fkey" FOREIGN KEY ("workspaceId") REFERENCES "Workspace"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "LeadAlias" ADD CONSTRAINT "LeadAlias_leadId_fkey" FOREIGN KEY ("leadId") REFERENCES "Lead"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "LeadContact" ADD CONSTRAINT "LeadContact_leadId_fkey" FOREIGN KEY ("leadId") REFERENCES "Lead"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "Appointment" ADD CONSTRAINT "Appointment_workspaceId_fkey" FOREIGN KEY ("workspaceId") REFERENCES "Workspace"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "Appointment" ADD CONSTRAINT "Appointment_leadId_fkey" FOREIGN KEY ("leadId") REFERENCES "Lead"("id") ON DELETE SET NULL ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "AppointmentChange" ADD CONSTRAINT "AppointmentChange_appointmentId_fkey" FOREIGN KEY ("appointmentId") REFERENCES "Appointment"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "Message" ADD CONSTRAINT "Message_leadId_fkey" FOREIGN KEY ("leadId") REFERENCES "Lead"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "FollowUpSequence" ADD CONSTRAINT "FollowUpSequence_workspaceId_fkey" FOREIGN KEY ("workspaceId") REFERENCES "Workspace"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "FollowUpStep" ADD CONSTRAINT "FollowUpStep_sequenceId_fkey" FOREIGN KEY ("sequenceId") REFERENCES "FollowUpSequence"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "FollowUpInstance" ADD CONSTRAINT "FollowUpInstance_leadId_fkey" FOREIGN KEY ("leadId") REFERENCES "Lead"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "FollowUpInstance" ADD CONSTRAINT "FollowUpInstance_sequenceId_fkey" FOREIGN KEY ("sequenceId") REFERENCES "FollowUpSequence"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "Task" ADD CONSTRAINT "Task_workspaceId_fkey" FOREIGN KEY ("workspaceId") REFERENCES "Workspace"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "Task" ADD CONSTRAINT "Task_leadId_fkey" FOREIGN KEY ("leadId") REFERENCES "Lead"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "Task" ADD CONSTRAINT "Task_ownerId_fkey" FOREIGN KEY ("ownerId") REFERENCES "User"("id") ON DELETE SET NULL ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "TaskMeeting" ADD CONSTRAINT "TaskMeeting_taskId_fkey" FOREIGN KEY ("taskId") REFERENCES "Task"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "BackfillSlice" ADD CONSTRAINT "BackfillSlice_backfillId_fkey" FOREIGN KEY ("backfillId") REFERENCES "Backfill"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "BackfillError" ADD CONSTRAINT "BackfillError_backfillId_fkey" FOREIGN KEY ("backfillId") REFERENCES "Backfill"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "PlanItem" ADD CONSTRAINT "PlanItem_planId_fkey" FOREIGN KEY ("planId") REFERENCES "BulkPlan"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "Receipt" ADD CONSTRAINT "Receipt_planId_fkey" FOREIGN KEY ("planId") REFERENCES "BulkPlan"("id") ON DELETE CASCADE ON UPDATE CASCADE;


-- What the model language cannot say: uniqueness among open rows, and the indexes that the screens and passes use.

-- One connection per workspace and provider, beside those that are off.
CREATE UNIQUE INDEX "Connection_one_active" ON "Connection"("workspaceId", "provider") WHERE state <> 'off';

-- R15: a lead has one open task for lost meetings and one for moved ones.
CREATE UNIQUE INDEX "Task_one_open_lost" ON "Task"("leadId")
    WHERE type IN ('meeting_canceled', 'meeting_no_show') AND status IN ('pending', 'snoozed');
CREATE UNIQUE INDEX "Task_one_open_moved" ON "Task"("leadId")
    WHERE type = 'meeting_rescheduled' AND status IN ('pending', 'snoozed');
CREATE INDEX "Task_open_red" ON "Task"("workspaceId", "dueAt", "id")
    WHERE type IN ('meeting_canceled', 'meeting_no_show', 'meeting_rescheduled') AND status IN ('pending', 'snoozed');
CREATE INDEX "Task_awaiting_evidence" ON "Task"("dueAt") WHERE "awaitsEvidence";

CREATE UNIQUE INDEX "FollowUpInstance_one_open" ON "FollowUpInstance"("leadId", "sequenceId")
    WHERE status IN ('active', 'paused');

CREATE INDEX "Lead_mismatch" ON "Lead"("workspaceId", "mismatchKind", "mismatchSince", "id")
    WHERE "mismatchKind" IS NOT NULL;
CREATE INDEX "Lead_mismatch_cause" ON "Lead"("workspaceId", "mismatchKind", "mismatchCause")
    WHERE "mismatchKind" IS NOT NULL;
CREATE INDEX "Lead_cause_stale" ON "Lead"("workspaceId", "id")
    WHERE "mismatchKind" IS NOT NULL AND "causeKind" IS DISTINCT FROM "mismatchKind";
CREATE INDEX "Lead_claim_unverified" ON "Lead"("workspaceId", "claimAt", "id") WHERE "claimUnverified";
CREATE INDEX "Lead_claim_unchecked" ON "Lead"("workspaceId")
    WHERE "claimAt" IS NOT NULL AND ("claimCheckedAt" IS NULL OR "claimCheckedAt" <= "claimAt");
CREATE INDEX "Lead_decided" ON "Lead"("workspaceId", "decisionAt") WHERE decision IS NOT NULL;
CREATE INDEX "Lead_redecide" ON "Lead"("redecideAt") WHERE "redecideAt" IS NOT NULL;
CREATE INDEX "Lead_name_prefix" ON "Lead"("workspaceId", (lower(coalesce("firstName", '') || ' ' || coalesce("lastName", ''))) text_pattern_ops);
CREATE INDEX "Lead_last_name_prefix" ON "Lead"("workspaceId", lower("lastName") text_pattern_ops);
CREATE INDEX "Lead_email_prefix" ON "Lead"("workspaceId", "emailKey" text_pattern_ops);

CREATE INDEX "Appointment_unmatched" ON "Appointment"("workspaceId", "startAt", "id") WHERE "leadId" IS NULL;
CREATE INDEX "Appointment_mirror" ON "Appointment"("mirrorOfId") WHERE "mirrorOfId" IS NOT NULL;
CREATE INDEX "RememberedContact_emails" ON "RememberedContact" USING GIN ("emails");

CREATE UNIQUE INDEX "Incident_one_open" ON "Incident"("workspaceId", kind, subject) WHERE "closedAt" IS NULL;
CREATE INDEX "WebhookDelivery_unprocessed" ON "WebhookDelivery"("receivedAt") WHERE "processedAt" IS NULL AND result = 'accepted';
