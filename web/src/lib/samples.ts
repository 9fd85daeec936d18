/** Sample events as someone pastes them: one JSON document, or one event a line. */
export function sampleEvents(text: string): unknown[] {
  const whole = json(text.trim());
  if (Array.isArray(whole)) return whole;
  if (typeof whole === "object" && whole !== null) return [whole];
  return sampleLines(text).map((line) => {
    const parsed = json(line);
    return typeof parsed === "object" && parsed !== null && !Array.isArray(parsed) ? parsed : line;
  });
}

/** Lines that hold something, as they are. */
export function sampleLines(text: string): string[] {
  return text.split(/\r?\n/).filter((line) => line.trim() !== "");
}

function json(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
