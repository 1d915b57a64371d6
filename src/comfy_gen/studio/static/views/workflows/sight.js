/** Which part of a drawing is seen in its window: how large, and from where. Pure. */

/** @typedef {{ scale: number, x: number, y: number }} Sight A point of the drawing is at `scale` times itself, and `x` and `y` further. */
/** @typedef {{ width: number, height: number }} Size */
/** @typedef {{ x: number, y: number }} Point In the window, from its upper left corner. */

export const [SMALLEST, LARGEST] = [0.05, 3];
export const STEP = 1.25;
/** With less than the first, a drawing begins with the second. */
export const [READABLE, BEGUN] = [0.4, 0.6];
/** So much of a drawing stays in its window, however far it is moved. */
const [KEPT, AIR] = [60, 16];

/**
 * See all of it, in the middle; nothing is made larger than it is.
 * @param {Size} drawing
 * @param {Size} window
 * @returns {Sight}
 */
export function fitted(drawing, window) {
    const room = Math.min((window.width - AIR) / drawing.width, (window.height - AIR) / drawing.height, 1);
    const scale = Number.isFinite(room) ? Math.max(SMALLEST, room) : 1;
    return {
        scale,
        x: (window.width - drawing.width * scale) / 2,
        y: (window.height - drawing.height * scale) / 2,
    };
}

/**
 * See all of it; of a drawing that could not be read then, see where it begins.
 * @param {Size} drawing
 * @param {Size} window
 * @returns {Sight}
 */
export function begun(drawing, window) {
    const all = fitted(drawing, window);
    if (all.scale >= READABLE) return all;
    const y = drawing.height * BEGUN < window.height ? (window.height - drawing.height * BEGUN) / 2 : 0;
    return { scale: BEGUN, x: 0, y };
}

/**
 * Make it larger or smaller; what is at a point stays there.
 * @param {Sight} sight
 * @param {number} factor
 * @param {Point} at
 * @returns {Sight}
 */
export function zoomed(sight, factor, at) {
    const scale = Math.max(SMALLEST, Math.min(LARGEST, sight.scale * factor));
    const by = scale / sight.scale;
    return { scale, x: at.x - (at.x - sight.x) * by, y: at.y - (at.y - sight.y) * by };
}

/**
 * @param {Sight} sight
 * @param {number} x
 * @param {number} y
 * @returns {Sight}
 */
export const moved = (sight, x, y) => ({ ...sight, x: sight.x + x, y: sight.y + y });

/**
 * Return it after two fingers went from one place to another.
 * @param {Sight} sight
 * @param {readonly [Point, Point]} before
 * @param {readonly [Point, Point]} after
 */
export function pinched(sight, before, after) {
    const [from, to] = [middleOf(before), middleOf(after)];
    const larger = zoomed(sight, apart(after) / Math.max(apart(before), 1), from);
    return moved(larger, to.x - from.x, to.y - from.y);
}

/**
 * Return it such that some of the drawing is in the window.
 * @param {Sight} sight
 * @param {Size} drawing
 * @param {Size} window
 * @returns {Sight}
 */
export function kept({ scale, x, y }, drawing, window) {
    const within = (/** @type {number} */ value, /** @type {number} */ size, /** @type {number} */ room) =>
        Math.max(KEPT - size * scale, Math.min(room - KEPT, value));
    return { scale, x: within(x, drawing.width, window.width), y: within(y, drawing.height, window.height) };
}

/**
 * Move it as little as is needed to have a box in the window; one that would be too small to read is made larger.
 * @param {Sight} sight
 * @param {Size & Point} box Of the drawing.
 * @param {Size} window
 * @returns {Sight}
 */
export function revealing(sight, box, window) {
    const scale = Math.max(sight.scale, Math.min(0.7, window.width / (box.width + 2 * AIR)));
    const centre = {
        x: (box.x + box.width / 2) * sight.scale + sight.x,
        y: (box.y + box.height / 2) * sight.scale + sight.y,
    };
    const large = scale === sight.scale ? sight : zoomed(sight, scale / sight.scale, centre);
    return {
        scale,
        x: shifted(large.x, box.x * scale, box.width * scale, window.width),
        y: shifted(large.y, box.y * scale, box.height * scale, window.height),
    };
}

/**
 * @param {number} offset
 * @param {number} start
 * @param {number} length
 * @param {number} room
 */
function shifted(offset, start, length, room) {
    if (start + offset < AIR || length + 2 * AIR > room) return AIR - start;
    return start + length + offset > room - AIR ? room - AIR - start - length : offset;
}

/** @param {readonly [Point, Point]} two */
const apart = ([a, b]) => Math.hypot(a.x - b.x, a.y - b.y);

/** @param {readonly [Point, Point]} two */
const middleOf = ([a, b]) => ({ x: (a.x + b.x) / 2, y: (a.y + b.y) / 2 });
