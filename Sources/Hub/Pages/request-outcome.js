/**
 * What became of a request, in words for people.
 */

const words = {
  expired: "not sent: it waited too long",
  superseded: "not sent: a newer one took its place",
  refused: "not sent",
  failed: "did not arrive",
};

/**
 * @param request As GET /api/requests gives it; null while there is none.
 * @returns `{kind: "good" | "bad", text, detail}`, null while nothing is known.
 */
export function outcomeOf(request) {
  if (!request || request.result === "sent") return null;
  if (request.result === "acknowledged") {
    return { kind: "good", text: `arrived in ${duration(request.milliseconds)}`, detail: "The lamp's TCP has acknowledged it." };
  }
  const what = words[request.result];
  if (what === undefined) return null;
  const saysMore = request.reason && (request.result === "refused" || request.result === "failed");
  return { kind: "bad", text: saysMore ? `${what}: ${request.reason}` : what, detail: request.reason ?? "" };
}

function duration(milliseconds) {
  return milliseconds < 1000 ? `${milliseconds} ms` : `${(milliseconds / 1000).toFixed(1)} s`;
}
