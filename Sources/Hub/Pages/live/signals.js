/** What a page that plays the device can stream: functions of the time in seconds, between about -1 and 1. */

export const signals = [
  { name: "sine", text: "Sine", make: () => (time) => Math.sin(2 * Math.PI * 0.5 * time) },
  { name: "random", text: "Random", make: (random) => () => random() * 2 - 1 },
  { name: "walk", text: "Walk", make: walk },
  { name: "pulse", text: "Pulse", make: () => pulse },
];

/** A function of the time for a signal's name. */
export function makeSignal(name, random = Math.random) {
  return (signals.find((each) => each.name === name) ?? signals[0]).make(random);
}

function walk(random) {
  let value = 0;
  return () => {
    value = Math.max(-1, Math.min(1, value * 0.998 + (random() - 0.5) * 0.12));
    return value;
  };
}

/** A heart that beats 66 times a minute, roughly: a wave, a spike, a wave. */
function pulse(time) {
  const phase = (time * 1.1) % 1;
  const bump = (centre, width, height) => height * Math.exp(-(((phase - centre) / width) ** 2));
  return bump(0.2, 0.035, 0.14) - bump(0.29, 0.012, 0.16) + bump(0.32, 0.014, 1) - bump(0.355, 0.014, 0.28) + bump(0.56, 0.06, 0.28);
}
