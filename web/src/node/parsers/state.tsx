import type { Parser, ParserState } from "../../api/pending";
import { Badge } from "../../ui/marks";

const STATES: Record<ParserState, { tone: "ok" | "neutral" | "accent" | "bad"; word: string }> = {
  draft: { tone: "accent", word: "Draft" },
  enabled: { tone: "ok", word: "Enabled" },
  disabled: { tone: "neutral", word: "Off" },
  set_aside: { tone: "bad", word: "Set aside" },
};

export function ParserStateMark({ parser }: { parser: Pick<Parser, "state" | "why"> }) {
  const { tone, word } = STATES[parser.state];
  return (
    <Badge tone={tone} title={parser.why ?? undefined}>
      {word}
    </Badge>
  );
}
