// Which of the two views is seen: the address after the # says so, so that links and the back button work.

const run = JSON.parse(document.getElementById("run").textContent);
const main = document.querySelector("main");
const runView = new RunView(run);
let view = null;
let place = 0;

function turn() {
  const wanted = /^#case=(\d+)(?:&attempt=(\d+))?$/.exec(location.hash);
  const number = wanted ? Number(wanted[1]) : -1;
  if (view === runView) place = scrollY;
  view?.end();
  const attempt = wanted?.[2] === undefined ? undefined : Math.max(0, Number(wanted[2]) - 1);
  const first = view === null;
  view = run.cases[number] ? new CaseView(run, number, attempt) : runView;
  main.replaceChildren(view.root);
  document.title = `${view === runView ? "Run" : run.cases[number].name} on ${run.rig}`;
  scrollTo(0, view === runView ? place : 0);
  if (!first) view.root.querySelector("h1").focus({ preventScroll: true });
}

addEventListener("hashchange", turn);
// The canvas takes its colours when it is drawn.
matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => view.parts?.[0]?.draw());
turn();
