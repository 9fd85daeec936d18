import { type InputHTMLAttributes, type ReactNode, type Ref, type TextareaHTMLAttributes, useId } from "react";
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

type AreaProps = Omit<TextareaHTMLAttributes<HTMLTextAreaElement>, "onChange" | "value"> &
  Shell & { value: string; onChange: (value: string) => void; code?: boolean | "wrap"; ref?: Ref<HTMLTextAreaElement> };

/** Labelled lines of text; `code` for what is written for machines, whose lines are left as they are or wrapped. */
export function AreaField({ label, hint, error, className, value, onChange, code, ...rest }: AreaProps) {
  return (
    <Field label={label} hint={hint} error={error} className={className}>
      {(wiring) => (
        <textarea
          rows={3}
          spellCheck={!code}
          {...wiring}
          {...rest}
          className={cn(
            controlClass,
            "h-auto min-h-16 flex-1 py-1.5",
            code ? "mono" : "",
            code === true ? "whitespace-pre" : "",
          )}
          value={value}
          onChange={(event) => onChange(event.target.value)}
        />
      )}
    </Field>
  );
}

/** A box to tick, its words beside it. */
export function CheckField({
  label,
  hint,
  checked,
  onChange,
  disabled,
}: {
  label: string;
  hint?: ReactNode;
  checked: boolean;
  onChange: (checked: boolean) => void;
  disabled?: boolean;
}) {
  const id = useId();
  return (
    <div className="flex items-start gap-2">
      <input
        id={id}
        type="checkbox"
        className="mt-0.5 size-4 shrink-0 accent-accent"
        checked={checked}
        disabled={disabled}
        aria-describedby={hint ? `${id}-note` : undefined}
        onChange={(event) => onChange(event.target.checked)}
      />
      <div className="min-w-0">
        <label htmlFor={id} className="text-base">
          {label}
        </label>
        {hint ? (
          <div id={`${id}-note`} className="text-sm text-muted">
            {hint}
          </div>
        ) : null}
      </div>
    </div>
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
