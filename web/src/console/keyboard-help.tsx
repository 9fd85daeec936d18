import { setLook, useLook } from "../lib/theme";
import { Dialog } from "../ui/dialog";
import { Kbd } from "../ui/marks";

const groups: { title: string; keys: [string[], string][] }[] = [
  {
    title: "Everywhere",
    keys: [
      [["?"], "This list"],
      [["/"], "Filter or search"],
      [["c"], "Switch customer"],
      [["Ctrl K"], "Go to any customer or page"],
      [["g", "i"], "All investigations"],
      [["g", "d"], "Dashboards"],
      [["g", "c"], "Customers"],
      [["g", "v"], "Customer table"],
      [["g", "h"], "Home"],
      [["g", "a"], "Access"],
      [["g", "t"], "Technicians (administrators)"],
      [["g", "p"], "User preferences"],
      [["g", "l"], "Audit"],
    ],
  },
  {
    title: "In the queue",
    keys: [
      [["j", "k"], "Next and previous row"],
      [["Enter"], "Open"],
      [["i"], "Assign to me"],
      [["a"], "Assign to somebody"],
      [["s", "i", "Enter"], "Status: Investigating"],
      [["p", "c", "Enter"], "Priority: Critical"],
      [["d"], "Disposition"],
      [["e", "3", "Enter"], "Close as the third verdict"],
      [["m"], "Comment"],
      [["l"], "Tags"],
      [["t"], "Claim it, or let it go"],
      [["n"], "New investigation"],
      [["/"], "Words to look for"],
      [["f"], "Filter builder"],
    ],
  },
  {
    title: "With many rows",
    keys: [
      [["x"], "Select"],
      [["Shift", "↓"], "Select up to the next (also J, K)"],
      [["*"], "Select all that match"],
      [["x", "s"], "Selected rows: their status; so with a, p, d, e, m, l"],
      [["Esc"], "Select nothing"],
    ],
  },
  {
    title: "Among the customers",
    keys: [
      [["j", "k"], "Next and previous customer"],
      [["Enter"], "Open its page"],
      [["s"], "Sync now"],
      [["n"], "Add a customer"],
      [["e"], "Edit"],
      [["a"], "Who has access"],
      [["o"], "Next order"],
      [["Del"], "Delete"],
    ],
  },
  {
    title: "In a dashboard",
    keys: [
      [["Tab"], "Next panel"],
      [["Enter"], "Menu of the panel"],
      [["←", "→"], "Point by point in a chart"],
      [["r"], "Ask again"],
    ],
  },
  {
    title: "In an investigation",
    keys: [
      [["j", "k"], "Next and previous entry"],
      [["[", "]"], "Previous and next investigation"],
      [["s", "a", "p"], "Status, assignee, priority"],
      [["e"], "Close"],
      [["m"], "Comment"],
      [["t"], "Timeline or table"],
      [["u"], "Back to the queue"],
    ],
  },
];

export function KeyboardHelp({ open, onClose }: { open: boolean; onClose: () => void }) {
  const look = useLook();
  return (
    <Dialog open={open} onClose={onClose} title="Keyboard shortcuts" className="w-[920px]">
      <div className="grid grid-cols-3 gap-x-8 gap-y-5">
        {groups.map((group) => (
          <section key={group.title}>
            <h3 className="mb-1.5 text-sm font-medium text-muted">{group.title}</h3>
            <dl className="flex flex-col gap-1">
              {group.keys.map(([keys, does]) => (
                <div key={does} className="flex items-center justify-between gap-3">
                  <dt>{does}</dt>
                  <dd className="flex gap-1">
                    {keys.map((key) => (
                      <Kbd key={key}>{key}</Kbd>
                    ))}
                  </dd>
                </div>
              ))}
            </dl>
          </section>
        ))}
      </div>
      <label className="mt-6 flex items-center gap-2 border-t border-line pt-4">
        <input
          type="checkbox"
          className="size-4 accent-accent"
          checked={look.singleKeys}
          onChange={(event) => setLook({ singleKeys: event.target.checked })}
        />
        Single-letter shortcuts are on. Turn them off if you dictate or use a switch device.
      </label>
    </Dialog>
  );
}
