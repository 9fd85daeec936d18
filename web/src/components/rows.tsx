import { type ReactNode, useRef } from "react";
import { Button } from "../ui/button";
import { ScrollBox } from "../ui/scroll-box";
import { Failure, SkeletonRows } from "../ui/states";

interface Props<T> {
  /** What the box holds, such as "Rules". */
  label: string;
  rows: readonly T[] | undefined;
  error: unknown;
  onRetry: () => void;
  /** Shown when there are none. */
  empty: ReactNode;
  children: (rows: readonly T[]) => ReactNode;
  more?: boolean;
  reading?: boolean;
  onMore?: () => void;
  skeleton?: number;
  className?: string;
}

/**
 * A list in its four states: being read, empty, failed, there. What was read stays in sight when reading again fails, and why
 * it failed while it is tried again.
 */
export function Rows<T>(props: Props<T>) {
  const { label, rows, error, onRetry, empty, children, more, reading, onMore, skeleton = 6, className } = props;
  const last = useRef<unknown>(null);
  if (error || rows !== undefined) last.current = error;
  const fault = last.current;
  return (
    <>
      {fault ? (
        <Failure
          error={fault}
          title={`${label}: could not be read`}
          onRetry={onRetry}
          busy={!error}
          className="shrink-0"
        />
      ) : null}
      {rows === undefined && fault ? null : (
        <ScrollBox label={label} className={className}>
          {rows === undefined ? (
            <SkeletonRows rows={skeleton} label={`Reading: ${label}`} />
          ) : rows.length === 0 ? (
            empty
          ) : (
            children(rows)
          )}
          {more ? (
            <div className="flex justify-center px-3 py-3">
              <Button busy={reading ?? false} onClick={onMore}>
                Load more
              </Button>
            </div>
          ) : null}
        </ScrollBox>
      )}
    </>
  );
}
