/**
 * Applies the kept theme before the first paint; a classic script in the head, because modules run after it.
 * theme.js lets the user change it.
 */
{
  let choice = "auto";
  try {
    choice = localStorage.getItem("theme") ?? "auto";
  } catch {
    // A browser that keeps nothing gets the automatic theme.
  }
  const dark = choice === "dark" || (choice !== "light" && matchMedia("(prefers-color-scheme: dark)").matches);
  document.documentElement.dataset.theme = dark ? "dark" : "light";
}
