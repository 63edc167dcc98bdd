/**
 * Loads Chart.js, which the hub serves from the system's package, when a chart is wanted.
 *
 * @returns The library's `Chart`, or null when the hub has none or it does not load.
 */
let loading = null;

export function loadChartLibrary(available) {
  if (!available) return Promise.resolve(null);
  loading ??= new Promise((resolve) => {
    const script = document.createElement("script");
    script.src = "/vendor/chart.js";
    script.onload = () => resolve(globalThis.Chart ?? null);
    script.onerror = () => {
      loading = null;
      resolve(null);
    };
    document.head.append(script);
  });
  return loading;
}
