import { useQuery } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { CopyPlus, Pencil, Trash2 } from "lucide-react";
import { useState } from "react";
import type { Dashboard } from "../../api/dashboard-types";
import * as api from "../../api/dashboards";
import { Confirm, type Question } from "../../components/confirm";
import { copyOf } from "../../lib/dashboards/draft";
import { type DashboardState, shortTitle } from "../../lib/dashboards/state";
import { Button } from "../../ui/button";
import { useMe } from "../me";
import { DashboardEditor } from "./editor";

/** Whether this person may save dashboards: administrators, and those who are told so. */
export function useMaySave(): boolean {
  const me = useMe() as ReturnType<typeof useMe> & { may_save_dashboards?: boolean };
  return me.role === "administrator" || me.may_save_dashboards === true;
}

/** What those who may save can do with a dashboard. */
export function OwnActions({ dashboard, state }: { dashboard: Dashboard; state: DashboardState }) {
  const may = useMaySave();
  const me = useMe();
  const mine = me.role === "administrator" || dashboard.saved?.email === me.email;
  const list = useQuery({ queryKey: ["dashboards"], queryFn: api.dashboards, enabled: may, staleTime: 30_000 });
  const [draft, setDraft] = useState<{ start: Dashboard; fresh: boolean } | null>(null);
  const [question, setQuestion] = useState<Question | null>(null);
  const navigate = useNavigate();
  const remove: Question = {
    title: `Delete “${dashboard.title}”?`,
    meaning: "It goes for everybody who uses it. No numbers are lost: they stay at the nodes.",
    action: "Delete",
    danger: true,
    done: `“${dashboard.title}” is deleted`,
    run: async () => {
      await api.removeDashboard(dashboard.name);
      await navigate({ to: "/dashboards" });
    },
    refresh: ["dashboards"],
  };
  if (!may) return null;
  const copy = () => {
    const taken = list.data?.data.map(({ name }) => name) ?? [dashboard.name];
    // What is looked at now becomes what the copy begins with.
    const asSeen = {
      ...dashboard,
      range: state.range ?? dashboard.range,
      timeslice: state.timeslice ?? dashboard.timeslice,
    };
    setDraft({ start: copyOf(asSeen, `${shortTitle(dashboard.title)}, own`, taken), fresh: true });
  };
  return (
    <>
      <Button icon={<CopyPlus size={14} aria-hidden="true" />} onClick={copy}>
        Save as…
      </Button>
      {dashboard.saved && mine ? (
        <>
          <Button
            icon={<Pencil size={14} aria-hidden="true" />}
            onClick={() => setDraft({ start: dashboard, fresh: false })}
          >
            Edit
          </Button>
          <Button icon={<Trash2 size={14} aria-hidden="true" />} onClick={() => setQuestion(remove)}>
            Delete
          </Button>
        </>
      ) : null}
      <DashboardEditor start={draft?.start ?? null} fresh={draft?.fresh ?? true} onClose={() => setDraft(null)} />
      <Confirm question={question} onClose={() => setQuestion(null)} />
    </>
  );
}
