/**
 * The order of cards as a value: arrays of device ids in, new arrays out. Nothing here touches the page.
 */

/** `order` with `id` at `position` (clamped to the ends); the same order when `id` is not in it. */
export function moved(order, id, position) {
  if (!order.includes(id)) return [...order];
  const rest = order.filter((other) => other !== id);
  const target = Math.max(0, Math.min(rest.length, position));
  return [...rest.slice(0, target), id, ...rest.slice(target)];
}

/** `ids` in the sequence of `order`; what `order` does not know follows in its own sequence. */
export function reconciled(order, ids) {
  const present = new Set(ids);
  const known = order.filter((id, index) => present.has(id) && order.indexOf(id) === index);
  const placed = new Set(known);
  return [...known, ...ids.filter((id) => !placed.has(id))];
}

/** Where a key moves the card at `position` of `count` cards; null when the key means no move. */
export function positionAfterKey(key, position, count) {
  switch (key) {
    case "ArrowLeft":
    case "ArrowUp":
      return Math.max(0, position - 1);
    case "ArrowRight":
    case "ArrowDown":
      return Math.min(count - 1, position + 1);
    case "Home":
      return 0;
    case "End":
      return count - 1;
    default:
      return null;
  }
}

/** Whether two orders are the same. */
export function sameOrder(one, other) {
  return one.length === other.length && one.every((id, index) => id === other[index]);
}
