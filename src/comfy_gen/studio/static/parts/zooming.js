/** How a picture lies in its window: how large, and how far from the middle. Pure. */

/**
 * @typedef {object} Zoom Distances are parts of the window's width and height, so that windows of any size can share it.
 * @property {number} scale 1 where all of the picture is seen.
 * @property {number} x Of the picture's middle from the window's.
 * @property {number} y
 */

/** @typedef {{ x: number, y: number }} Point From the middle of the window, in parts of it. */

/** @type {Readonly<Zoom>} */
export const FITTED = { scale: 1, x: 0, y: 0 };
export const LARGEST = 16;
/** How much larger a double click makes it, and a step with the keys. */
export const CLOSE = 3;
export const STEP = 1.3;

/**
 * Make it larger or smaller; what is at a point stays there.
 * @param {Zoom} zoom
 * @param {number} factor
 * @param {Point} [at]
 * @returns {Zoom}
 */
export function zoomed(zoom, factor, at = { x: 0, y: 0 }) {
    const scale = Math.max(1, Math.min(LARGEST, zoom.scale * factor));
    const by = scale / zoom.scale;
    return kept({ scale, x: at.x - (at.x - zoom.x) * by, y: at.y - (at.y - zoom.y) * by });
}

/**
 * @param {Zoom} zoom
 * @param {number} x
 * @param {number} y
 */
export const moved = (zoom, x, y) => kept({ ...zoom, x: zoom.x + x, y: zoom.y + y });

/**
 * Return it after two fingers went from one place to another.
 * @param {Zoom} zoom
 * @param {readonly [Point, Point]} before
 * @param {readonly [Point, Point]} after
 */
export function pinched(zoom, before, after) {
    const [from, to] = [middleOf(before), middleOf(after)];
    const factor = apart(after) / Math.max(apart(before), 0.001);
    return moved(zoomed(zoom, factor, from), to.x - from.x, to.y - from.y);
}

/**
 * Return it such that the window is never beside the picture.
 * @param {Zoom} zoom
 * @returns {Zoom}
 */
function kept({ scale, x, y }) {
    const most = (scale - 1) / 2;
    const within = (/** @type {number} */ value) => Math.max(-most, Math.min(most, value)) || 0;
    return { scale, x: within(x), y: within(y) };
}

/** @param {readonly [Point, Point]} two */
const apart = ([a, b]) => Math.hypot(a.x - b.x, a.y - b.y);

/** @param {readonly [Point, Point]} two */
const middleOf = ([a, b]) => ({ x: (a.x + b.x) / 2, y: (a.y + b.y) / 2 });
