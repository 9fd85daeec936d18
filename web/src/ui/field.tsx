import { type InputHTMLAttributes, type ReactNode, useId } from "react";
import { cn } from "../lib/cn";
import { Select } from "./select";

export const controlClass =
  "h-7 w-full min-w-0 rounded-sm border border-control bg-surface px-2.5 text-base text-text aria-invalid:border-danger";

interface Shell {
  label: string;
  hint?: ReactNode;
  error?: string | null;
  className?: string;
}

interface Wiring {
  id: string;
  "aria-invalid": boolean;
  "aria-describedby": string | undefined;
}

/** Label above, control, then the error or the hint below; tied together for assistive technology. */
export function Field({
  label,
  hint,
  error,
  className,
  children,
}: Shell & { children: (wiring: Wiring) => ReactNode }) {
  const id = useId();
  const note = error ?? hint;
  return (
    <div className={cn("flex min-w-0 flex-col gap-1", className)}>
      <label htmlFor={id} className="text-sm font-medium text-text">
        {label}
      </label>
      {children({ id, "aria-invalid": Boolean(error), "aria-describedby": note ? `${id}-note` : undefined })}
      {note ? (
        <div
          id={`${id}-note`}
          role={error ? "alert" : undefined}
          className={cn("text-sm", error ? "text-danger" : "text-muted")}
        >
          {note}
        </div>
      ) : null}
    </div>
  );
}

type InputProps = Omit<InputHTMLAttributes<HTMLInputElement>, "onChange" | "value"> &
  Shell & { value: string; onChange: (value: string) => void };

/** A labelled line of text. */
export function TextField({ label, hint, error, className, value, onChange, ...rest }: InputProps) {
  return (
    <Field label={label} hint={hint} error={error} className={className}>
      {(wiring) => (
        <input
          {...wiring}
          {...rest}
          className={controlClass}
          value={value}
          onChange={(event) => onChange(event.target.value)}
        />
      )}
    </Field>
  );
}

interface ChoiceProps<V extends string> extends Shell {
  value: V;
  options: readonly { value: V; label: string }[];
  onChange: (value: V) => void;
  disabled?: boolean;
}

/** A labelled native select: short lists in forms. */
export function ChoiceField<V extends string>({
  label,
  hint,
  error,
  className,
  value,
  options,
  onChange,
  disabled,
}: ChoiceProps<V>) {
  return (
    <Field label={label} hint={hint} error={error} className={className}>
      {(wiring) => (
        <Select
          {...wiring}
          disabled={disabled}
          className="w-full"
          value={value}
          onChange={(event) => {
            const chosen = options.find((o) => o.value === event.target.value);
            if (chosen) onChange(chosen.value);
          }}
        >
          {options.map((option) => (
            <option key={option.value} value={option.value}>
              {option.label}
            </option>
          ))}
        </Select>
      )}
    </Field>
  );
}

/** A refusal that belongs to the whole form. */
export function FormError({ children }: { children: ReactNode }) {
  return children ? (
    <div role="alert" className="rounded-sm border border-danger bg-danger-soft px-3 py-2 text-base text-text">
      {children}
    </div>
  ) : null;
}
