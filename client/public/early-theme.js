// Runs before the first paint so that no theme ever flashes the other one. A file of its own because the content
// security policy allows no inline script. Storage may be blocked; then the system's theme stands.
(() => {
  const root = document.documentElement;
  let saved = {};
  try {
    saved = JSON.parse(localStorage.getItem("bookproof:preferences") ?? "{}") ?? {};
  } catch {}
  const isDark =
    saved.theme === "dark" || (saved.theme !== "light" && matchMedia("(prefers-color-scheme: dark)").matches);
  root.dataset.theme = isDark ? "dark" : "light";
  if (saved.density) root.dataset.density = saved.density;
  if (saved.motion) root.dataset.motion = saved.motion;
})();
