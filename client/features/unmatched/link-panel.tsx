import { Link } from "@tanstack/react-router";
import type { ReactNode } from "react";
import { FilterBox } from "#client/components/layout/filter-box.tsx";
import { Panel } from "#client/components/layout/panel.tsx";
import { Section } from "#client/components/ui/facts.tsx";
import { SkeletonText } from "#client/components/ui/skeleton-rows.tsx";
import { formatPhone } from "#client/lib/phone-text.ts";
import { BookingFacts } from "./booking-facts.tsx";
import { FoundLeads, SuggestedLeads } from "./lead-choices.tsx";
import {
  type Choice,
  type ChosenLead,
  countOf,
  describeMemory,
  nameOf,
  type UnmatchedDetail,
} from "./words.ts";

export type LeadSearch = {
  query: string;
  onChange: (query: string) => void;
  hits: readonly { id: string; name: string; email: string; company: string | null }[];
  state: "idle" | "searching" | "failed";
};

type LinkPanelProps = {
  booking: UnmatchedDetail | null;
  /** As the row has it, while the rest is on its way. */
  name: string | undefined;
  /** Shown in place of the booking. */
  error: ReactNode;
  /** Undefined while they are looked for. */
  suggestions: readonly Choice[] | undefined;
  suggestionsError: ReactNode;
  workspace: string;
  workspaceZone: string;
  mayLink: boolean;
  search: LeadSearch;
  onLink: (booking: UnmatchedDetail, lead: ChosenLead) => void;
  onClose: () => void;
};

/** What the provider says of one booking, and whose it may be: one key links it. */
export function LinkPanel({ booking, name, error, onClose, ...rest }: LinkPanelProps) {
  const contact = booking && [
    booking.attendeeName ? booking.attendeeEmail : null,
    booking.attendeePhone && formatPhone(booking.attendeePhone),
  ];
  return (
    <Panel
      title={booking ? nameOf(booking) : (name ?? "Booking")}
      subtitle={contact?.filter(Boolean).join(" · ")}
      group="Unmatched"
      onClose={onClose}
      footer={
        booking &&
        booking.lead === null &&
        rest.mayLink && <p className="text-xs text-ink-2 wrap-anywhere">{describeMemory(booking)}</p>
      }
    >
      {error ||
        (booking ? (
          <>
            <Section title="The provider says">
              <BookingFacts booking={booking} workspaceZone={rest.workspaceZone} />
            </Section>
            {booking.lead ? (
              <Section title="Whose it is">
                <p>
                  Linked to{" "}
                  <LeadLink workspace={rest.workspace} leadId={booking.lead.id} name={booking.lead.name} />{" "}
                  meanwhile.
                </p>
              </Section>
            ) : (
              <Choices booking={booking} {...rest} />
            )}
          </>
        ) : (
          <div className="pt-5">
            <SkeletonText lines={10} />
          </div>
        ))}
    </Panel>
  );
}

function Choices({
  booking,
  suggestions,
  suggestionsError,
  workspace,
  mayLink,
  search,
  onLink,
}: Omit<LinkPanelProps, "booking" | "name" | "error" | "onClose"> & { booking: UnmatchedDetail }) {
  const { query, hits, state } = search;
  const choose = (lead: ChosenLead) => onLink(booking, lead);
  return (
    <>
      {booking.ambiguous && (
        <p className="mt-4 rounded-md bg-doubt-soft px-3 py-2 text-doubt">
          {countOf(booking.holders.length, "lead")} share this address. Until somebody says whose booking it
          is, no sequence writes to any of them.
        </p>
      )}
      <Section title="Whose is it?">
        {suggestionsError ||
          (suggestions ? (
            suggestions.length > 0 ? (
              <SuggestedLeads
                suggestions={mayLink ? suggestions : []}
                workspace={workspace}
                onChoose={choose}
              />
            ) : (
              <p className="text-ink-2">
                No lead has this address, phone number, name or company. Search for the lead, or leave it: a
                lead that comes in later under this address gets it by itself.
              </p>
            )
          ) : (
            <SkeletonText lines={4} />
          ))}
      </Section>
      {mayLink && (
        <Section title={suggestions?.length === 0 ? "Another lead" : "Somebody else?"}>
          <div className="grid gap-2">
            <FilterBox
              label="Find the lead"
              placeholder="Name, e-mail, company or phone"
              value={query}
              onChange={search.onChange}
            />
            <FoundLeads leads={hits} workspace={workspace} onChoose={choose} />
            <p role="status" className="text-xs text-ink-3 empty:hidden">
              {state === "failed" && "Leads could not be searched. Type again to retry."}
              {state === "idle" &&
                query.trim().length >= 2 &&
                hits.length === 0 &&
                `No lead is called “${query}”.`}
            </p>
          </div>
        </Section>
      )}
    </>
  );
}

function LeadLink({ workspace, leadId, name }: { workspace: string; leadId: string; name: string }) {
  return (
    <Link
      to="/w/$workspace/leads/$leadId"
      params={{ workspace, leadId }}
      className="inline-flex min-h-6 items-center text-accent hover:underline"
    >
      {name}
    </Link>
  );
}
