/** How people are named where there is little room. */
export interface Named {
  email: string;
  name?: string;
}

export function nameOf({ email, name }: Named): string {
  return name || email;
}

/** `Ada Lovelace` → AL, `dan@x.example` → D. */
export function initials(person: Named): string {
  const words = nameOf(person)
    .replace(/@.*$/, "")
    .split(/[\s._-]+/)
    .filter((word) => word !== "");
  const letters = [words[0], words.length > 1 ? words.at(-1) : undefined].map((word) => [...(word ?? "")][0] ?? "");
  return letters.join("").toUpperCase();
}
