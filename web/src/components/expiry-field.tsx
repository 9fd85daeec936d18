import { zoneName } from "../lib/format";
import { fromLocalInput, toLocalInput } from "../lib/time-range";
import { TextField } from "../ui/field";

interface Props {
  value: string | undefined;
  onChange: (time: string | undefined) => void;
  error?: string | null;
  className?: string;
}

/** When something ends by itself; empty is never. */
export function ExpiryField({ value, onChange, error, className }: Props) {
  return (
    <TextField
      label="Ends"
      type="datetime-local"
      className={className}
      min={toLocalInput(new Date().toISOString()).slice(0, 16)}
      value={toLocalInput(value).slice(0, 16)}
      onChange={(text) => onChange(fromLocalInput(text))}
      hint={`Empty: it never ends. In ${zoneName()}`}
      error={error}
    />
  );
}
