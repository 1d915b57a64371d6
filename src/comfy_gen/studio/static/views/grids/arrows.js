/** Where a key leads in a table of cells. Pure. */

/**
 * Return the cell that a key leads to; null where it is none of these keys.
 * @param {string} key
 * @param {{ x: number, y: number }} from
 * @param {{ across: number, down: number }} size
 * @param {boolean} [isFar] With Control, to the very first or last.
 * @returns {{ x: number, y: number } | null}
 */
export function ledTo(key, { x, y }, { across, down }, isFar = false) {
    /** @type {Record<string, [number, number]>} */
    const targets = {
        ArrowRight: [x + 1, y],
        ArrowLeft: [x - 1, y],
        ArrowDown: [x, y + 1],
        ArrowUp: [x, y - 1],
        Home: [0, isFar ? 0 : y],
        End: [across - 1, isFar ? down - 1 : y],
    };
    const target = targets[key];
    if (!target) return null;
    return { x: within(target[0], across), y: within(target[1], down) };
}

/**
 * @param {number} value
 * @param {number} count
 */
const within = (value, count) => Math.max(0, Math.min(count - 1, value));
