/** Names beside their colours. */
export function Legend({ names, fills }: { names: readonly string[]; fills: readonly string[] }) {
  return (
    <ul className="flex flex-wrap gap-x-4 gap-y-1 text-sm text-muted" aria-label="Colours">
      {names.map((name, index) => (
        <li key={name} className="flex min-w-0 items-center gap-1.5">
          <svg viewBox="0 0 8 8" className="size-2.5 shrink-0" aria-hidden="true">
            <rect width="8" height="8" rx="1" className={fills[index]} />
          </svg>
          <span className="max-w-60 truncate" title={name}>
            {name}
          </span>
        </li>
      ))}
    </ul>
  );
}
