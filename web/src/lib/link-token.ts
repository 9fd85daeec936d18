/** The token of a single-use link: it lives in the fragment, which no server and no proxy sees. */
export function linkToken(hash: string): string | null {
  const token = decodeURIComponent(hash.replace(/^#/, "")).trim();
  return token === "" ? null : token;
}
