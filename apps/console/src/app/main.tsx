import { HoldfastProvider, SecurityErrorBoundary } from "@holdfast/react";
import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { RouterProvider } from "@tanstack/react-router";
import { StrictMode } from "react";
import { createRoot } from "react-dom/client";
import { holdfast } from "../features/platform/platform-client.ts";
import { router } from "./router.tsx";
import "../ui/tokens.css";
import "../ui/base.css";
import "../ui/shell.css";
import "../ui/parts.css";
import "../ui/timeline.css";

const client = new QueryClient({
  defaultOptions: { queries: { retry: false, staleTime: 5_000, refetchInterval: 30_000 } },
});
const place = document.getElementById("root");
if (place === null) throw new Error("index.html has no element with the id root");

createRoot(place).render(
  <StrictMode>
    <SecurityErrorBoundary fallback={() => <p role="alert">The console met an error. Load the page again.</p>}>
      <HoldfastProvider holdfast={holdfast}>
        <QueryClientProvider client={client}>
          <RouterProvider router={router} />
        </QueryClientProvider>
      </HoldfastProvider>
    </SecurityErrorBoundary>
  </StrictMode>,
);
