/** The sign of the product: a calendar that carries a proof. */
export function Mark({ className }: { className?: string }) {
  return (
    <svg
      aria-hidden="true"
      viewBox="0 0 30 30"
      fill="none"
      strokeLinecap="round"
      strokeLinejoin="round"
      className={className}
    >
      <rect x="4.5" y="5.5" width="21" height="20" rx="4" className="fill-ink" />
      <path d="M10.5 15.5l3.2 3.2 6-6.4" strokeWidth="2.2" className="stroke-paper" />
      <path d="M10 3.5v4M20 3.5v4" strokeWidth="2.2" className="stroke-ink" />
    </svg>
  );
}
