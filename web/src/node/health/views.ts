/** The parts of the health page, as its address names them. */
export const HEALTH_VIEWS = ["open", "resolved", "changes"] as const;
export type HealthView = (typeof HEALTH_VIEWS)[number];
