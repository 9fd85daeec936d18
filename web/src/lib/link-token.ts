/** The token of a single-use link: it lives in the fragment, which no server and no proxy sees. */
export function linkToken(hash: string): string | null {
  const text = hash.replace(/^#/, "").trim();
  if (text === "") return null;
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
