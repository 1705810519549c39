import { Link } from "@tanstack/react-router";
import { ArrowUpRight } from "lucide-react";
import { OutcomeButton } from "#client/components/ui/button.tsx";
import { type Action, useActions } from "#client/lib/actions.ts";
import { type Choice, type ChosenLead, describeReasons } from "./words.ts";

const GROUP = "Unmatched";

/** Leads as numbered choices, each with its reasons; one key links. */
export function SuggestedLeads({
  suggestions,
  workspace,
  onChoose,
}: {
  suggestions: readonly Choice[];
  workspace: string;
  onChoose: (lead: ChosenLead) => void;
}) {
  const actions = useActions(
    suggestions.map(
      (suggestion, index): Action => ({
        id: `link.${index + 1}`,
        label: suggestion.name,
        effect: describeReasons(suggestion.reasons, suggestion.isSought),
        keys: [String(index + 1)],
        scope: "panel",
        group: GROUP,
        synonyms: ["link", "booking"],
        run: () => onChoose(suggestion),
      }),
    ),
  );
  return (
    <ul aria-label="Suggested leads" className="grid gap-1.5">
      {suggestions.map((suggestion, index) => {
        const action = actions[index];
        return (
          action && (
            <li key={suggestion.leadId} className="grid gap-1">
              <span className="grid grid-cols-[1fr_auto] items-center gap-1">
                <OutcomeButton action={action} />
                <OpenLead lead={suggestion} workspace={workspace} />
              </span>
              <span className="truncate pl-2.5 text-xs text-ink-3">
                {[suggestion.company, suggestion.email].filter(Boolean).join(" · ")}
              </span>
            </li>
          )
        );
      })}
    </ul>
  );
}

type FoundLead = { id: string; name: string; email: string; company: string | null };

/** What a search found, when none of the suggestions fits. */
export function FoundLeads({
  leads,
  workspace,
  onChoose,
}: {
  leads: readonly FoundLead[];
  workspace: string;
  onChoose: (lead: ChosenLead) => void;
}) {
  return (
    <ul aria-label="Leads found" className="grid gap-1.5">
      {leads.map(({ id, name, email, company }) => (
        <li key={id} className="grid grid-cols-[1fr_auto] items-center gap-1">
          <button
            type="button"
            onClick={() => onChoose({ leadId: id, name })}
            className="grid min-h-11 min-w-0 content-center rounded-md border border-rule-strong bg-sheet px-2.5 py-1 text-left transition-colors hover:bg-hover"
          >
            <b className="truncate">{name}</b>
            <small className="truncate text-2xs text-ink-3">
              {[company, email].filter(Boolean).join(" · ")}
            </small>
          </button>
          <OpenLead lead={{ leadId: id, name }} workspace={workspace} />
        </li>
      ))}
    </ul>
  );
}

function OpenLead({ lead, workspace }: { lead: ChosenLead; workspace: string }) {
  return (
    <Link
      to="/w/$workspace/leads/$leadId"
      params={{ workspace, leadId: lead.leadId }}
      aria-label={`Open ${lead.name}`}
      title={`Open ${lead.name}`}
      className="grid size-8 place-items-center rounded-md text-ink-3 hover:bg-hover hover:text-ink"
    >
      <ArrowUpRight aria-hidden="true" className="size-4" />
    </Link>
  );
}
