import type * as T from "../api/types";

/** A custom insight as its form holds it. */
export interface InsightDraft {
  name: string;
  /** Rule ids or names of signals, one a line. */
  rules: string;
  exact: boolean;
  enabled: boolean;
  /** The priority, or what holds when no step is reached. */
  priority: T.Priority;
  steps: { severity: string; priority: T.Priority }[];
}

export const BLANK_INSIGHT: InsightDraft = {
  name: "",
  rules: "",
  exact: false,
  enabled: true,
  priority: "HIGH",
  steps: [],
};

export function draftOfInsight(insight: T.CustomInsight): InsightDraft {
  const { name, enabled, when } = insight;
  const base = { name, enabled, rules: when.rules.join("\n"), exact: when.order === "exact" };
  return "constant" in when.priority
    ? { ...base, priority: when.priority.constant, steps: [] }
    : {
        ...base,
        priority: when.priority.dynamic.default,
        steps: when.priority.dynamic.thresholds.map((s) => ({ severity: String(s.severity), priority: s.priority })),
      };
}

export function newInsight(draft: InsightDraft): T.NewCustomInsight {
  const steps = draft.steps.map(({ severity, priority }) => ({ severity: Number(severity), priority }));
  return {
    name: draft.name.trim(),
    enabled: draft.enabled,
    when: {
      rules: draft.rules
        .split("\n")
        .map((line) => line.trim())
        .filter((line) => line !== ""),
      order: draft.exact ? "exact" : "any",
      priority:
        steps.length === 0 ? { constant: draft.priority } : { dynamic: { default: draft.priority, thresholds: steps } },
    },
  };
}
