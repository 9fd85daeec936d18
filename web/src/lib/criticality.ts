/** How the severity of an entity's signals is changed: `severity+3`, in two parts for a form. */
export const OPERATORS = ["", "+", "-", "*", "/"] as const;
export type Operator = (typeof OPERATORS)[number];

export interface Criticality {
  operator: Operator;
  number: string;
}

export function readCriticality(text: string | null | undefined): Criticality {
  const found = /^severity\s*([-+*/])\s*([\d.]+)$/.exec(text ?? "");
  return found ? { operator: found[1] as Operator, number: found[2] ?? "" } : { operator: "", number: "" };
}

/** As the API wants it; null when nothing is changed. */
export function writeCriticality({ operator, number }: Criticality): string | null {
  return operator === "" || number.trim() === "" ? null : `severity${operator}${number.trim()}`;
}

const WORDS: Record<Exclude<Operator, "">, string> = { "+": "plus", "-": "minus", "*": "times", "/": "divided by" };

/** `weight plus 3`. */
export function criticalityWords(text: string | null | undefined): string {
  const { operator, number } = readCriticality(text);
  return operator === "" ? "As it is" : `Weight ${WORDS[operator]} ${number}`;
}
