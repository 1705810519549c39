-- CreateTable
CREATE TABLE "EffectTotal" (
    "workspaceId" UUID NOT NULL,
    "effect" TEXT NOT NULL,
    "source" "Source" NOT NULL,
    "total" BIGINT NOT NULL,

    CONSTRAINT "EffectTotal_pkey" PRIMARY KEY ("workspaceId","effect","source")
);

-- CreateTable
CREATE TABLE "CallTotal" (
    "provider" "Provider" NOT NULL,
    "endpoint" TEXT NOT NULL,
    "outcome" TEXT NOT NULL,
    "calls" BIGINT NOT NULL,
    "ms" BIGINT NOT NULL,

    CONSTRAINT "CallTotal_pkey" PRIMARY KEY ("provider","endpoint","outcome")
);

-- R21, kind 5. Meetings that may be flagged are found by their lead's state: only workspaces that ask for it pay for it.
CREATE INDEX "Lead_attendance_unrecorded" ON "Lead"("workspaceId", "meetingEndAt", "id") WHERE "attendanceUnrecorded";

-- R26, R28: what runs and may have to stop.
CREATE INDEX "FollowUpInstance_open" ON "FollowUpInstance"("workspaceId", "leadId") WHERE status IN ('active', 'paused');
