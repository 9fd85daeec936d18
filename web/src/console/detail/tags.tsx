import { Plus, X } from "lucide-react";
import { useState } from "react";
import type { CaseRow } from "../../api/case-types";
import { cn } from "../../lib/cn";
import { IconButton } from "../../ui/button";
import { controlClass } from "../../ui/field";
import { Badge } from "../../ui/marks";
import { usePatch } from "../edit/use-patch";

const MOST_CHARACTERS = 64;

/** The labels, each taken off by a click, and the place to write another. */
export function Tags({ row, locked }: { row: CaseRow; locked: boolean }) {
  const patch = usePatch();
  const [draft, setDraft] = useState<string | null>(null);
  const set = (tags: string[]) => void patch(row, { tags });
  const add = () => {
    const tag = draft?.trim();
    if (tag && !row.tags.some((each) => each.toLowerCase() === tag.toLowerCase())) set([...row.tags, tag]);
    setDraft(tag ? "" : null);
  };
  return (
    <span className="flex min-h-7 flex-wrap items-center gap-1">
      {row.tags.map((tag) => (
        <Badge key={tag}>
          {tag}
          {locked ? null : (
            <button
              type="button"
              aria-label={`Take off the tag ${tag}`}
              className="-mr-1 inline-flex size-4.5 items-center justify-center rounded-sm hover:bg-surface hover:text-text"
              onClick={() => set(row.tags.filter((each) => each !== tag))}
            >
              <X size={12} aria-hidden="true" />
            </button>
          )}
        </Badge>
      ))}
      {row.tags.length === 0 && locked ? <span className="text-muted">–</span> : null}
      {locked ? null : draft === null ? (
        <IconButton label="Add a tag" className="size-6" onClick={() => setDraft("")}>
          <Plus size={14} aria-hidden="true" />
        </IconButton>
      ) : (
        <form
          onSubmit={(event) => {
            event.preventDefault();
            add();
          }}
        >
          <input
            aria-label="New tag"
            // biome-ignore lint/a11y/noAutofocus: the person just asked to type here
            autoFocus
            maxLength={MOST_CHARACTERS}
            className={cn(controlClass, "h-6 w-28")}
            value={draft}
            onChange={(event) => setDraft(event.target.value)}
            onBlur={add}
            onKeyDown={(event) => {
              if (event.key !== "Escape") return;
              event.stopPropagation();
              setDraft(null);
            }}
          />
        </form>
      )}
    </span>
  );
}
