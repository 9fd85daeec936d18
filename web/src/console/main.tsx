import "../styles/index.css";
import { CSPProvider } from "@base-ui/react/csp-provider";
import { QueryClientProvider } from "@tanstack/react-query";
import { RouterProvider } from "@tanstack/react-router";
import { StrictMode } from "react";
import { createRoot } from "react-dom/client";
import { onSignedOut } from "../api/http";
import { createQueryClient } from "../lib/query";
import { applyLook } from "../lib/theme";
import { Toasts } from "../ui/toast";
import { createConsoleRouter } from "./router";

applyLook();
const queries = createQueryClient();
const router = createConsoleRouter();
onSignedOut(() => queries.setQueryData(["me"], null));

const root = document.getElementById("root");
if (root) {
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
