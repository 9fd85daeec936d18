import "../styles/index.css";
import { CSPProvider } from "@base-ui/react/csp-provider";
import { QueryClientProvider } from "@tanstack/react-query";
import { type AnyRouter, RouterProvider, useRouter } from "@tanstack/react-router";
import { Compass } from "lucide-react";
import { type ReactNode, StrictMode } from "react";
import { createRoot } from "react-dom/client";
import { onSignedOut } from "../api/http";
import { createQueryClient } from "../lib/query";
import { applyLook } from "../lib/theme";
import { Empty, Failure } from "../ui/states";
import { Toasts } from "../ui/toast";

/** Shows an entry's pages. */
export function show(router: AnyRouter): void {
  applyLook();
  const queries = createQueryClient();
  onSignedOut(() => queries.setQueryData(["me"], null));
  const root = document.getElementById("root");
  if (!root) return;
  createRoot(root).render(
    <StrictMode>
      <CSPProvider disableStyleElements>
        <QueryClientProvider client={queries}>
          <Toasts>
            <RouterProvider router={router} />
          </Toasts>
        </QueryClientProvider>
      </CSPProvider>
    </StrictMode>,
  );
}

/** An address nothing stands at; `home` leads to where one begins. */
export function NotFound({ home }: { home: ReactNode }) {
  return (
    <main>
      <h1 className="sr-only">Not found</h1>
      <Empty icon={<Compass size={18} />} title="There is no such page" action={home}>
        The address may be mistyped, or the page may have moved.
      </Empty>
    </main>
  );
}

export function PageError({ error }: { error: unknown }) {
  const router = useRouter();
  return (
    <div className="p-4">
      <Failure error={error} title="This page failed to show" onRetry={() => void router.invalidate()} />
    </div>
  );
}
