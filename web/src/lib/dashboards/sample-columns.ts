/** Under which name the numbers of a unit come. */
import type { Unit } from "../../api/dashboard-types";

export const columnOfUnit = (unit: Unit): string => (unit === "gb_per_day" ? "gb" : unit);
