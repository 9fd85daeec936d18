import { useNavigate, useSearch } from "@tanstack/react-router";
import { Rows2, Rows3 } from "lucide-react";
import type { Customer } from "../../api/types";
import { CUSTOMER_SORTS, groupsAmong, SORT_WORDS } from "../../lib/customer-order";
import { useHotkeys } from "../../lib/hotkeys";
import { setLook, useLook } from "../../lib/theme";
import { IconButton } from "../../ui/button";
import { Select } from "../../ui/select";

/** Which group's customers, in which order, and how tall the rows are; the last is kept in this browser. */
export function Arrange({ all }: { all: readonly Customer[] }) {
  const { group, sort } = useSearch({ from: "/frame/customers" });
  const navigate = useNavigate({ from: "/customers" });
  const { density } = useLook();
  const groups = groupsAmong(all);
  const go = (change: { group?: string; sort?: (typeof CUSTOMER_SORTS)[number] }) =>
    void navigate({ search: (now) => ({ ...now, ...change }), replace: true });
  useHotkeys({ o: () => go({ sort: CUSTOMER_SORTS[sort ? CUSTOMER_SORTS.indexOf(sort) + 1 : 0] }) });
  return (
    <>
      {groups.length > 0 || group ? (
        <Select
          aria-label="Group"
          className={group ? "w-32 border-accent" : "w-32"}
          value={group ?? ""}
          onChange={(event) => go({ group: event.target.value || undefined })}
        >
          <option value="">Every group</option>
          {group && !groups.some(({ id }) => id === group) ? (
            <option value={group}>A group of nobody here</option>
          ) : null}
          {groups.map(({ id, name }) => (
            <option key={id} value={id}>
              {name}
            </option>
          ))}
        </Select>
      ) : null}
      <Select
        aria-label="Order"
        className="w-44"
        value={sort ?? "name"}
        onChange={(event) => go({ sort: CUSTOMER_SORTS.find((one) => one === event.target.value) })}
      >
        {(["name", ...CUSTOMER_SORTS] as const).map((one) => (
          <option key={one} value={one}>
            {SORT_WORDS[one]}
          </option>
        ))}
      </Select>
      <IconButton
        label={density === "compact" ? "Taller rows" : "Denser rows"}
        onClick={() => setLook({ density: density === "compact" ? "comfortable" : "compact" })}
      >
        {density === "compact" ? <Rows2 size={15} aria-hidden="true" /> : <Rows3 size={15} aria-hidden="true" />}
      </IconButton>
    </>
  );
}
