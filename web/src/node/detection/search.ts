import type { RuleState } from "../../api/types";
import { oneOf, text } from "../../lib/search";
import { LEVELS, RULE_STATES } from "../../lib/words";

/** Which rules are shown, and the one that is opened. Words stand in the fragment. */
export interface RuleSearch {
  state?: RuleState;
  level?: string;
  product?: string;
  rule?: string;
}

export function parseRules(raw: Record<string, unknown>): RuleSearch {
  return {
    state: oneOf(raw.state, RULE_STATES),
    level: oneOf(raw.level, LEVELS),
    product: text(raw.product),
    rule: text(raw.rule),
  };
}

/** Which signals. */
export interface SignalSearch {
  rule?: string;
  suppressed?: "true" | "false";
  prototype?: "true" | "false";
}

export function parseSignals(raw: Record<string, unknown>): SignalSearch {
  return {
    rule: text(raw.rule),
    suppressed: oneOf(raw.suppressed, ["true", "false"] as const),
    prototype: oneOf(raw.prototype, ["true", "false"] as const),
  };
}
