import type { ReactNode } from "react";
import type { RuleDetail } from "../../api/types";
import { attackTag } from "../../lib/words";
import { CopyButton } from "../../ui/copy";
import { Badge } from "../../ui/marks";

/** What a rule says of itself, and its text. */
export function RuleText({ id, info }: { id: string; info: RuleDetail["info"] }) {
  return (
    <div className="flex flex-col gap-4">
      {info.description ? <p className="break-words whitespace-pre-wrap">{info.description}</p> : null}
      {info.tags.length > 0 ? (
        <div className="flex flex-wrap gap-1.5">
          {info.tags.map((tag) => (
            <Badge key={tag} title={tag}>
              {attackTag(tag)}
            </Badge>
          ))}
        </div>
      ) : null}
      {info.false_positives.length > 0 ? (
        <Part title="Known false positives">
          <ul className="list-disc pl-5">
            {info.false_positives.map((each) => (
              <li key={each}>{each}</li>
            ))}
          </ul>
        </Part>
      ) : null}
      {info.references.length > 0 ? (
        <Part title="References">
          <ul>
            {info.references.map((each) => (
              <li key={each} className="break-all">
                {/^https?:\/\//.test(each) ? (
                  <a
                    href={each}
                    target="_blank"
                    rel="noreferrer noopener"
                    className="text-accent underline underline-offset-2"
                  >
                    {each}
                  </a>
                ) : (
                  each
                )}
              </li>
            ))}
          </ul>
        </Part>
      ) : null}
      <Part title={`Text${info.author ? `, by ${info.author}` : ""}`}>
        <div className="relative">
          <section
            aria-label="Text of the rule"
            // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard (WCAG 2.1.1)
            tabIndex={0}
            className="max-h-96 overflow-auto rounded-sm border border-line bg-bg p-2 pr-10"
          >
            <pre className="mono">{info.source}</pre>
          </section>
          <div className="absolute top-1 right-3">
            <CopyButton text={info.source} compact label="Copy the rule" />
          </div>
        </div>
        <p className="mt-1 text-sm text-muted">
          Its id: <span className="mono">{id}</span>
        </p>
      </Part>
    </div>
  );
}

function Part({ title, children }: { title: string; children: ReactNode }) {
  return (
    <div>
      <h3 className="mb-1 text-sm font-medium text-muted">{title}</h3>
      {children}
    </div>
  );
}
