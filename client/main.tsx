import "./styles.css";
import { RouterProvider } from "@tanstack/react-router";
import { createRoot } from "react-dom/client";
import { startPreferences } from "./lib/preferences.ts";
import { router } from "./router.ts";

startPreferences();

const root = document.getElementById("root");
if (!root) throw new Error("index.html has no #root.");
createRoot(root).render(<RouterProvider router={router} />);
