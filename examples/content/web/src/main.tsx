import { HoldfastProvider } from "@holdfast/react";
import { RouterProvider } from "@tanstack/react-router";
import { StrictMode } from "react";
import { createRoot } from "react-dom/client";
import { router } from "./app/router.tsx";
import { holdfast } from "./app/session.ts";
import "./style/base.css";
import "./style/parts.css";
import "./style/account.css";

const root = document.querySelector("#application");
if (root === null) throw new Error("index.html has no element #application");

createRoot(root).render(
  <StrictMode>
    <HoldfastProvider holdfast={holdfast} navigate={(path) => void router.navigate({ href: path, replace: true })}>
      <RouterProvider router={router} />
    </HoldfastProvider>
  </StrictMode>,
);
