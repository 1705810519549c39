import { Button } from "#client/components/ui/button.tsx";

/** For whom a booking is looked for, and among which. */
export function SoughtBar({
  name,
  isOfAll,
  onAll,
  onStop,
}: {
  name: string;
  isOfAll: boolean;
  onAll: (all: boolean) => void;
  onStop: () => void;
}) {
  return (
    <>
      <p className="min-w-0 truncate text-ink">
        {isOfAll ? `A booking for ${name}, among all` : `Bookings that look like ${name}’s`}
      </p>
      <span className="flex gap-1.5">
        <Button size="sm" onClick={() => onAll(!isOfAll)}>
          {isOfAll ? "Only those that look alike" : "Show all bookings"}
        </Button>
        <Button size="sm" variant="quiet" onClick={onStop}>
          Stop looking
        </Button>
      </span>
    </>
  );
}
