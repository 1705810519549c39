-- Whom a booking may be of is found like everything that is searched: beside the lead, where evidence costs it nothing.
-- The domain of the address and the company in one word find colleagues, and a name has one space between its words.
-- Whoever searches or writes leads meanwhile waits, and finds all of them afterwards.
BEGIN;

DROP INDEX "LeadSearch_name";
DROP INDEX "LeadSearch_last_name";
DROP INDEX "LeadSearch_company";
DROP INDEX "LeadSearch_phone_end";

ALTER TABLE "LeadSearch" ADD COLUMN "domain" TEXT, ADD COLUMN "companyWord" TEXT;

-- \073 is a semicolon: whoever applies this file splits it at each one, also inside of quotes.
CREATE FUNCTION lead_search(first_name text, last_name text, company text, phone text, email text)
RETURNS TABLE ("nameKey" text, "lastNameKey" text, "companyKey" text, "phoneEnd" text, "domainKey" text, "companyWord" text)
LANGUAGE sql IMMUTABLE AS $$
    SELECT nullif(lower(trim(regexp_replace(coalesce($1, '') || ' ' || coalesce($2, ''), '\s+', ' ', 'g'))), ''),
           lower($2), lower($3), nullif(reverse(regexp_replace($4, '\D', '', 'g')), ''),
           nullif(split_part(lower($5), '@', 2), ''), nullif(regexp_replace(lower($3), '[^[:alnum:]]', '', 'g'), '')
$$;

CREATE OR REPLACE FUNCTION add_lead_search() RETURNS trigger LANGUAGE plpgsql AS E'
BEGIN
    INSERT INTO "LeadSearch" ("leadId", "workspaceId", "name", "lastName", company, "phoneEnd", "domain", "companyWord")
    SELECT l.id, l."workspaceId", s.*
    FROM added l CROSS JOIN LATERAL lead_search(l."firstName", l."lastName", l.company, l.phone, l.email) s\073
    RETURN NULL\073
END';

CREATE OR REPLACE FUNCTION change_lead_search() RETURNS trigger LANGUAGE plpgsql AS E'
BEGIN
    UPDATE "LeadSearch" l
    SET "name" = s."nameKey", "lastName" = s."lastNameKey", "company" = s."companyKey", "phoneEnd" = s."phoneEnd",
        "domain" = s."domainKey", "companyWord" = s."companyWord"
    FROM lead_search(NEW."firstName", NEW."lastName", NEW.company, NEW.phone, NEW.email) s
    WHERE l."leadId" = NEW.id\073
    RETURN NULL\073
END';
DROP TRIGGER "Lead_change_search" ON "Lead";
-- Statements that name none of these columns do not even ask.
CREATE TRIGGER "Lead_change_search" AFTER UPDATE OF "firstName", "lastName", company, phone, email ON "Lead"
    FOR EACH ROW
    WHEN ((OLD."firstName", OLD."lastName", OLD.company, OLD.phone, OLD.email)
          IS DISTINCT FROM (NEW."firstName", NEW."lastName", NEW.company, NEW.phone, NEW.email))
    EXECUTE FUNCTION change_lead_search();
DROP FUNCTION lead_search(text, text, text, text);

-- Written anew instead of updated: half as large, and its indexes are made once.
TRUNCATE "LeadSearch";
INSERT INTO "LeadSearch" ("leadId", "workspaceId", "name", "lastName", company, "phoneEnd", "domain", "companyWord")
SELECT l.id, l."workspaceId", s.*
FROM "Lead" l CROSS JOIN LATERAL lead_search(l."firstName", l."lastName", l.company, l.phone, l.email) s;

CREATE INDEX "LeadSearch_name" ON "LeadSearch"("workspaceId", "name" text_pattern_ops) INCLUDE ("leadId")
    WHERE "name" IS NOT NULL;
CREATE INDEX "LeadSearch_last_name" ON "LeadSearch"("workspaceId", "lastName" text_pattern_ops) INCLUDE ("leadId")
    WHERE "lastName" IS NOT NULL;
CREATE INDEX "LeadSearch_company" ON "LeadSearch"("workspaceId", "company" text_pattern_ops) INCLUDE ("leadId")
    WHERE "company" IS NOT NULL;
CREATE INDEX "LeadSearch_phone_end" ON "LeadSearch"("workspaceId", "phoneEnd" text_pattern_ops) INCLUDE ("leadId")
    WHERE "phoneEnd" IS NOT NULL;
CREATE INDEX "LeadSearch_domain" ON "LeadSearch"("workspaceId", "domain", "leadId");
CREATE INDEX "LeadSearch_company_word" ON "LeadSearch"("workspaceId", "companyWord", "leadId")
    WHERE "companyWord" IS NOT NULL;

COMMIT;
