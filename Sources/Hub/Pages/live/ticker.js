/** A worker that ticks: timers of a page that is not in sight run once a second only. */

let timer = null;

onmessage = ({ data: interval }) => {
  clearInterval(timer);
  timer = interval > 0 ? setInterval(() => postMessage(null), interval) : null;
};
