-- A page of mismatches and its total are read from the index alone, whatever the filter: what filters ask for is in it.
-- Only rows that are mismatches are, so that it stays small.
DROP INDEX "Lead_mismatch";
DROP INDEX "Lead_mismatch_cause";
CREATE INDEX "Lead_mismatch" ON "Lead"("workspaceId", "mismatchKind", "mismatchSince", "id")
    INCLUDE (decision, "decisionUntil", "mismatchCause", status, "assignedToId", "lookedUpAt")
    WHERE "mismatchKind" IS NOT NULL;
CREATE INDEX "Lead_mismatch_name" ON "Lead"(
        "workspaceId", "mismatchKind", (lower(coalesce("firstName", '') || ' ' || coalesce("lastName", ''))), "id")
    WHERE "mismatchKind" IS NOT NULL;

DROP INDEX "Lead_claim_unverified";
CREATE INDEX "Lead_claim_unverified" ON "Lead"("workspaceId", "claimAt", "id")
    INCLUDE (decision, "decisionUntil", "mismatchCause", status, "assignedToId", "lookedUpAt")
    WHERE "claimUnverified";

-- Each item of a plan is written once and marked twice, when it is applied and when it is taken back: with room on its
-- page neither mark touches an index.
ALTER TABLE "PlanItem" SET (fillfactor = 50);

-- An appointment is marked with what it counts as right after it is written, and changes seldom touch a column that an
-- index holds: with room on its page they cost no index anything.
ALTER TABLE "Appointment" SET (fillfactor = 50);
