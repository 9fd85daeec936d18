import { Link, useNavigate, useSearch } from "@tanstack/react-router";
import { VOLUME_RANGE_WORDS, VOLUME_RANGES } from "../../lib/volume";
import { TIERS } from "../../lib/words";
import { Select } from "../../ui/select";
import { PageHead } from "../../ui/states";
import { LinkTabs, linkTabClass } from "../../ui/tabs";
import { Accounting } from "./accounting";
import { DIMENSION_WORDS, VIEWS, type VolumeSearch, type VolumeView } from "./search";
import { StorageView } from "./storage";
import { VolumeChart } from "./volume-view";

const TABS: Record<VolumeView, string> = {
  volume: "Volume",
  accounting: "Accounting by source",
  storage: "Licence, retention, storage",
};

/** How much comes in and of what, what became of it, what is allowed, and what is kept. */
export function VolumePage() {
  const search = useSearch({ from: "/frame/volume" });
  return (
    <div className="flex h-full min-w-[892px] flex-col gap-2.5 p-3">
      <PageHead title="Volume">{search.view === "storage" ? null : <Controls search={search} />}</PageHead>
      <LinkTabs label="Parts of volume">
        {VIEWS.map((view) => (
          <Link
            key={view}
            to="/volume"
            search={{ ...search, view }}
            className={linkTabClass}
            data-status={view === search.view ? "active" : undefined}
            aria-current={view === search.view ? "page" : undefined}
          >
            {TABS[view]}
          </Link>
        ))}
      </LinkTabs>
      {search.view === "storage" ? (
        <StorageView />
      ) : search.view === "accounting" ? (
        <Accounting range={search.range} />
      ) : (
        <VolumeChart search={search} />
      )}
    </div>
  );
}

function Controls({ search }: { search: VolumeSearch }) {
  const navigate = useNavigate({ from: "/volume" });
  const set = (change: Partial<VolumeSearch>) =>
    void navigate({ search: (now) => ({ ...now, ...change }), replace: true });
  return (
    <>
      {search.view === "volume" ? (
        <>
          <Select
            aria-label="Divided by"
            className="w-44"
            value={search.by}
            onChange={(event) => set({ by: event.target.value as VolumeSearch["by"] })}
          >
            {Object.entries(DIMENSION_WORDS).map(([value, word]) => (
              <option key={value} value={value}>
                By {word}
              </option>
            ))}
          </Select>
          <Select
            aria-label="Tier"
            className="w-44"
            value={search.tier}
            onChange={(event) => set({ tier: event.target.value as VolumeSearch["tier"] })}
          >
            <option value="all">All tiers</option>
            {TIERS.map((tier) => (
              <option key={tier} value={tier}>
                Tier {tier}
              </option>
            ))}
            <option value="cse">Fed to detection</option>
          </Select>
        </>
      ) : null}
      <Select
        aria-label="Window"
        className="w-40"
        value={search.range}
        onChange={(event) => set({ range: event.target.value as VolumeSearch["range"] })}
      >
        {VOLUME_RANGES.map((range) => (
          <option key={range} value={range}>
            {VOLUME_RANGE_WORDS[range]}
          </option>
        ))}
      </Select>
    </>
  );
}
