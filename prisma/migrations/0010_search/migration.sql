-- What is typed into the search of mismatches is looked for in the index alone, like every other filter. Names and
-- company have at most 200 letters each, so that the row fits even where each letter takes three bytes.
DROP INDEX "Lead_mismatch";
CREATE INDEX "Lead_mismatch" ON "Lead"("workspaceId", "mismatchKind", "mismatchSince", "id")
    INCLUDE (decision, "decisionUntil", "mismatchCause", status, "assignedToId", "lookedUpAt",
             "firstName", "lastName", "emailKey", company)
    WHERE "mismatchKind" IS NOT NULL;

DROP INDEX "Lead_mismatch_name";
CREATE INDEX "Lead_mismatch_name" ON "Lead"(
        "workspaceId", "mismatchKind", (lower(coalesce("firstName", '') || ' ' || coalesce("lastName", ''))), "id")
    INCLUDE (decision, "decisionUntil", "mismatchCause", status, "assignedToId", "mismatchSince",
             "firstName", "lastName", "emailKey", company)
    WHERE "mismatchKind" IS NOT NULL;

DROP INDEX "Lead_claim_unverified";
CREATE INDEX "Lead_claim_unverified" ON "Lead"("workspaceId", "claimAt", "id")
    INCLUDE (decision, "decisionUntil", "mismatchCause", status, "assignedToId", "lookedUpAt",
             "firstName", "lastName", "emailKey", company)
    WHERE "claimUnverified";

-- What leads are found by lies beside them: most writes to a lead are about evidence, and cost its search nothing.
DROP INDEX "Lead_name_prefix";
DROP INDEX "Lead_last_name_prefix";

CREATE TABLE "LeadSearch" (
    "leadId" UUID NOT NULL,
    "workspaceId" UUID NOT NULL,
    "name" TEXT,
    "lastName" TEXT,
    "company" TEXT,
    "phoneEnd" TEXT,

    CONSTRAINT "LeadSearch_pkey" PRIMARY KEY ("leadId")
);

-- Small letters, and the digits of the phone number from its end, however it is written.
CREATE FUNCTION lead_search(first_name text, last_name text, company text, phone text)
RETURNS TABLE ("nameKey" text, "lastNameKey" text, "companyKey" text, "phoneEnd" text)
LANGUAGE sql IMMUTABLE AS $$
    SELECT nullif(lower(trim(coalesce($1, '') || ' ' || coalesce($2, ''))), ''), lower($2), lower($3),
           nullif(reverse(regexp_replace($4, '\D', '', 'g')), '')
$$;

INSERT INTO "LeadSearch"
SELECT l.id, l."workspaceId", s.*
FROM "Lead" l CROSS JOIN LATERAL lead_search(l."firstName", l."lastName", l.company, l.phone) s;

ALTER TABLE "LeadSearch" ADD CONSTRAINT "LeadSearch_leadId_fkey"
    FOREIGN KEY ("leadId") REFERENCES "Lead"("id") ON DELETE CASCADE ON UPDATE CASCADE;
CREATE INDEX "LeadSearch_name" ON "LeadSearch"("workspaceId", "name" text_pattern_ops) INCLUDE ("leadId")
    WHERE "name" IS NOT NULL;
CREATE INDEX "LeadSearch_last_name" ON "LeadSearch"("workspaceId", "lastName" text_pattern_ops) INCLUDE ("leadId")
    WHERE "lastName" IS NOT NULL;
CREATE INDEX "LeadSearch_company" ON "LeadSearch"("workspaceId", "company" text_pattern_ops) INCLUDE ("leadId")
    WHERE "company" IS NOT NULL;
CREATE INDEX "LeadSearch_phone_end" ON "LeadSearch"("workspaceId", "phoneEnd" text_pattern_ops) INCLUDE ("leadId")
    WHERE "phoneEnd" IS NOT NULL;

-- \073 is a semicolon: whoever applies this file splits it at each one, also inside of quotes.
CREATE FUNCTION add_lead_search() RETURNS trigger LANGUAGE plpgsql AS E'
BEGIN
    INSERT INTO "LeadSearch"
    SELECT l.id, l."workspaceId", s.*
    FROM added l CROSS JOIN LATERAL lead_search(l."firstName", l."lastName", l.company, l.phone) s\073
    RETURN NULL\073
END';
CREATE TRIGGER "Lead_add_search" AFTER INSERT ON "Lead"
    REFERENCING NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION add_lead_search();

CREATE FUNCTION change_lead_search() RETURNS trigger LANGUAGE plpgsql AS E'
BEGIN
    UPDATE "LeadSearch" l
    SET "name" = s."nameKey", "lastName" = s."lastNameKey", "company" = s."companyKey", "phoneEnd" = s."phoneEnd"
    FROM lead_search(NEW."firstName", NEW."lastName", NEW.company, NEW.phone) s WHERE l."leadId" = NEW.id\073
    RETURN NULL\073
END';
-- Statements that name none of these columns do not even ask.
CREATE TRIGGER "Lead_change_search" AFTER UPDATE OF "firstName", "lastName", company, phone ON "Lead"
    FOR EACH ROW
    WHEN ((OLD."firstName", OLD."lastName", OLD.company, OLD.phone)
          IS DISTINCT FROM (NEW."firstName", NEW."lastName", NEW.company, NEW.phone))
    EXECUTE FUNCTION change_lead_search();

-- Lists of leads are in the order of their last change, whatever they are narrowed by.
DROP INDEX "Lead_workspaceId_meetingState_idx";
CREATE INDEX "Lead_workspaceId_meetingState_updatedAt_id_idx" ON "Lead"("workspaceId", "meetingState", "updatedAt", "id");
CREATE INDEX "Lead_workspaceId_status_updatedAt_id_idx" ON "Lead"("workspaceId", "status", "updatedAt", "id");

-- Tasks are listed for programs in the order in which they were made.
CREATE INDEX "Task_workspaceId_createdAt_id_idx" ON "Task"("workspaceId", "createdAt", "id");

-- Whether a lead has a booking at a provider is in the index.
DROP INDEX "Appointment_leadId_idx";
CREATE INDEX "Appointment_leadId_provider_idx" ON "Appointment"("leadId", "provider");
