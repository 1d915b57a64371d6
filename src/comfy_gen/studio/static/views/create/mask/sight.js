/** How a picture lies in a window: how large, and where its corner is. Pure. */

/** @typedef {{ scale: number, x: number, y: number }} Sight Of the picture's corner within the window. */
/** @typedef {{ width: number, height: number }} Size */
/** @typedef {import('./coverage.js').Point} Point */

const [LEAST, MOST] = [0.25, 24];

/**
 * Have all of a picture in the window, in its middle.
 * @param {Size} picture
 * @param {Size} room
 * @returns {Sight}
 */
export function fit(picture, room) {
    const scale = Math.min(room.width / picture.width, room.height / picture.height) || 1;
    return {
        scale,
        x: (room.width - picture.width * scale) / 2,
        y: (room.height - picture.height * scale) / 2,
    };
}

/**
 * Enlarge or reduce, so that what is at a place of the window stays there.
 * @param {Sight} sight
 * @param {Point} at
 * @param {number} factor
 * @param {number} fitting The scale at which all is seen: limits are told from it.
 * @returns {Sight}
 */
export function zoomed({ scale, x, y }, at, factor, fitting) {
    const next = Math.max(fitting * LEAST, Math.min(fitting * MOST, scale * factor));
    const times = next / scale;
    return { scale: next, x: at.x - (at.x - x) * times, y: at.y - (at.y - y) * times };
}

/**
 * @param {Sight} sight
 * @param {number} right
 * @param {number} down
 * @returns {Sight}
 */
export const moved = ({ scale, x, y }, right, down) => ({ scale, x: x + right, y: y + down });

/**
 * Keep some of the picture within the window, wherever it was moved.
 * @param {Sight} sight
 * @param {Size} picture
 * @param {Size} room
 * @returns {Sight}
 */
export function within({ scale, x, y }, picture, room) {
    const kept = 48;
    const bound = (/** @type {number} */ value, /** @type {number} */ length, /** @type {number} */ all) =>
        Math.max(kept - length * scale, Math.min(all - kept, value));
    return { scale, x: bound(x, picture.width, room.width), y: bound(y, picture.height, room.height) };
}

/**
 * Return which point of the picture is at a place of the window.
 * @param {Sight} sight
 * @param {Point} at
 * @returns {Point}
 */
export const inPicture = ({ scale, x, y }, at) => ({ x: (at.x - x) / scale, y: (at.y - y) / scale });

/**
 * Return the move and the factor between two places of two fingers.
 * @param {readonly [Point, Point]} before
 * @param {readonly [Point, Point]} after
 */
export function pinched([a, b], [c, d]) {
    const [from, to] = [middle(a, b), middle(c, d)];
    const factor = Math.hypot(c.x - d.x, c.y - d.y) / (Math.hypot(a.x - b.x, a.y - b.y) || 1);
    return { at: to, right: to.x - from.x, down: to.y - from.y, factor: factor || 1 };
}

/** @type {(a: Point, b: Point) => Point} */
const middle = (a, b) => ({ x: (a.x + b.x) / 2, y: (a.y + b.y) / 2 });
